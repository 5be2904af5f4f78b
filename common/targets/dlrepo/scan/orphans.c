// SPDX-License-Identifier: MPL-2.0
// orphans: counts the files that nothing needs any more, and then finds them.
//
// Design notes
// - They are counted before any is put, because a guard wants to know which share of all goes. What
//   was an orphan is kept as records then. When these take too much memory all are marked instead,
//   and a second walk finds them, which only reads names and looks at few files.
// - The places of files that are removed meanwhile are held by directories. The walk may meet them:
//   they are empty, or gone when it comes to them.
#include "common/targets/dlrepo/scan/orphans.h"

#include "common/candidate.h"
#include "common/page.h"
#include "common/target/pass.h"
#include "common/targets/dlrepo/config/config.h"
#include "common/targets/dlrepo/record/record.h"
#include "common/targets/dlrepo/record/record_put.h"
#include "common/targets/dlrepo/repo/dir.h"
#include "common/targets/dlrepo/repo/walk.h"
#include "common/targets/dlrepo/rule/layout.h"
#include "common/targets/dlrepo/rule/orphan.h"
#include "common/targets/dlrepo/scan/crew.h"
#include "common/targets/dlrepo/scan/marks.h"
#include "common/targets/dlrepo/scan/survey.h"

#include <errno.h>
#include <malloc.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

enum { KEPT_BYTES = 7 * 1024 * 1024, KEPT_PAGE = 100 };

struct look {
	const struct dlrepo_config *config;
	struct marks *marks; // NULL: what is found is kept
	struct timespec now;
	// How many more may be put; -1: no limit.
	int64_t room;
};

static int begin(const struct dlrepo_config *config, struct survey *survey) {
	static const char *const tops[] = {BLOBS_DIR, UPLOADS_DIR, NULL};

	if (survey->crew != NULL)
		return 0;
	return crew_new(&survey->crew, survey->root, tops, (size_t)config->scan_threads);
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
static int look_at(struct page *page, const struct walk_file *file, struct stat *found) {
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

// Is it one that nothing needs?
static bool is_orphan(const struct look *look, const struct stat *found) {
	return orphan_is_due(found, &look->now, look->config->orphan_lifetime_ms);
}

// --- records

static int put(struct crew_member *member) {
	const struct record_moment moment = survey_moment();

	return record_writer_put(member->writer, &member->page, &moment);
}

static int put_file(
	struct crew_member *member, const struct walk_file *file, const struct stat *found
) {
	int err = 0;

	if (record_writer_is_full(member->writer, file->dir, file->name))
		err = put(member);
	if (err == 0)
		err = record_writer_add(
			member->writer,
			file->dir,
			file->name,
			(int64_t)found->st_mtim.tv_sec * 1000 + found->st_mtim.tv_nsec / 1000000
		);
	member->put++;
	member->put_bytes += found->st_size;
	return err;
}

// --- counted

static void count_file(
	const struct look *look, struct crew_member *member, const struct walk_file *file
) {
	struct stat found;

	if (look_at(&member->page, file, &found) < 0)
		return;
	member->page.rows++;
	member->files++;
	tell_damage(&member->page, file, &found);
	if (!is_orphan(look, &found))
		return;
	member->orphans++;
	if (look->marks == NULL)
		member->err = put_file(member, file, &found);
	else
		marks_add(look->marks, file->dir, file->name);
}

static void count_some(const void *ctx, struct crew_member *member) {
	struct walk_file file;
	enum walk_step step = WALK_FILE;

	while (member->err == 0 && member->page.rows < (int64_t)member->rows && step != WALK_END) {
		step = walker_next(member->walker, &file);
		if (step == WALK_TROUBLE)
			page_note(&member->page, PAGE_TROUBLE, "%s", walker_words(member->walker));
		else if (step == WALK_FILE)
			count_file(ctx, member, &file);
	}
	if (member->err == 0)
		member->err = put(member);
}

// --- put

static void put_some(const void *ctx, struct crew_member *member) {
	const struct look *look = ctx;
	enum walk_step step = WALK_FILE;
	struct walk_file file;
	struct stat found;

	for (size_t seen = 0; member->err == 0 && seen < member->rows && step != WALK_END &&
	     member->put != look->room;
	     seen++) {
		step = walker_next(member->walker, &file);
		if (step == WALK_FILE && marks_has(look->marks, file.dir, file.name) &&
		    look_at(&member->page, &file, &found) == 0 && is_orphan(look, &found))
			member->err = put_file(member, &file, &found);
	}
	if (member->err == 0)
		member->err = put(member);
}

// --- pages

static int take_step(
	const struct dlrepo_config *config,
	struct survey *survey,
	const struct pass *pass,
	crew_work *work,
	struct page *page,
	struct crew_found *found
) {
	struct look look = {
		.config = config, .marks = survey->marks, .room = survey_room(survey, pass)};
	const struct crew_order order = {
		.work = work,
		.ctx = &look,
		.rows = pass->wish.page_rows,
		// What one of them puts leaves less room for the others.
		.most = work == put_some && look.room >= 0 ? 1 : (size_t)config->scan_threads,
	};

	clock_gettime(CLOCK_REALTIME, &look.now);
	return crew_step(survey->crew, &order, page, found);
}

static int mark_record(struct marks *marks, const struct candidate *candidate) {
	struct record record;
	int err = record_read(&record, candidate);

	for (size_t i = 0; err == 0 && i < record.files.count; i++)
		marks_add(marks, record.files.dir, record.files.names[i]);
	record_fini(&record);
	return err;
}

// A mark may be of a name that is kept as well, so all of them are one or the other.
static int mark_kept(struct survey *survey) {
	int err = 0;

	for (const struct candidate *one = survey->kept.first; one != NULL && err == 0;
	     one = one->next)
		err = mark_record(survey->marks, one);
	page_fini(&survey->kept);
	page_init(&survey->kept);
	// Threads that are gone have allocated it, which others would not use again.
	malloc_trim(0);
	survey->kept_files = survey->kept_files_bytes = 0;
	return err;
}

// --max-records counts files, and of a record that is kept all would go.
static int mark_when_full(struct survey *survey, const struct pass *pass) {
	if (survey->marks != NULL)
		return 0;
	if (survey->kept_bytes < KEPT_BYTES && survey_room(survey, pass) < 0)
		return 0;
	survey->marks = marks_new();
	return survey->marks == NULL ? -ENOMEM : mark_kept(survey);
}

// Takes the records of the page away from it.
static void keep(struct survey *survey, struct page *page, const struct crew_found *found) {
	for (const struct candidate *one = page->first; one != NULL; one = one->next)
		survey->kept_bytes += one->data_bytes;
	page_move(&survey->kept, page, page->count);
	survey->kept_files += found->put;
	survey->kept_files_bytes += found->put_bytes;
}

int orphans_count_page(
	const struct dlrepo_config *config,
	struct survey *survey,
	const struct pass *pass,
	struct page *page
) {
	struct crew_found found = {.files = 0};
	int err = begin(config, survey);

	if (err == 0)
		err = mark_when_full(survey, pass);
	if (err == 0)
		err = take_step(config, survey, pass, count_some, page, &found);
	survey->files += found.files;
	survey->orphans += found.orphans;
	keep(survey, page, &found);
	page->end_of_stage = err == 0 && crew_is_done(survey->crew);
	page->has_estimate = page->end_of_stage;
	return err;
}

static void tell_put(struct survey *survey, int64_t files, int64_t bytes) {
	survey->put += files;
	survey->stage_put += files;
	survey->stage_bytes += bytes;
}

static void hand_over_kept(struct survey *survey, struct page *page) {
	tell_put(survey, survey->kept_files, survey->kept_files_bytes);
	survey->kept_files = survey->kept_files_bytes = 0;
	page_move(page, &survey->kept, KEPT_PAGE);
}

static bool is_all_put(const struct survey *survey, const struct pass *pass) {
	if (survey->marks == NULL)
		return survey->kept.count == 0;
	return survey_room(survey, pass) == 0 || crew_is_done(survey->crew);
}

int orphans_page(
	const struct dlrepo_config *config,
	struct survey *survey,
	const struct pass *pass,
	struct page *page
) {
	struct crew_found found = {.files = 0};
	int err = 0;

	if (survey->marks == NULL) {
		hand_over_kept(survey, page);
	} else if (survey_room(survey, pass) != 0) {
		err = begin(config, survey);
		if (err == 0)
			err = take_step(config, survey, pass, put_some, page, &found);
		tell_put(survey, found.put, found.put_bytes);
	}
	page->end_of_stage = err == 0 && is_all_put(survey, pass);
	return err;
}
