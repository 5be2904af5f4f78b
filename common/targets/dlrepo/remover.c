// SPDX-License-Identifier: MPL-2.0
// remover: takes tags and orphan files out of a repository.
#include "common/targets/dlrepo/remover.h"

#include "common/base/clock.h"
#include "common/handle.h"
#include "common/target/finding.h"
#include "common/targets/dlrepo/config/config.h"
#include "common/targets/dlrepo/record/record.h"
#include "common/targets/dlrepo/removal/files.h"
#include "common/targets/dlrepo/removal/proof.h"
#include "common/targets/dlrepo/removal/recovery.h"
#include "common/targets/dlrepo/removal/tag_removal.h"
#include "common/targets/dlrepo/repo/aside.h"
#include "common/targets/dlrepo/repo/branch.h"
#include "common/targets/dlrepo/repo/dir.h"
#include "common/targets/dlrepo/rule/layout.h"
#include "common/targets/dlrepo/state.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

// Their places are held for seconds, so they are many at a time; their names take memory.
enum { FILES_IN_WORK = 40000 };

static int load(const void *config, struct work *work, struct finding *why) {
	struct state *state;
	int err = state_read(&state, work->candidate);

	(void)config;
	(void)why;
	if (err < 0)
		return err;
	work->state = state;
	work->rows = state->record.kind == RECORD_TAG ? 1 : (int64_t)state->record.files.count;
	work->counted = true;
	return 0;
}

static void unload(const void *config, struct work *work) {
	(void)config;
	state_free(work->state);
	work->state = NULL;
}

// --- judged again

struct judged_branch {
	struct branch branch;
	const char *name; // NULL: none was read
	int err;
};

// Of a branch without a policy no tag was read: none goes.
static bool is_still_due(const struct branch *branch, const struct record_tag *record) {
	const struct tag *tag = branch_find(branch, record->tag);

	return tag != NULL && tag->is_surplus && tag->is_released == record->is_released;
}

// It is not deleted elsewhere when it cannot go here.
static void look_for_obstacles(int root, const struct record_tag *record, struct finding *finding) {
	char where[300];
	int err = tag_check(root, record->branch, record->tag, where, sizeof(where));

	if (err == 0)
		return;
	finding->verdict = VERDICT_FAILED;
	finding->reason = REASON_FILES;
	finding_say(finding, "cannot remove '%.80s': %.60s", where, dir_words(err));
}

// A tag that stays for good reason, but is gone elsewhere by our hand.
static void mind_the_unpublished(const struct work *work, struct finding *finding) {
	const struct candidate_origin *origin = &work->candidate->origin;
	const struct state *state = work->state;
	// What was done of a record that comes back from a retry topic is not known.
	bool may_be = state->unpublished != 0 ||
		(state->record.tag.is_released &&
		 origin->attempts + origin->postponed + origin->away > 0);

	if (!may_be)
		return;
	finding->verdict = VERDICT_FAILED;
	// To try again would find a tag that stays, and say no more of it.
	finding->reason = REASON_UNKNOWN;
	finding_say(
		finding,
		"it was locked or changed while it was being deleted where it is published: "
		"release it again there"
	);
}

static void judge_tag(struct judged_branch *last, int root, const struct work_pair *pair) {
	const struct record_tag *record = &((struct state *)pair->work->state)->record.tag;
	struct finding *finding = &pair->out->finding;

	if (last->name == NULL || strcmp(last->name, record->branch) != 0) {
		branch_free(&last->branch);
		last->err = branch_read(&last->branch, root, record->branch);
		last->name = record->branch;
	}
	finding->verdict = VERDICT_LEFT;
	finding->reason = REASON_CHANGED;
	if (last->err < 0 && last->err != -ENOENT) {
		finding->verdict = VERDICT_FAILED;
		finding->reason = REASON_FILES;
		finding_say(finding, "%s", last->branch.trouble);
	} else if (is_still_due(&last->branch, record)) {
		finding->verdict = VERDICT_GO;
		finding->reason = REASON_NONE;
		if (record->is_released)
			look_for_obstacles(root, record, finding);
	}
	if (finding->verdict == VERDICT_LEFT)
		mind_the_unpublished(pair->work, finding);
}

// What there is to say of files is said by their remove, which looks at each twice.
static int check(
	const void *config, struct handle *handle, const struct work_pair *pairs, size_t count
) {
	struct judged_branch last = {.name = NULL};

	(void)config;
	for (size_t i = 0; i < count; i++) {
		const struct state *state = pairs[i].work->state;

		pairs[i].out->judged = (struct judged){clock_mono_ms(), clock_wall_ms()};
		pairs[i].out->counted = true;
		pairs[i].out->finding.verdict = VERDICT_GO;
		if (state->record.kind == RECORD_TAG)
			judge_tag(&last, handle_dir(handle), &pairs[i]);
	}
	branch_free(&last.branch);
	return 0;
}

// --- removed

// What lies aside and is nobody's any more: of a process that is gone, which held places for a
// record like this one; or of our own, when a step failed for good.
static void tidy(const struct dlrepo_config *config, int root, bool is_own) {
	struct recovery recovery;

	if (is_own)
		aside_turn(config->aside);
	recovery_run(root, config->aside, &recovery);
}

static void remove_tag(const struct dlrepo_config *config, int root, const struct work_pair *pair) {
	const struct state *state = pair->work->state;
	struct tag_outcome outcome;

	tag_remove(root, config->aside, &state->record.tag, &outcome);
	pair->out->finding.verdict = outcome.verdict;
	pair->out->finding.reason = outcome.reason;
	if (outcome.verdict == VERDICT_FAILED)
		finding_say(&pair->out->finding, "%s", outcome.words);
	if (outcome.verdict == VERDICT_LEFT)
		mind_the_unpublished(pair->work, &pair->out->finding);
	pair->out->rows.removed = outcome.verdict == VERDICT_DONE && outcome.is_removed;
	if (outcome.is_left)
		tidy(config, root, true);
}

static void count_file(struct state *state, size_t index, struct removed_rows *rows) {
	const struct file *file = &state->files[index];

	switch (file->place) {
	case FILE_REMOVED:
		rows->removed++;
		rows->bytes += file->bytes;
		break;
	case FILE_SPARED:
		rows->spared++;
		break;
	case FILE_FAILED:
		state->failed[rows->failed++] = index;
		break;
	case FILE_GONE:
		rows->gone++;
		break;
	case FILE_NEW:
	case FILE_ASIDE:
	case FILE_FREED:
		break;
	}
}

static void remove_files(
	const struct dlrepo_config *config, int root, const struct work_pair *pair
) {
	const struct files_rule rule = {
		.lifetime_ms = config->orphan_lifetime_ms,
		.wait_ms = config->orphan_wait_ms,
		.is_alone = config->no_server,
		.is_over = &config->is_over,
		.watch = config->watch,
	};
	struct state *state = pair->work->state;
	struct work_result *out = pair->out;
	bool was_held = false, is_left = false;

	out->again_ms = files_remove(
		root, config->aside, &rule, &state->record.files, state->files, clock_mono_ms()
	);
	for (size_t i = 0; i < state->record.files.count; i++) {
		count_file(state, i, &out->rows);
		was_held |= state->files[i].was_held;
		is_left |= state->files[i].is_left;
	}
	if ((was_held || is_left) && out->again_ms == 0)
		tidy(config, root, is_left);
	out->finding.verdict = out->again_ms > 0 ? VERDICT_GO : VERDICT_DONE;
	out->finding.reason = out->rows.failed > 0 ? REASON_FILES : REASON_NONE;
}

static int remove_all(
	const void *config, struct handle *handle, const struct work_pair *pairs, size_t count
) {
	for (size_t i = 0; i < count; i++) {
		const struct state *state = pairs[i].work->state;

		if (pairs[i].out->finding.verdict == VERDICT_DONE)
			continue;
		if (state->record.kind == RECORD_TAG)
			remove_tag(config, handle_dir(handle), &pairs[i]);
		else
			remove_files(config, handle_dir(handle), &pairs[i]);
	}
	return 0;
}

static int prove(const void *config, struct handle *handle, char *words, size_t words_bytes) {
	const struct dlrepo_config *conf = config;
	struct recovery recovery;
	int err = proof_make(conf, handle_dir(handle), words, words_bytes);

	if (err < 0)
		return err;
	recovery_run(handle_dir(handle), conf->aside, &recovery);
	if (recovery.troubles > 0)
		snprintf(words, words_bytes, "%s", recovery.trouble);
	else if (!recovery_words(&recovery, words, words_bytes))
		words[0] = '\0';
	return recovery.troubles > 0 ? 1 : 0;
}

static void failed_row(
	const void *config, const struct work *work, int64_t index, struct row_words *out
) {
	const struct state *state = work->state;
	size_t at = state->failed[index];
	const struct file *file = &state->files[at];

	(void)config;
	out->reason = REASON_FILES;
	snprintf(
		out->id,
		sizeof(out->id),
		"%.28s/%.128s",
		state->record.files.dir,
		state->record.files.names[at]
	);
	snprintf(
		out->words,
		sizeof(out->words),
		"cannot %s '%.60s/%.128s': %.60s",
		file->deed,
		state->record.files.dir,
		state->record.files.names[at],
		dir_words(file->err)
	);
}

static const char *plan(const void *config, const struct work *work, const char **where) {
	const struct state *state = work->state;

	(void)config;
	*where = state->record.tag.branch;
	if (state->record.kind == RECORD_FILES) {
		*where = layout_is_below(state->record.files.dir, UPLOADS_DIR) ? UPLOADS_DIR
									       : BLOBS_DIR;
		return "remove orphan files";
	}
	return state->record.tag.is_released ? "unpublish and delete released tags"
					     : "delete daily tags";
}

const struct target_remover dlrepo_remover = {
	.batch_max = 4,
	.rows_max = FILES_IN_WORK,
	.load = load,
	.unload = unload,
	.check = check,
	.prove = prove,
	.remove = remove_all,
	.plan = plan,
	.failed_row = failed_row,
};
