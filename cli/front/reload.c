// SPDX-License-Identifier: MPL-2.0
// reload: SIGHUP has the file of options read again, and the files that say what may go.
#include "cli/front/reload.h"

#include "cli/front/front.h"
#include "cli/front/front_log.h"
#include "common/base/log.h"
#include "common/conf/conf.h"

#include <errno.h>
#include <stdint.h>

struct reload {
	struct log *log;
	int64_t taken;
	int64_t waiting;
};

static void tell_change(void *ctx, const struct conf_change *change) {
	struct reload *reload = ctx;
	const struct log_field option = log_str("option", change->row->name);
	const struct log_field before = log_str("before", change->before);
	const struct log_field now = log_str("now", change->now);

	switch (change->kind) {
	case CONF_TAKEN:
		reload->taken++;
		LOG(reload->log,
		    LOG_LEVEL_INFO,
		    "SIGHUP: an option has changed",
		    option,
		    before,
		    now);
		break;
	case CONF_WAITS:
		reload->waiting++;
		LOG(reload->log,
		    LOG_LEVEL_WARNING,
		    "SIGHUP: a changed option wants a new start",
		    option);
		break;
	case CONF_OVERRULED:
		LOG(reload->log,
		    LOG_LEVEL_WARNING,
		    "SIGHUP: command line or environment go before a changed option",
		    option,
		    before,
		    now);
		break;
	}
}

static void read_options(const struct front *front) {
	struct reload reload = {.log = front->log};
	char error[512];
	int err = conf_again(front->conf, tell_change, &reload, error, sizeof(error));

	if (err < 0)
		LOG(front->log,
		    LOG_LEVEL_ERROR,
		    "SIGHUP: all options stay as they were",
		    log_str("error", error));
	else
		LOG(front->log,
		    LOG_LEVEL_INFO,
		    "SIGHUP: the file of options was read again",
		    log_int("changed", reload.taken),
		    log_int("waiting", reload.waiting));
}

// As front_read_files.
static int read_files(const struct front *front) {
	char words[FRONT_WORDS_BYTES];
	int outcome = front_read_files(front, words, sizeof(words));

	if (outcome == -ENOENT)
		return outcome;
	if (outcome < 0)
		LOG(front->log,
		    LOG_LEVEL_ERROR,
		    "SIGHUP: what may go stays as it was read before",
		    log_str("error", words));
	else
		LOG(front->log,
		    LOG_LEVEL_INFO,
		    "SIGHUP: what may go was read again",
		    log_str("now", words),
		    log_bool("changed", outcome > 0));
	return outcome;
}

bool reload_options(
	const struct front *front, const struct front_log *options, bool *changes_what_may_go
) {
	bool has_file = conf_has_file(front->conf);
	int outcome;

	// What was ordered is told also where else only errors are.
	if (front_log_level(options) > LOG_LEVEL_INFO)
		log_set_level(front->log, LOG_LEVEL_INFO);
	if (has_file)
		read_options(front);
	outcome = read_files(front);
	log_set_level(front->log, front_log_level(options));
	if (changes_what_may_go != NULL)
		*changes_what_may_go = outcome > 0;
	return has_file || outcome != -ENOENT;
}
