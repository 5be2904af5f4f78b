// SPDX-License-Identifier: MPL-2.0
// orphans: counts the files that nothing needs any more, and then finds them.
//
// Design notes
// - They are counted before any is put, because a guard wants to know which share of all goes. What
//   was an orphan is marked then, so that the second walk only reads names and looks at few files.
// - The places of files that are removed meanwhile are held by directories. The walk may meet them:
//   they are empty, or gone when it comes to them.
#include "common/targets/dlrepo/scan/orphans.h"

#include "common/page.h"
#include "common/target/pass.h"
#include "common/targets/dlrepo/config/config.h"
#include "common/targets/dlrepo/record/record_put.h"
#include "common/targets/dlrepo/repo/dir.h"
#include "common/targets/dlrepo/repo/walk.h"
#include "common/targets/dlrepo/rule/layout.h"
#include "common/targets/dlrepo/rule/orphan.h"
#include "common/targets/dlrepo/scan/marks.h"
#include "common/targets/dlrepo/scan/survey.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

static int begin(struct survey *survey) {
	static const char *const tops[] = {BLOBS_DIR, UPLOADS_DIR, NULL};

	if (survey->marks == NULL)
		survey->marks = marks_new();
	if (survey->writer == NULL)
		survey->writer = record_writer_new();
	if (survey->marks == NULL || survey->writer == NULL)
		return -ENOMEM;
	return survey->walk == NULL ? walk_open(&survey->walk, survey->root, tops) : 0;
}

static void tell_damage(struct page *page, const struct walk_file *file, const struct stat *found) {
	const char *shard = strchr(file->dir, '/');

	if (found->st_size == 0 && shard != NULL && layout_is_below(file->dir, BLOBS_DIR) &&
	    orphan_is_damaged(shard + 1, file->name, found))
		page_note(
			page,
			PAGE_TROUBLE,
			"'%.200s/%.200s' is empty, and its name is of other content: who has it "
			"(%ld links) has lost it, and an upload of it is thrown away as long as it "
			"is there",
			file->dir,
			file->name,
			(long)found->st_nlink - 1
		);
}

// 0: there is one to look at; -ENOENT: not.
static int look(struct page *page, const struct walk_file *file, struct stat *found) {
	int err;

	if (orphan_is_silly(file->name))
		return -ENOENT;
	err = dir_look(file->fd, file->name, found);
	if (err < 0 && err != -ENOENT)
		page_note(
			page,
			PAGE_TROUBLE,
			"'%.200s/%.200s': %s",
			file->dir,
			file->name,
			dir_words(err)
		);
	return err < 0 || !S_ISREG(found->st_mode) ? -ENOENT : 0;
}

int orphans_count_page(
	const struct dlrepo_config *config,
	struct survey *survey,
	const struct pass *pass,
	struct page *page
) {
	struct walk_file file;
	struct timespec now;
	struct stat found;
	int err = begin(survey);

	clock_gettime(CLOCK_REALTIME, &now);
	while (err == 0 && page->rows < (int64_t)pass->wish.page_rows && !page->end_of_stage) {
		enum walk_step step = walk_next(survey->walk, &file);

		page->end_of_stage = step == WALK_END;
		if (step == WALK_TROUBLE)
			page_note(page, PAGE_TROUBLE, "%s", walk_words(survey->walk));
		if (step != WALK_FILE || look(page, &file, &found) < 0)
			continue;
		page->rows++;
		survey->files++;
		tell_damage(page, &file, &found);
		if (!orphan_is_due(&found, &now, config->orphan_lifetime_ms))
			continue;
		survey->orphans++;
		marks_add(survey->marks, file.dir, file.name);
	}
	page->has_estimate = page->end_of_stage;
	return err;
}

static int put(struct survey *survey, struct page *page) {
	const struct record_moment moment = survey_moment();

	return record_writer_put(survey->writer, page, &moment);
}

static int put_file(
	struct survey *survey,
	struct page *page,
	const struct walk_file *file,
	const struct stat *found
) {
	int err = 0;

	if (record_writer_is_full(survey->writer, file->dir, file->name))
		err = put(survey, page);
	if (err == 0)
		err = record_writer_add(
			survey->writer,
			file->dir,
			file->name,
			(int64_t)found->st_mtim.tv_sec * 1000 + found->st_mtim.tv_nsec / 1000000
		);
	survey->put++;
	survey->stage_put++;
	survey->stage_bytes += found->st_size;
	return err;
}

int orphans_page(
	const struct dlrepo_config *config,
	struct survey *survey,
	const struct pass *pass,
	struct page *page
) {
	struct walk_file file;
	struct timespec now;
	struct stat found;
	size_t seen = 0;
	int err = begin(survey);

	clock_gettime(CLOCK_REALTIME, &now);
	while (err == 0 && seen < pass->wish.page_rows && !page->end_of_stage) {
		enum walk_step step = walk_next(survey->walk, &file);

		page->end_of_stage = step == WALK_END || survey_room(survey, pass) == 0;
		seen++;
		if (page->end_of_stage || step == WALK_TROUBLE ||
		    !marks_has(survey->marks, file.dir, file.name) ||
		    look(page, &file, &found) < 0 ||
		    !orphan_is_due(&found, &now, config->orphan_lifetime_ms))
			continue;
		err = put_file(survey, page, &file, &found);
	}
	return err == 0 ? put(survey, page) : err;
}
