// SPDX-License-Identifier: MPL-2.0
// decode_line: a record as one line of JSON.
#include "cli/show/decode_line.h"

#include "common/candidate.h"
#include "common/kafka/record.h"
#include "common/pack/pack.h"
#include "common/pack/pack_json.h"
#include "common/text/hex.h"

#include <inttypes.h>

static void add_text(struct buf *line, const char *key, const void *bytes, size_t len) {
	buf_fmt(line, ",\"%s\":", key);
	if (bytes == NULL) {
		buf_str(line, "null");
		return;
	}
	buf_str(line, "\"");
	if (len > 0)
		buf_json(line, bytes, len);
	buf_str(line, "\"");
}

// Why a record of candidates cannot be worked on; NULL when it can, and for maps that are no such
// record.
static const char *find_fault(const void *bytes, size_t len) {
	struct candidate *candidate = NULL;
	struct record head;
	struct unpack *unpack;
	char target[RECORD_NAME_BYTES];
	bool is_record;

	if (unpack_open(&unpack, bytes, len) < 0)
		return "not_a_map";
	is_record = unpack_str(unpack, "t", target, sizeof(target)) == 0;
	unpack_close(unpack);
	if (!is_record || record_decode(bytes, len, &head, &candidate) == 0) {
		candidate_free(candidate);
		return NULL;
	}
	return head.fault;
}

static void add_value(struct buf *line, const unsigned char *bytes, size_t len) {
	const char *fault = find_fault(bytes, len);
	size_t value_bytes = 0;
	size_t before = line->len;

	buf_str(line, ",\"record\":");
	if (pack_json(line, bytes, len, &value_bytes) < 0 || value_bytes != len) {
		// Not one whole value: show the bytes as they are.
		if (line->error == 0) {
			line->len = before;
			line->data[before] = '\0';
		}
		buf_str(line, ",\"bytes\":\"");
		hex_add(line, bytes, len);
		buf_str(line, "\"");
	}
	if (fault != NULL)
		buf_fmt(line, ",\"fault\":\"%s\"", fault);
}

static void add_headers(struct buf *line, const rd_kafka_message_t *message) {
	rd_kafka_headers_t *headers = NULL;
	const char *name;
	const void *value;
	size_t len;

	if (rd_kafka_message_headers(message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR)
		return;
	buf_str(line, ",\"headers\":{");
	for (size_t i = 0;
	     rd_kafka_header_get_all(headers, i, &name, &value, &len) == RD_KAFKA_RESP_ERR_NO_ERROR;
	     i++) {
		buf_str(line, i == 0 ? "" : ",");
		buf_json_text(line, name);
		buf_str(line, ":\"");
		if (len > 0)
			buf_json(line, value, len);
		buf_str(line, "\"");
	}
	buf_str(line, "}");
}

void decode_line_message(struct buf *line, const rd_kafka_message_t *message) {
	buf_clear(line);
	buf_fmt(line,
		"{\"partition\":%" PRId32 ",\"offset\":%" PRId64 ",\"timestamp\":%" PRId64,
		message->partition,
		message->offset,
		rd_kafka_message_timestamp(message, NULL));
	add_text(line, "key", message->key, message->key_len);
	add_headers(line, message);
	if (message->payload == NULL)
		buf_str(line, ",\"record\":null");
	else
		add_value(line, message->payload, message->len);
	buf_str(line, "}");
}

void decode_line_value(struct buf *line, const unsigned char *bytes, size_t len) {
	buf_clear(line);
	buf_fmt(line, "{\"bytes_long\":%zu", len);
	add_value(line, bytes, len);
	buf_str(line, "}");
}
