// SPDX-License-Identifier: MPL-2.0
// look_rows: how many rows may be purged, as the database says.
#include "cli/status/look_rows.h"

#include "cli/front/front.h"
#include "common/base/clock.h"
#include "common/handle.h"
#include "common/target/pass.h"
#include "common/target/target.h"
#include "common/target/target_scanner.h"

#include <stdio.h>
#include <stdlib.h>

static void say(struct view_rows *out, const char *why) {
	out->source.is_known = false;
	snprintf(out->source.why, sizeof(out->source.why), "%.*s", VIEW_WHY_BYTES - 1, why);
}

static void count(
	const struct front *front,
	struct handle *handle,
	struct pass *pass,
	int64_t timeout_ms,
	struct view_rows *out
) {
	const struct target_scanner *scanner = front->target->scanner;
	int err = scanner->begin(front->config, handle, pass);

	if (err == 0 && scanner->estimate == NULL)
		say(out, "this target counts nothing");
	else if (err == 0)
		err = scanner->estimate(front->config, handle, pass, timeout_ms, &out->estimate);
	if (err < 0)
		say(out, pass->facts.error);
	else if (scanner->estimate != NULL && out->estimate.eligible < 0)
		say(out, "it was not counted in time");
	else if (scanner->estimate != NULL)
		out->source = (struct view_source){.is_known = true};
	scanner->end(front->config, pass);
}

void look_rows_ask(const struct front *front, int64_t timeout_ms, struct view_rows *out) {
	struct pass *pass;
	struct handle *handle = NULL;
	char error[512] = "out of memory";
	int err;

	*out = (struct view_rows){.estimate = {.eligible = -1}};
	if (front->target->scanner->estimates_late) {
		say(out, "a pass alone counts it");
		out->source.is_known = true;
		return;
	}
	pass = calloc(1, sizeof(*pass));
	say(out, front->location == NULL ? "no database is named: give --database-url URL" : error);
	if (pass == NULL || front->location == NULL) {
		free(pass);
		return;
	}
	// As a dry run's: nothing will be removed by us.
	pass->wish = (struct pass_wish){
		.id = "status",
		.started_wall_ms = clock_wall_ms(),
		.page_rows = 1,
		.scan_only = true,
		.dryrun = true,
	};
	err = handle_new(
		&handle, front->target->handle_kind, front->location, error, sizeof(error)
	);
	if (err == 0)
		err = handle_open(handle);
	if (err < 0 && handle != NULL)
		handle_say_unreachable(handle, err, front->source, error, sizeof(error));
	if (err < 0)
		say(out, error);
	else
		count(front, handle, pass, timeout_ms, out);
	handle_free(handle);
	free(pass);
}
