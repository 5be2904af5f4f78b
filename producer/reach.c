// SPDX-License-Identifier: MPL-2.0
// reach: connects to what a pass scans, which may take seconds and hears of no stop.
#include "producer/reach.h"

void reach_init(struct reach *reach, struct handle *handle, const char *source) {
	reach->handle = handle;
	reach->source = source;
	atomic_store(&reach->reaches, -1);
}

void reach_note(struct reach *reach, bool is_there) {
	atomic_store(&reach->reaches, is_there ? 1 : 0);
}

int reach_open(struct reach *reach, struct pass *pass) {
	struct pass_facts *facts = &pass->facts;
	int err;

	atomic_store(&reach->is_waiting, true);
	err = handle_open(reach->handle);
	atomic_store(&reach->is_waiting, false);
	reach_note(reach, err == 0);
	if (err < 0)
		handle_say_unreachable(
			reach->handle, err, reach->source, facts->error, sizeof(facts->error)
		);
	return err;
}

bool reach_is_waiting(const struct reach *reach) {
	return atomic_load(&reach->is_waiting);
}

int reach_reaches(const struct reach *reach) {
	return atomic_load(&reach->reaches);
}
