// SPDX-License-Identifier: MPL-2.0
// lock_choice: which kind of lock a target's scanner has.
#include "producer/outbox/lock_choice.h"

#include "common/handle.h"
#include "common/target/target.h"
#include "producer/outbox/lock_db.h"
#include "producer/outbox/lock_file.h"

#include <errno.h>

int lock_choice_new(
	struct lock **out, const struct target *target, const char *location, bool is_alone
) {
	switch (target->handle_kind) {
	case HANDLE_DB:
		return lock_db_new(out, location, target->name, is_alone);
	case HANDLE_DIR:
		return lock_file_new(out, location, target->name);
	case HANDLE_NONE:
		break;
	}
	return -ENOTSUP;
}
