// SPDX-License-Identifier: MPL-2.0
// log: one line an event, as JSON or for people.
#include "common/base/log.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "common/base/buf.h"
#include "common/base/clock.h"
#include "common/base/outlet.h"

enum {
	VALUE_BYTES_MAX = 512,
	LINE_BYTES_MAX = 64 * 1024,
	// For the reader, between two lines that it took at once.
	WAIT_MS = 1000,
	// For the last line of a run, and once for errors.
	WAIT_MORE_MS = 3000,
	// More than all callers have at once.
	SELDOM_KINDS = 32,
};

static const char line_begin[] = "\r\033[K"; // takes away what stands there

static const char *const level_names[] = {"DEBUG", "INFO", "WARNING", "ERROR"};

struct seldom {
	char kind[128];
	int64_t again_ms; // when its time is
};

struct log {
	atomic_int level; // an enum log_level
	bool human;
	pthread_mutex_t lock; // of what follows
	struct outlet outlet;
	// A passing line is on the terminal.
	bool passing;
	// Lines that nobody read, since the last one that was written.
	int64_t lost;
	// How long the reader is still waited for.
	int64_t wait_ms;
	int64_t error_wait_ms; // and for an error
	struct seldom seldom[SELDOM_KINDS];
};

struct log_field log_str(const char *key, const char *value) {
	return (struct log_field){.key = key, .kind = LOG_KIND_STR, .u.str = value};
}

struct log_field log_int(const char *key, int64_t value) {
	return (struct log_field){.key = key, .kind = LOG_KIND_INT, .u.num = value};
}

struct log_field log_dbl(const char *key, double value) {
	return (struct log_field){.key = key, .kind = LOG_KIND_DOUBLE, .u.dbl = value};
}

struct log_field log_bool(const char *key, bool value) {
	return (struct log_field){.key = key, .kind = LOG_KIND_BOOL, .u.flag = value};
}

struct log *log_new(int fd, enum log_level level, bool human) {
	struct log *log = malloc(sizeof(*log));

	if (log == NULL)
		return NULL;
	*log = (struct log
	){.level = (int)level, .human = human, .wait_ms = WAIT_MS, .error_wait_ms = WAIT_MORE_MS};
	pthread_mutex_init(&log->lock, NULL);
	outlet_init(&log->outlet, fd);
	return log;
}

void log_free(struct log *log) {
	if (log == NULL)
		return;
	pthread_mutex_destroy(&log->lock);
	free(log);
}

void log_insist(struct log *log) {
	if (log == NULL)
		return;
	pthread_mutex_lock(&log->lock);
	log->wait_ms = WAIT_MORE_MS;
	pthread_mutex_unlock(&log->lock);
}

// The place of a kind; a new one takes that of the kind whose time is next, for nothing is kept
// silent for want of room.
static struct seldom *find_seldom(struct log *log, const char *kind) {
	struct seldom *next = &log->seldom[0];

	for (size_t i = 0; i < SELDOM_KINDS; i++) {
		struct seldom *seldom = &log->seldom[i];

		if (strncmp(seldom->kind, kind, sizeof(seldom->kind) - 1) == 0)
			return seldom;
		if (seldom->again_ms < next->again_ms)
			next = seldom;
	}
	snprintf(next->kind, sizeof(next->kind), "%s", kind);
	next->again_ms = 0;
	return next;
}

bool log_is_due(struct log *log, const char *kind, int64_t every_ms) {
	int64_t now_ms = clock_mono_ms();
	struct seldom *seldom;
	bool is_due;

	if (log == NULL)
		return false;
	pthread_mutex_lock(&log->lock);
	seldom = find_seldom(log, kind);
	is_due = seldom->again_ms <= now_ms;
	if (is_due)
		seldom->again_ms = now_ms + every_ms;
	pthread_mutex_unlock(&log->lock);
	return is_due;
}

bool log_enabled(const struct log *log, enum log_level level) {
	return log != NULL && (int)level >= atomic_load_explicit(&log->level, memory_order_relaxed);
}

void log_set_level(struct log *log, enum log_level level) {
	atomic_store(&log->level, (int)level);
}

// Length of `text` when it is cut so that no character is torn.
static size_t cut_len(const char *text) {
	size_t len = strnlen(text, VALUE_BYTES_MAX + 1);

	if (len <= VALUE_BYTES_MAX)
		return len;
	len = VALUE_BYTES_MAX;
	for (int i = 0; i < 3 && ((unsigned char)text[len] & 0xC0) == 0x80; i++)
		len--;
	return len;
}

static void add_json_text(struct buf *line, const char *text) {
	if (text == NULL) {
		buf_str(line, "null");
		return;
	}
	buf_str(line, "\"");
	buf_json(line, text, cut_len(text));
	buf_str(line, "\"");
}

static bool needs_quotes(const char *text) {
	for (const char *p = text; *p != '\0'; p++)
		if ((unsigned char)*p <= ' ' || *p == '"' || *p == '\\' || *p == '=' ||
		    (unsigned char)*p >= 0x7F)
			return true;
	return *text == '\0';
}

static void add_human_text(struct buf *line, const char *text) {
	if (text == NULL || needs_quotes(text))
		add_json_text(line, text);
	else
		buf_add(line, text, cut_len(text));
}

static void add_value(struct buf *line, const struct log_field *field, bool human) {
	switch (field->kind) {
	case LOG_KIND_STR:
		if (human)
			add_human_text(line, field->u.str);
		else
			add_json_text(line, field->u.str);
		break;
	case LOG_KIND_INT:
		buf_fmt(line, "%" PRId64, field->u.num);
		break;
	case LOG_KIND_DOUBLE:
		if (isfinite(field->u.dbl))
			buf_fmt(line, "%.15g", field->u.dbl);
		else
			buf_str(line, "null");
		break;
	case LOG_KIND_BOOL:
		buf_str(line, field->u.flag ? "true" : "false");
		break;
	case LOG_KIND_END:
		break;
	}
}

static void format_time(char *out, size_t bytes) {
	int64_t now_ms = clock_wall_ms();
	time_t seconds = (time_t)(now_ms / 1000);
	struct tm tm;
	size_t len;

	gmtime_r(&seconds, &tm);
	len = strftime(out, bytes, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(out + len, bytes - len, ".%03dZ", (int)(now_ms % 1000));
}

static void build_human(
	struct buf *line, enum log_level level, const char *message, const struct log_field *fields
) {
	char when[32];

	format_time(when, sizeof(when));
	buf_fmt(line, "%s %-5s ", when, level_names[level]);
	buf_json(line, message, cut_len(message));
	for (; fields != NULL && fields->kind != LOG_KIND_END; fields++) {
		buf_fmt(line, " %s=", fields->key);
		add_value(line, fields, true);
	}
}

static void build_json(
	struct buf *line, enum log_level level, const char *message, const struct log_field *fields
) {
	char when[32];

	format_time(when, sizeof(when));
	buf_fmt(line, "{\"severity\":\"%s\",\"message\":", level_names[level]);
	add_json_text(line, message);
	buf_fmt(line, ",\"timestamp\":\"%s\"", when);
	for (; fields != NULL && fields->kind != LOG_KIND_END; fields++) {
		buf_str(line, ",");
		add_json_text(line, fields->key);
		buf_str(line, ":");
		add_value(line, fields, false);
	}
	buf_str(line, "}");
}

static void build(
	struct buf *line,
	bool human,
	enum log_level level,
	const char *message,
	const struct log_field *fields
) {
	if (human)
		build_human(line, level, message, fields);
	else
		build_json(line, level, message, fields);
	// A line that cannot be built is not lost without a trace.
	if (line->error != 0) {
		buf_clear(line);
		buf_str(line, "{\"severity\":\"ERROR\",\"message\":\"log line lost\"}");
	}
	buf_str(line, "\n");
}

static int write_line(struct log *log, const struct buf *line, int64_t *wait_ms) {
	return line->error != 0 ? line->error
				: outlet_write(&log->outlet, line->data, line->len, wait_ms);
}

static int clear_passing(struct log *log, int64_t *wait_ms) {
	int err = 0;

	if (log->passing)
		err = outlet_write(&log->outlet, line_begin, strlen(line_begin), wait_ms);
	if (err == 0)
		log->passing = false;
	return err;
}

// Says how many lines were lost before the next one is written.
static int write_lost(struct log *log, int64_t *wait_ms) {
	const struct log_field fields[] = {log_int("lines", log->lost), {0}};
	struct buf line;
	int err;

	if (log->lost == 0)
		return 0;
	buf_init(&line, LINE_BYTES_MAX);
	build(&line, log->human, LOG_LEVEL_WARNING, "log lines lost: nobody read them", fields);
	err = write_line(log, &line, wait_ms);
	buf_fini(&line);
	if (err == 0)
		log->lost = 0;
	return err;
}

static void write_locked(struct log *log, enum log_level level, const struct buf *line) {
	int64_t most_ms = log->wait_ms + (level >= LOG_LEVEL_ERROR ? log->error_wait_ms : 0);
	int64_t left_ms = most_ms;
	int err = clear_passing(log, &left_ms);

	if (err == 0)
		err = write_lost(log, &left_ms);
	if (err == 0)
		err = write_line(log, line, &left_ms);
	if (err == 0 && left_ms == most_ms) {
		log->wait_ms = WAIT_MS;
		log->error_wait_ms = WAIT_MORE_MS;
		return;
	}
	log->wait_ms -= most_ms - left_ms;
	if (log->wait_ms < 0) {
		log->error_wait_ms += log->wait_ms;
		log->wait_ms = 0;
	}
	if (err == -EAGAIN)
		log->lost++;
}

void log_write(
	struct log *log, enum log_level level, const char *message, const struct log_field *fields
) {
	int saved = errno;
	struct buf line;

	if (!log_enabled(log, level))
		return;
	buf_init(&line, LINE_BYTES_MAX);
	build(&line, log->human, level, message, fields);
	pthread_mutex_lock(&log->lock);
	write_locked(log, level, &line);
	pthread_mutex_unlock(&log->lock);
	buf_fini(&line);
	errno = saved;
}

void log_passing(struct log *log, const char *text) {
	int64_t wait_ms = 0;
	struct buf line;

	if (log == NULL)
		return;
	buf_init(&line, LINE_BYTES_MAX);
	buf_fmt(&line, "%s%s", line_begin, text);
	pthread_mutex_lock(&log->lock);
	if (log->passing || *text != '\0') {
		(void)write_line(log, &line, &wait_ms);
		log->passing = *text != '\0';
	}
	pthread_mutex_unlock(&log->lock);
	buf_fini(&line);
}

static int level_of_number(const char *name, enum log_level *out) {
	char *end;
	long number;

	errno = 0;
	number = strtol(name, &end, 10);
	if (end == name || *end != '\0' || errno != 0 || number < 0)
		return -EINVAL;
	*out = number <= 10    ? LOG_LEVEL_DEBUG
		: number <= 20 ? LOG_LEVEL_INFO
		: number <= 30 ? LOG_LEVEL_WARNING
			       : LOG_LEVEL_ERROR;
	return 0;
}

int log_level_parse(const char *name, enum log_level *out) {
	static const struct {
		const char *name;
		enum log_level level;
	} names[] = {
		{"debug", LOG_LEVEL_DEBUG},
		{"info", LOG_LEVEL_INFO},
		{"warn", LOG_LEVEL_WARNING},
		{"warning", LOG_LEVEL_WARNING},
		{"error", LOG_LEVEL_ERROR},
		{"critical", LOG_LEVEL_ERROR},
		{"fatal", LOG_LEVEL_ERROR},
		{"notset", LOG_LEVEL_DEBUG},
	};
	int saved = errno;
	int err;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcasecmp(name, names[i].name) == 0) {
			*out = names[i].level;
			return 0;
		}
	}
	err = level_of_number(name, out);
	errno = saved;
	return err;
}
