// SPDX-License-Identifier: MPL-2.0
// log: what operators read on standard error, one line an event.
//
// JSON lines {"severity","message","timestamp",…} or, for people, plain text. The message is
// constant, except a target's own lines; what varies goes into fields. Never put a secret or an
// e-mail address into a field at LOG_LEVEL_INFO and above. A reader that does not read holds nobody
// up for long: it is waited for, but no more than a second between two lines that it took at once
// (three more for an error), then lines are lost and counted.
// Thread: any (a line up to PIPE_BUF is written with one write).
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct log; // opaque

enum log_level { LOG_LEVEL_DEBUG, LOG_LEVEL_INFO, LOG_LEVEL_WARNING, LOG_LEVEL_ERROR };

enum log_kind { LOG_KIND_END = 0, LOG_KIND_STR, LOG_KIND_INT, LOG_KIND_DOUBLE, LOG_KIND_BOOL };

// One field. A NULL string is shown as null; text that is not UTF-8 is shown escaped, over-long
// text is cut.
struct log_field {
	const char *key;
	enum log_kind kind;
	union {
		const char *str;
		int64_t num;
		double dbl;
		bool flag;
	} u;
};

// Field constructors for LOG().
struct log_field log_str(const char *key, const char *value);
struct log_field log_int(const char *key, int64_t value);
struct log_field log_dbl(const char *key, double value);
struct log_field log_bool(const char *key, bool value);

// A logger that writes lines of at least `level` to `fd`, for people when `human`. NULL: out of
// memory.
struct log *log_new(int fd, enum log_level level, bool human);
// NULL is fine; does not close the fd.
void log_free(struct log *log);

// The next line is the last of a run: waits for the reader up to three seconds more.
void log_insist(struct log *log);

// For a line that would come again and again: is it time to tell of its kind (any words)? At most
// once in every_ms for each kind and log, as long as there are no more than 32 kinds; with more,
// those whose time is next are told sooner. A NULL log: false.
bool log_is_due(struct log *log, const char *kind, int64_t every_ms);

bool log_enabled(const struct log *log, enum log_level level);
// From now on.
void log_set_level(struct log *log, enum log_level level);

// Writes one line. `fields` ends with kind LOG_KIND_END. A NULL log swallows it. errno is kept.
void log_write(
	struct log *log, enum log_level level, const char *message, const struct log_field *fields
);

// For a terminal: a line that the next one replaces, of whatever kind; "": takes it away. Nobody is
// waited for, so it is left out when the terminal does not take it at once. A NULL log swallows it.
void log_passing(struct log *log, const char *text);

// LOG(log, LOG_LEVEL_INFO, "run ended", log_int("rows", n), log_str("state", s));
#define LOG(log, level, ...) LOG_PICK(log, level, __VA_ARGS__, (struct log_field){0})
#define LOG_PICK(log, level, message, ...)                                                         \
	log_write(log, level, message, (const struct log_field[]){__VA_ARGS__})

// The level of a name as operators write them: debug, info, warn, warning, error, critical, any
// case, or a Python number such as 10. Returns 0 or -EINVAL.
int log_level_parse(const char *name, enum log_level *out);
