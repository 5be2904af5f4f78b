// SPDX-License-Identifier: MPL-2.0
// story: what the log tells about a stage.
#include "common/targets/softdelete/scan/story.h"

#include "common/targets/softdelete/config/config.h"
#include "common/targets/softdelete/config/preset.h"
#include "common/targets/softdelete/scan/scan.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct story {
	const struct softdelete_config *config;
	const struct pass *pass;
	const struct table *table; // of the stage
	char *out;
	size_t out_bytes;
};

// Does the stage only look for rows, because nothing goes or others remove it?
static bool only_looks(const struct story *story) {
	return story->pass->wish.dryrun || story->pass->wish.scan_only;
}

static const char *deed(const struct story *story) {
	if (story->pass->wish.scan_only)
		return story->pass->wish.dryrun ? "Would publish" : "Published";
	return story->pass->wish.dryrun ? "Would delete" : "Deleted";
}

// What the limit of the table holds back, for a dry run.
static void tell_limit(const struct story *story, int64_t due) {
	int64_t limit = softdelete_config_limit(story->config, story->table);
	size_t len = strlen(story->out);

	if (limit >= 0 && due > limit)
		snprintf(
			story->out + len,
			story->out_bytes - len,
			" of %" PRId64 " that are old enough (limit %" PRId64 ")",
			due,
			limit
		);
}

// "Purging …" or, at the end, "Deleted …".
static void tell(const struct story *story, bool ended, int64_t rows, const char *name) {
	if (ended)
		snprintf(
			story->out,
			story->out_bytes,
			"%s %" PRId64 " row(s) from table %s",
			deed(story),
			rows,
			name
		);
	else
		snprintf(
			story->out,
			story->out_bytes,
			"%s deleted rows older than %" PRId64 " day(s) from table %s",
			only_looks(story) ? "Looking for" : "Purging",
			story->config->age_in_days,
			name
		);
}

// What a dry run knows of rows that a foreign key holds. False: nothing to tell.
static bool tell_blocked(const struct story *story, const struct scan_table *table) {
	const struct scan *scan = story->pass->facts.scan;
	// Foreign keys that this user cannot see.
	bool is_partial = scan->schema.warning[0] != '\0';
	const char *name = story->table->name;

	if (!story->pass->wish.dryrun || story->pass->wish.scan_only || table->due_rows == 0 ||
	    (table->blocked_rows == 0 && !is_partial))
		return false;
	if (table->blocked_rows < 0)
		snprintf(
			story->out,
			story->out_bytes,
			"Rows of table %s that other rows refer to would stay; these could "
			"not be counted: no time, or no right to read what refers to them",
			name
		);
	else
		snprintf(
			story->out,
			story->out_bytes,
			"%" PRId64
			"%s row(s) of table %s would stay, because other rows refer to them%s",
			table->blocked_rows,
			is_partial ? " or more" : "",
			name,
			is_partial ? "; this user may not see all tables that can" : ""
		);
	return true;
}

static bool tell_circle(const struct story *story, const struct scan_table *table) {
	const struct scan *scan = story->pass->facts.scan;

	if (table->circle_rows == 0)
		return false;
	snprintf(
		story->out,
		story->out_bytes,
		"%" PRId64
		" row(s) of table %s stay, because they refer to each other in a circle, or "
		"are referred to from one: set one's %s to NULL",
		table->circle_rows,
		story->table->name,
		scan->schema.tables[scan->table].parents[0]
	);
	return true;
}

static void tell_along(const struct story *story, bool ended, int64_t rows) {
	const struct preset *preset = story->config->preset;
	const struct table *along;
	char names[300] = "";

	for (size_t i = 0; (along = preset_along(preset, story->table, i)) != NULL; i++) {
		size_t len = strlen(names);

		snprintf(names + len, sizeof(names) - len, "%s%s", i == 0 ? "" : ", ", along->name);
	}
	// Only the removal looks into them.
	if (ended && only_looks(story))
		snprintf(
			story->out,
			story->out_bytes,
			"%s what belongs to these rows from table %s",
			deed(story),
			names
		);
	else
		tell(story, ended, rows, names);
}

// First the tables that go with the stage's, then itself, then its note.
bool softdelete_narrate(
	const void *config,
	const struct pass *pass,
	const struct narration *line,
	char *out,
	size_t out_bytes
) {
	const struct softdelete_config *conf = config;
	const struct scan *scan = pass->facts.scan;
	size_t stage = line->ended ? scan->table : scan_stage_now(scan, conf->preset);
	const struct story story = {
		.config = conf,
		.pass = pass,
		.table = &conf->preset->tables[stage],
		.out = out,
		.out_bytes = out_bytes,
	};
	bool has_along = preset_along(conf->preset, story.table, 0) != NULL;

	switch (line->index + (has_along ? 0 : 1)) {
	case 0:
		tell_along(&story, line->ended, pass->wish.removed_also - scan->also_before);
		return true;
	case 1:
		tell(&story, line->ended, scan_stage_rows(scan, pass), story.table->name);
		if (line->ended && pass->wish.dryrun)
			tell_limit(&story, scan->tables[stage].due_rows);
		return true;
	case 2:
		if (line->ended)
			return tell_blocked(&story, &scan->tables[stage]) ||
				tell_circle(&story, &scan->tables[stage]);
		snprintf(out, out_bytes, "%s: %s", story.table->name, story.table->note);
		return pass->wish.dryrun && story.table->note[0] != '\0';
	// When the one before was about what is blocked.
	case 3:
		return line->ended && tell_blocked(&story, &scan->tables[stage]) &&
			tell_circle(&story, &scan->tables[stage]);
	default:
		return false;
	}
}
