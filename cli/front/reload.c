// SPDX-License-Identifier: MPL-2.0
// reload: SIGHUP has the file of options read again.
#include "cli/front/reload.h"

#include "cli/front/front.h"
#include "common/base/log.h"
#include "common/conf/conf.h"

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

bool reload_options(const struct front *front, const struct front_log *options) {
	struct reload reload = {.log = front->log};
	enum log_level level;
	char error[512];
	int err;

	if (!conf_has_file(front->conf))
		return false;
	level = front_log_level(options);
	// What was ordered is told also where else only errors are.
	if (level > LOG_LEVEL_INFO)
		log_set_level(front->log, LOG_LEVEL_INFO);
	err = conf_again(front->conf, tell_change, &reload, error, sizeof(error));
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
	log_set_level(front->log, front_log_level(options));
	return true;
}
