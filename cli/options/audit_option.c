// SPDX-License-Identifier: MPL-2.0
// audit_option: opens the audit log that --audit-log names.
#include "cli/options/audit_option.h"

#include "cli/front/front.h"
#include "common/base/log.h"
#include "worker/audit/audit.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

bool audit_option_is_topic(const char *value) {
	return value != NULL && strcmp(value, "topic") == 0;
}

int audit_option_open(struct audit **out, const char *value) {
	char error[512] = "out of memory";

	*out = NULL;
	if (value == NULL)
		return 0;
	if (audit_option_is_topic(value))
		return audit_open_queue(out) < 0 ? front_fail(-ENOMEM, error) : 0;
	if (audit_open(out, value, error, sizeof(error)) == 0)
		return 0;
	return front_fail(-EIO, error);
}

bool audit_option_reopen(struct audit *audit, struct log *log) {
	if (audit == NULL || !audit_has_file(audit))
		return false;
	if (audit_reopen(audit) == 0)
		LOG(log, LOG_LEVEL_INFO, "SIGHUP: the audit log was opened anew");
	else
		LOG(log,
		    LOG_LEVEL_ERROR,
		    "SIGHUP: the audit log goes on in the file that it was",
		    log_str("error", audit_error(audit)));
	return true;
}
