// SPDX-License-Identifier: MPL-2.0
// scope: do the topics hold candidates of this database?
#include "cli/scope.h"

#include "cli/front.h"
#include "common/handle.h"
#include "common/kafka_state.h"
#include "common/target.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { LAYOUT_MS = 15 * 1000 };

static int
read_layout(const struct front *front, const struct kafka_options *kafka, struct layout *layout) {
	struct kafka_state *state = NULL;
	char error[512];
	int err = kafka_state_open(
		&state, kafka, front->target->name, front->log, error, sizeof(error)
	);

	if (err < 0)
		return front_fail(err, error);
	err = kafka_state_layout(state, LAYOUT_MS, layout);
	if (err == -ESRCH || err == -ENOENT)
		fprintf(stderr,
			"purgefleet: the topics are not there; make them: purgefleet topics %s "
			"create\n",
			front->target->name);
	else if (err < 0)
		front_fail(err, kafka_state_error(state));
	kafka_state_close(state);
	return err;
}

// The records name rows of one database: in another one they would name others.
static int compare(const struct front *front, const struct layout *layout) {
	struct handle *handle = NULL;
	char scope[LAYOUT_SCOPE_BYTES] = "", error[512];
	int err = handle_new(
		&handle, front->target->handle_kind, front->location, error, sizeof(error)
	);

	if (err < 0)
		return front_fail(err, error);
	err = handle_open(handle);
	if (err == 0 && front->target->identify != NULL)
		err = front->target->identify(front->config, handle, scope, sizeof(scope));
	if (err < 0) {
		fprintf(stderr, "purgefleet: cannot start: %s\n", handle_error(handle));
	} else if (layout->scope[0] != '\0' && strcmp(layout->scope, scope) != 0) {
		err = -ESTALE;
		fprintf(stderr,
			"purgefleet: the topics hold candidates of the database '%s', this is "
			"'%s'; check the database or --topic-prefix\n",
			layout->scope,
			scope);
	}
	handle_free(handle);
	return err;
}

int scope_check(const struct front *front, const struct kafka_options *kafka) {
	struct layout layout = {0};
	int err = read_layout(front, kafka, &layout);

	return err < 0 ? err : compare(front, &layout);
}
