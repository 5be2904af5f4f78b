// SPDX-License-Identifier: MPL-2.0
// scanner: finds surplus tags and orphan files of a repository.
#include "common/targets/dlrepo/scan/scanner.h"

#include "common/handle.h"
#include "common/page.h"
#include "common/targets/dlrepo/config/config.h"
#include "common/targets/dlrepo/removal/proof.h"
#include "common/targets/dlrepo/removal/recovery.h"
#include "common/targets/dlrepo/repo/aside.h"
#include "common/targets/dlrepo/repo/dir.h"
#include "common/targets/dlrepo/repo/identity.h"
#include "common/targets/dlrepo/rule/human_size.h"
#include "common/targets/dlrepo/rule/layout.h"
#include "common/targets/dlrepo/scan/orphans.h"
#include "common/targets/dlrepo/scan/quotas.h"
#include "common/targets/dlrepo/scan/survey.h"
#include "common/targets/dlrepo/scan/tags.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

// --- begin and end

// An empty directory is what is left where a file system is not mounted; or a repository that waits
// for its first upload.
static void know(const struct dlrepo_config *config, struct pass *pass, int root) {
	static const char *const parts[] = {
		BRANCHES_DIR, PRODUCTS_DIR, USERS_DIR, BLOBS_DIR, UPLOADS_DIR};
	struct stat file;

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		if (dir_look(root, parts[i], &file) == 0)
			return;
	}
	snprintf(
		pass->facts.warning,
		sizeof(pass->facts.warning),
		"'%.300s' has nothing of a repository, neither %s nor %s: is it the root of one, "
		"and mounted?",
		config->root,
		BRANCHES_DIR,
		BLOBS_DIR
	);
}

// What a real run would fail of, as far as can be seen without a change.
static void foresee(const struct dlrepo_config *config, struct pass *pass, int root) {
	proof_foresee(config, root, pass->facts.obstacle, sizeof(pass->facts.obstacle));
	if (faccessat(root, ".", W_OK | X_OK, AT_EACCESS) < 0)
		snprintf(
			pass->facts.obstacle,
			sizeof(pass->facts.obstacle),
			"cannot write in '%.300s': %s",
			config->root,
			strerror(errno)
		);
}

static int prepare(const struct dlrepo_config *config, struct survey *survey, struct pass *pass) {
	int err;

	know(config, pass, survey->root);
	if (pass->wish.dryrun && !pass->wish.scan_only)
		foresee(config, pass, survey->root);
	if (pass->wish.dryrun)
		return 0;
	// What will be done has to be possible before anything is touched.
	err = pass->wish.scan_only
		? 0
		: proof_make(config, survey->root, pass->facts.error, sizeof(pass->facts.error));
	// One that only scans may have no right to it; then workers do it.
	if (err == 0 && faccessat(survey->root, ".", W_OK | X_OK, AT_EACCESS) == 0)
		recovery_run(survey->root, config->aside, &survey->recovered);
	survey->tells_recovery = true;
	return err;
}

static int fail(struct pass *pass, int err) {
	snprintf(
		pass->facts.error,
		sizeof(pass->facts.error),
		"cannot open the repository: %s",
		dir_words(err)
	);
	return err == -ENOMEM ? err : -EPERM;
}

static int begin(const void *config, struct handle *handle, struct pass *pass) {
	const struct dlrepo_config *conf = config;
	struct survey *survey;
	int err = 0;

	if (pass->wish.has_range_start || pass->wish.has_range_end) {
		snprintf(
			pass->facts.error,
			sizeof(pass->facts.error),
			"--range-start and --range-end mean nothing here: leave them out"
		);
		return -EINVAL;
	}
	survey = calloc(1, sizeof(*survey));
	if (survey == NULL)
		return -ENOMEM;
	page_init(&survey->kept);
	survey->root = dir_open(handle_dir(handle), "");
	if (survey->root < 0)
		err = fail(pass, survey->root);
	if (err == 0)
		err = prepare(conf, survey, pass);
	if (err < 0) {
		survey_free(survey);
		return err;
	}
	survey_begin_stage(survey, survey_stage_first(conf, pass), pass);
	pass->facts.cutoff = pass->wish.started_wall_ms - conf->orphan_lifetime_ms;
	pass->facts.scan = survey;
	return 0;
}

static void end(const void *config, struct pass *pass) {
	(void)config;
	survey_free(pass->facts.scan);
	pass->facts.scan = NULL;
}

// --- which repository it is

static int fail_identity(const struct dlrepo_config *config, int err, char *out, size_t out_bytes) {
	const char *words = err == -EBADMSG ? "it is none of ours" : dir_words(err);

	snprintf(out, out_bytes, "'%.60s/" IDENTITY_FILE "': %.60s", config->root, words);
	return err;
}

static int identify(
	const void *config, struct handle *handle, bool may_name, char *out, size_t out_bytes
) {
	int root = handle_dir(handle);
	char number[IDENTITY_BYTES];
	int err = may_name ? identity_make(root, number) : identity_read(root, number);

	if (err < 0)
		return fail_identity(config, err, out, out_bytes);
	snprintf(out, out_bytes, "%s", number);
	return 0;
}

// --- what the guard asks

static int estimate(
	const void *config,
	struct handle *handle,
	struct pass *pass,
	int64_t limit_ms,
	struct estimate *out
) {
	const struct survey *survey = pass->facts.scan;

	(void)config;
	(void)handle;
	(void)limit_ms;
	*out = (struct estimate){.eligible = survey->orphans, .eligible_exact = true};
	return 0;
}

static int count_staying(
	const void *config,
	struct handle *handle,
	struct pass *pass,
	int64_t limit_ms,
	int64_t enough,
	int64_t *out
) {
	const struct survey *survey = pass->facts.scan;

	(void)config;
	(void)handle;
	(void)limit_ms;
	(void)enough;
	*out = survey->files - survey->orphans;
	return 0;
}

// --- pages

static void tell_trouble(const struct recovery *recovered, struct page *page) {
	if (recovered->troubles > 0)
		page_note(
			page,
			PAGE_TROUBLE,
			"%s%s",
			recovered->trouble,
			recovered->troubles > 1 ? " (and more)" : ""
		);
}

static void tell_recovery(struct survey *survey, struct page *page) {
	const struct recovery *recovered = &survey->recovered;
	char words[200];

	if (recovery_words(recovered, words, sizeof(words)))
		page_note(page, PAGE_INFO, "%s", words);
	tell_trouble(recovered, page);
	survey->tells_recovery = false;
}

// All that was put has its fate, so what lies aside now has none.
static void tidy(const struct dlrepo_config *config, struct survey *survey, struct page *page) {
	struct recovery of_others;

	page->end_of_stage = true;
	recovery_own(survey->root, config->aside, &survey->recovered);
	aside_leave(config->aside);
	recovery_run(survey->root, config->aside, &of_others);
	tell_trouble(&survey->recovered, page);
	tell_trouble(&of_others, page);
}

static int fill(
	const struct dlrepo_config *config,
	struct survey *survey,
	const struct pass *pass,
	struct page *page
) {
	switch (survey->stage) {
	case SURVEY_TAGS:
		return tags_page(config, survey, pass, page);
	case SURVEY_QUOTAS:
		quotas_page(survey, page);
		return 0;
	case SURVEY_COUNT:
		return orphans_count_page(config, survey, pass, page);
	case SURVEY_ORPHANS:
		return orphans_page(config, survey, pass, page);
	case SURVEY_TIDY:
		tidy(config, survey, page);
		return 0;
	}
	return 0;
}

// Who removes nothing has nothing to tidy, and waits for nobody.
static enum survey_stage last_stage(const struct pass *pass) {
	return pass->wish.dryrun || pass->wish.scan_only ? SURVEY_ORPHANS : SURVEY_TIDY;
}

static int next_page(
	const void *config, struct handle *handle, struct pass *pass, struct page *page
) {
	const struct dlrepo_config *conf = config;
	struct survey *survey = pass->facts.scan;
	int err;

	(void)handle;
	if (survey->is_stage_over)
		survey_begin_stage(survey, survey_stage_after(conf, pass, survey->stage), pass);
	survey->is_stage_over = false;
	if (survey->tells_recovery)
		tell_recovery(survey, page);
	err = fill(conf, survey, pass, page);
	if (err < 0)
		return err;
	survey->is_stage_over = page->end_of_stage;
	page->end_of_pass = page->end_of_stage && survey->stage >= last_stage(pass);
	return 0;
}

// --- what the log tells

static int64_t removed(const struct survey *survey, const struct pass *pass) {
	return pass->wish.dryrun ? survey->stage_put : pass->wish.removed - survey->removed_before;
}

static bool narrate(
	const void *config,
	const struct pass *pass,
	const struct narration *line,
	char *out,
	size_t out_bytes
) {
	const struct survey *survey = pass->facts.scan;
	const char *deed = pass->wish.dryrun ? "Would delete" : "Deleted";
	char size[HUMAN_SIZE_BYTES];

	(void)config;
	if (!line->ended || line->index > 0 || pass->wish.removed < 0)
		return false;
	if (survey->stage == SURVEY_TAGS) {
		snprintf(out, out_bytes, "%s %" PRId64 " tags", deed, removed(survey, pass));
		return true;
	}
	if (survey->stage != SURVEY_ORPHANS)
		return false;
	human_size(
		pass->wish.dryrun ? survey->stage_bytes
				  : pass->wish.removed_bytes - survey->bytes_before,
		size
	);
	snprintf(
		out,
		out_bytes,
		"%s %" PRId64 " orphan blobs (%s bytes)",
		deed,
		removed(survey, pass),
		size
	);
	return true;
}

const struct target_scanner dlrepo_scanner = {
	.estimates_late = true,
	.named = "repository",
	.identify = identify,
	.begin = begin,
	.estimate = estimate,
	.count_staying = count_staying,
	.page = next_page,
	.end = end,
	.narrate = narrate,
};
