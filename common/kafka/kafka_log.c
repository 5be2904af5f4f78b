// SPDX-License-Identifier: MPL-2.0
// kafka_log: what librdkafka says by itself: lines for a log, and errors of its connections.
//
// Design notes. The library tries to connect again all the time. Up to 2.10 it tells the same
// failure again after half a minute, later ones tell it with each try: thousands of lines a minute.
#include "common/kafka/kafka_log.h"

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/kafka/kafka_error.h"

#include <stdio.h>
#include <string.h>
#include <syslog.h>

enum { AGAIN_MS = 60 * 1000 };

// The library calls a broker of --brokers "…/bootstrap".
static bool is_of_bootstrap(const char *text) {
	return strstr(text, "/bootstrap: ") != NULL;
}

static bool is_unresolved(const char *text) {
	return strstr(text, ": Failed to resolve '") != NULL;
}

bool kafka_log_is_of_address(const char *text) {
	return !is_of_bootstrap(text) &&
		(is_unresolved(text) || strstr(text, ": Connect to ") != NULL ||
		 strstr(text, ": Connection setup timed out") != NULL);
}

// Words for an operator when the address that a broker gave of itself is of no use here; NULL: it
// is not about that.
static const char *address_words(const struct kafka_opaque *opaque, const char *text) {
	if (!kafka_log_is_of_address(text))
		return NULL;
	if (is_unresolved(text))
		return "a broker's advertised address cannot be resolved; mend "
		       "advertised.listeners of that broker, or the name";
	if (!opaque->tells_errors)
		return "a broker cannot be reached at its advertised address; does it run, and is "
		       "its advertised.listeners right?";
	return NULL;
}

// Without "[thrd:…]: " and "(after 2ms in state CONNECT)", so that the same is told in the same
// words.
static void note_address(struct kafka_opaque *opaque, const char *text) {
	const char *begin = strncmp(text, "[thrd:", 6) == 0 ? strstr(text, "]: ") : NULL;
	const char *end;

	text = begin == NULL ? text : begin + strlen("]: ");
	end = strstr(text, " (after ");
	pthread_mutex_lock(&opaque->lock);
	opaque->address_ms = clock_mono_ms();
	snprintf(
		opaque->address_words,
		sizeof(opaque->address_words),
		"a broker cannot be reached at the address that it advertises "
		"(advertised.listeners): %.*s; does it run, and is that address right from here?",
		(int)(end == NULL ? strlen(text) : (size_t)(end - text)),
		text
	);
	pthread_mutex_unlock(&opaque->lock);
}

void kafka_log_line(const rd_kafka_t *handle, int level, const char *facility, const char *text) {
	struct kafka_opaque *opaque = rd_kafka_opaque(handle);
	bool is_failure = strcmp(facility, "FAIL") == 0;
	const char *words;
	bool is_told;

	if (opaque == NULL)
		return;
	if (is_failure && kafka_log_is_of_address(text))
		note_address(opaque, text);
	words = is_failure ? address_words(opaque, text) : NULL;
	if (words != NULL && log_is_due(opaque->log, words, AGAIN_MS)) {
		LOG(opaque->log, LOG_LEVEL_WARNING, words, log_str("error", text));
		return;
	}
	is_failure |= strcmp(facility, "ERROR") == 0;
	is_told = words == NULL && level <= LOG_ERR && !(opaque->tells_errors && is_failure) &&
		log_is_due(opaque->log, facility, AGAIN_MS);
	LOG(opaque->log,
	    is_told ? LOG_LEVEL_INFO : LOG_LEVEL_DEBUG,
	    "librdkafka",
	    log_str("facility", facility),
	    log_str("text", text));
}

// Who refused us says more than what came of it.
void kafka_log_trouble(rd_kafka_t *handle, int err, const char *text, void *pointer) {
	struct kafka_opaque *opaque = pointer;
	enum kafka_class class = kafka_classify((rd_kafka_resp_err_t)err);

	(void)handle;
	if (opaque == NULL || (opaque->trouble == KAFKA_DENIED && class != KAFKA_DENIED) ||
	    (opaque->trouble != KAFKA_OK && err == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN))
		return;
	// A broker that wants TLS just closes the connection.
	if (err == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN)
		text = "no broker answers; check --brokers, and --kafka.security.protocol when "
		       "they want TLS or a password";
	opaque->trouble = class;
	snprintf(opaque->trouble_words, sizeof(opaque->trouble_words), "%s", text);
}
