// SPDX-License-Identifier: MPL-2.0
// lock_choice: which kind of lock a target's scanner has.
#include "producer/outbox/lock_choice.h"

#include "common/handle.h"
#include "common/target/target.h"
#include "common/target/target_scanner.h"
#include "producer/outbox/lock_db.h"
#include "producer/outbox/lock_file.h"

#include <errno.h>
#include <stdio.h>

// Of a target and a prefix of topics.
enum { NAME_BYTES = 320 };

static int new_elsewhere(struct lock **out, const struct lock_wish *wish) {
	char name[NAME_BYTES];

	snprintf(name, sizeof(name), "%s/%s", wish->target->name, wish->owner);
	return lock_db_new(out, wish->url, name, wish->is_alone);
}

int lock_choice_new(struct lock **out, const struct lock_wish *wish) {
	const char *name = wish->target->name;

	switch (wish->target->handle_kind) {
	case HANDLE_DB:
		return wish->url != NULL ? -EINVAL
					 : lock_db_new(out, wish->location, name, wish->is_alone);
	case HANDLE_DIR:
		// Each host has candidates of its own there: one lock for all would keep them out.
		if (wish->target->scanner->only_reads)
			return wish->url != NULL ? -EINVAL
						 : lock_file_of_directory(out, wish->location);
		return wish->url != NULL ? new_elsewhere(out, wish)
					 : lock_file_new(out, wish->location, name);
	case HANDLE_NONE:
		break;
	}
	return -ENOTSUP;
}
