// SPDX-License-Identifier: MPL-2.0
// state: what is known of a record that is in work.
#include "common/targets/dlrepo/state.h"

#include <errno.h>
#include <stdlib.h>

int state_read(struct state **out, const struct candidate *candidate) {
	struct state *state = calloc(1, sizeof(*state));
	int err = state == NULL ? -ENOMEM : record_read(&state->record, candidate);

	if (err == 0) {
		size_t count = state->record.files.count + 1;

		state->files = calloc(count, sizeof(*state->files));
		state->failed = calloc(count, sizeof(*state->failed));
		if (state->files == NULL || state->failed == NULL)
			err = -ENOMEM;
	}
	if (err < 0) {
		state_free(state);
		return err;
	}
	*out = state;
	return 0;
}

void state_free(struct state *state) {
	if (state == NULL)
		return;
	record_fini(&state->record);
	free(state->files);
	free(state->failed);
	free(state);
}
