// SPDX-License-Identifier: MPL-2.0
// survey: how far a walk over a repository has come. Its stages are tags, the quotas of users, and
// orphan files, which are counted before any is put. Thread: scan.
#pragma once

#include "common/page.h"
#include "common/targets/dlrepo/record/record_put.h"
#include "common/targets/dlrepo/removal/recovery.h"
#include "common/targets/dlrepo/repo/listing.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct crew;
struct dlrepo_config;
struct marks;
struct pass;

enum survey_stage {
	SURVEY_TAGS,
	SURVEY_QUOTAS,
	SURVEY_COUNT,
	SURVEY_ORPHANS,
	SURVEY_TIDY,
};

struct survey {
	int root; // its own
	enum survey_stage stage;
	struct recovery recovered;
	bool tells_recovery; // not told yet
	// What the stage goes over: branches, or users.
	struct listing names;
	size_t next_name;
	bool has_names;
	// Files, of the count and then of the orphans.
	struct crew *crew;
	// What the count found: as records, or marked when these are too many.
	struct page kept;
	size_t kept_bytes;
	int64_t kept_files;
	int64_t kept_files_bytes;
	struct marks *marks; // NULL: they are kept
	// So far: files that were looked at, and those of them that are orphans.
	int64_t files;
	int64_t orphans;
	// Records that were put, for --max-records.
	int64_t put;
	// What was removed before the stage began.
	int64_t removed_before;
	int64_t bytes_before;
	// In this stage.
	int64_t stage_put;
	int64_t stage_bytes;
	// The next page is of the next stage.
	bool is_stage_over;
};

void survey_free(struct survey *survey); // NULL is fine
enum survey_stage survey_stage_first(const struct dlrepo_config *config, const struct pass *pass);
// Which stage comes behind this one, which is not the last.
enum survey_stage survey_stage_after(
	const struct dlrepo_config *config, const struct pass *pass, enum survey_stage stage
);
void survey_begin_stage(struct survey *survey, enum survey_stage stage, const struct pass *pass);
// How many more may be put; -1: no limit.
int64_t survey_room(const struct survey *survey, const struct pass *pass);
struct record_moment survey_moment(void);
// The next of `names`, which are the directories in `dir` of the root; NULL: no more, or it cannot
// be read, which the page then tells.
const char *survey_next_name(
	struct survey *survey, const char *dir, enum listing_want want, struct page *page
);
