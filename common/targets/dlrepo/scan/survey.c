// SPDX-License-Identifier: MPL-2.0
// survey: how far a walk over a repository has come.
#include "common/targets/dlrepo/scan/survey.h"

#include "common/base/clock.h"
#include "common/page.h"
#include "common/target/pass.h"
#include "common/targets/dlrepo/config/config.h"
#include "common/targets/dlrepo/repo/dir.h"
#include "common/targets/dlrepo/scan/crew.h"
#include "common/targets/dlrepo/scan/marks.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

void survey_free(struct survey *survey) {
	if (survey == NULL)
		return;
	listing_free(&survey->names);
	crew_free(survey->crew);
	page_fini(&survey->kept);
	marks_free(survey->marks);
	if (survey->root >= 0)
		close(survey->root);
	free(survey);
}

enum survey_stage survey_stage_first(const struct dlrepo_config *config, const struct pass *pass) {
	return config->orphans_only || pass->wish.is_short ? SURVEY_COUNT : SURVEY_TAGS;
}

enum survey_stage survey_stage_after(
	const struct dlrepo_config *config, const struct pass *pass, enum survey_stage stage
) {
	enum survey_stage next = (enum survey_stage)(stage + 1);

	if (next == SURVEY_QUOTAS && (!config->quotas || pass->wish.dryrun || pass->wish.scan_only))
		next = SURVEY_COUNT;
	return next;
}

void survey_begin_stage(struct survey *survey, enum survey_stage stage, const struct pass *pass) {
	listing_free(&survey->names);
	crew_free(survey->crew);
	survey->crew = NULL;
	survey->has_names = false;
	survey->next_name = 0;
	survey->stage = stage;
	survey->stage_put = 0;
	survey->stage_bytes = 0;
	survey->removed_before = pass->wish.removed;
	survey->bytes_before = pass->wish.removed_bytes;
}

int64_t survey_room(const struct survey *survey, const struct pass *pass) {
	int64_t room = pass->wish.max_records - survey->put;

	if (pass->wish.max_records <= 0)
		return -1;
	return room > 0 ? room : 0;
}

struct record_moment survey_moment(void) {
	return (struct record_moment){.wall_ms = clock_wall_ms(), .mono_ms = clock_mono_ms()};
}

static void read_names(
	struct survey *survey, const char *dir, enum listing_want want, struct page *page
) {
	int fd = dir_open(survey->root, dir);
	int err = fd < 0 ? fd : listing_read(&survey->names, fd, want);

	if (fd >= 0)
		close(fd);
	if (err < 0 && err != -ENOENT)
		page_note(page, PAGE_TROUBLE, "'%s': %s", dir, dir_words(err));
	survey->has_names = true;
}

const char *survey_next_name(
	struct survey *survey, const char *dir, enum listing_want want, struct page *page
) {
	if (!survey->has_names)
		read_names(survey, dir, want, page);
	return survey->next_name < survey->names.count ? survey->names.names[survey->next_name++]
						       : NULL;
}
