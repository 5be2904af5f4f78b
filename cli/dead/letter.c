// SPDX-License-Identifier: MPL-2.0
// letter: a dead letter: the record that was given up, and why.
#include "cli/dead/letter.h"

#include "cli/dead/letter_reason.h"
#include "common/kafka/topics/replay.h"
#include "common/target/finding.h"
#include "common/target/target.h"
#include "common/target/target_remover.h"
#include "common/target/work.h"
#include "common/text/number.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

// --- headers

static const void *find_header(
	const rd_kafka_message_t *message, const char *name, size_t *value_bytes
) {
	rd_kafka_headers_t *headers = NULL;
	const void *value = NULL;

	*value_bytes = 0;
	if (rd_kafka_message_headers(message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR ||
	    rd_kafka_header_get_last(headers, name, &value, value_bytes) !=
		    RD_KAFKA_RESP_ERR_NO_ERROR)
		return NULL;
	return value;
}

// A number as another program may have written it; 0 when there is none.
static int read_number(const rd_kafka_message_t *message, const char *name) {
	size_t len;
	const void *text = find_header(message, name, &len);
	int64_t number = 0;

	if (text != NULL)
		(void)number_parse(text, len, 0, 1000000, &number);
	return (int)number;
}

// A copy, up to a NUL in it; *out stays NULL when there is no such header. 0 or -ENOMEM.
static int read_text(const rd_kafka_message_t *message, const char *name, char **out) {
	size_t len;
	const void *text = find_header(message, name, &len);

	if (text == NULL)
		return 0;
	*out = strndup(text, len);
	return *out == NULL ? -ENOMEM : 0;
}

static int read_headers(struct letter *letter, const rd_kafka_message_t *message) {
	size_t len;
	const void *reason = find_header(message, "purge.error.reason", &len);
	int err;

	letter->reason = reason == NULL ? LETTER_OTHER : letter_reason_of(reason, len);
	letter->status = read_number(message, "purge.error.status");
	letter->attempts = read_number(message, "purge.error.attempts");
	letter->is_truncated = find_header(message, "purge.truncated", &len) != NULL;
	err = read_text(message, "purge.error.message", &letter->message);
	return err < 0 ? err : read_text(message, REPLAY_HEADER, &letter->replay);
}

// --- the record

static int find_node(struct letter *letter, const struct target *target, const void *config) {
	struct work work = {.candidate = letter->candidate};
	struct finding why = {.verdict = VERDICT_GO};
	const char *where = NULL;
	int err;

	if (target->remover->plan == NULL)
		return 0;
	err = target->remover->load(config, &work, &why);
	finding_clear(&why);
	if (err < 0)
		return err == -EBADMSG ? 0 : err;
	(void)target->remover->plan(config, &work, &where);
	if (where != NULL) {
		letter->node = strdup(where);
		err = letter->node == NULL ? -ENOMEM : 0;
	}
	target->remover->unload(config, &work);
	return err;
}

static int read_record(
	struct letter *letter, const struct target *target, const rd_kafka_message_t *message
) {
	int err = record_decode(message->payload, message->len, &letter->head, &letter->candidate);

	if (err == 0 && strcmp(letter->head.target, target->name) != 0) {
		candidate_free(letter->candidate);
		letter->candidate = NULL;
		letter->head.fault = "other_target";
	}
	return err == -EBADMSG ? 0 : err;
}

int letter_read(
	struct letter *out,
	const struct target *target,
	const void *config,
	const rd_kafka_message_t *message
) {
	int err;

	*out = (struct letter){
		.partition = message->partition,
		.offset = message->offset,
		.stamp_ms = rd_kafka_message_timestamp(message, NULL),
		.key = malloc(message->key_len + 1),
		.key_bytes = message->key_len,
		.state = LETTER_IN_DOUBT,
	};
	if (out->key == NULL)
		return -ENOMEM;
	if (message->key_len > 0)
		memcpy(out->key, message->key, message->key_len);
	out->key[message->key_len] = '\0';
	err = read_headers(out, message);
	if (err == 0)
		err = read_record(out, target, message);
	if (err == 0 && out->candidate != NULL)
		err = find_node(out, target, config);
	// What its node did not hear is missing there, whatever became of the row.
	if (out->replay != NULL)
		out->state = LETTER_OPEN;
	return err;
}

void letter_fini(struct letter *letter) {
	candidate_free(letter->candidate);
	free(letter->key);
	free(letter->message);
	free(letter->replay);
	free(letter->node);
	*letter = (struct letter){.partition = 0};
}

const char *letter_id(const struct letter *letter) {
	return letter->candidate == NULL ? letter->key : letter->candidate->id;
}
