// SPDX-License-Identifier: MPL-2.0
// letter_rows: are the rows of letters still in the database?
//
// Design notes
// - The target looks (target_remover.look), at as many works at once as its batches have. A
//   connection that is lost is made anew once; after that nothing is known any more, and what was
//   found before counts no more either: a number that is too small would be taken for the truth.
#include "cli/dead/letter_rows.h"

#include "cli/dead/letters.h"
#include "cli/front/front.h"
#include "common/handle.h"
#include "common/kafka/topics/topics.h"
#include "common/target/finding.h"
#include "common/target/target.h"
#include "common/target/target_remover.h"
#include "common/target/target_scanner.h"
#include "common/target/work.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct letter_rows {
	const struct front *front;
	const struct letters_setup *setup;
	struct handle *handle;
	bool is_unknown;
	bool is_lost; // by the database
	char why[600];
	struct work works[LETTER_BATCH_MAX];
	struct work_result results[LETTER_BATCH_MAX];
	struct work_pair pairs[LETTER_BATCH_MAX];
	struct letter *letters[LETTER_BATCH_MAX]; // of the works
};

static void give_up(struct letter_rows *rows, const char *why) {
	rows->is_unknown = true;
	snprintf(rows->why, sizeof(rows->why), "%s", why);
}

static void lose(struct letter_rows *rows, const char *why) {
	rows->is_lost = true;
	give_up(rows, why);
}

const char *letter_rows_unknown(const struct letter_rows *rows) {
	return rows->is_unknown ? rows->why : NULL;
}

bool letter_rows_is_lost(const struct letter_rows *rows) {
	return rows->is_lost;
}

// --- the database, and whether it is that of the topics

// In another database the same names would be other rows.
static int check_scope(struct letter_rows *rows) {
	const struct front *front = rows->front;
	const char *named = front->target->scanner->named;
	struct layout layout = {.range_width = 0};
	char name[LAYOUT_SCOPE_BYTES] = "";
	char error[600];
	int err;

	if (front->target->scanner->identify == NULL)
		return 0;
	if (front->target->scanner->identify(
		    front->config, rows->handle, false, name, sizeof(name)
	    ) < 0) {
		lose(rows, name[0] == '\0' ? handle_error(rows->handle) : name);
		return 0;
	}
	err = letters_layout(rows->setup, &layout);
	if (err < 0)
		return err;
	if (layout.scope[0] == '\0')
		give_up(rows, "the topics are bound to nothing yet");
	if (layout.scope[0] == '\0' || strcmp(layout.scope, name) == 0)
		return 0;
	snprintf(
		error,
		sizeof(error),
		"the topics hold candidates of the %s '%s', this is '%s'; check the %s or "
		"--topic-prefix",
		named,
		layout.scope,
		name,
		named
	);
	return letters_fail(rows->setup, -ESTALE, error);
}

static int open_database(struct letter_rows *rows) {
	const struct front *front = rows->front;
	char error[512];
	int err;

	if (front->target->remover->look == NULL) {
		give_up(rows, "this target cannot look for them");
		return 0;
	}
	if (front->location == NULL) {
		give_up(rows, "no database is given: give --database-url URL");
		return 0;
	}
	err = handle_new(
		&rows->handle, front->target->handle_kind, front->location, error, sizeof(error)
	);
	if (err < 0)
		return letters_fail(rows->setup, err, error);
	err = handle_open(rows->handle);
	if (err == 0)
		return check_scope(rows);
	handle_say_unreachable(rows->handle, err, front->source, error, sizeof(error));
	lose(rows, error);
	return 0;
}

int letter_rows_open(
	struct letter_rows **out, const struct front *front, const struct letters_setup *setup
) {
	struct letter_rows *rows = calloc(1, sizeof(*rows));
	int err;

	if (rows == NULL)
		return letters_fail(setup, -ENOMEM, "out of memory");
	rows->front = front;
	rows->setup = setup;
	err = open_database(rows);
	if (err < 0) {
		letter_rows_close(rows);
		return err;
	}
	*out = rows;
	return 0;
}

void letter_rows_close(struct letter_rows *rows) {
	if (rows == NULL)
		return;
	handle_free(rows->handle);
	free(rows);
}

// --- looking

// A letter whose row tells nothing stays as it is.
static bool is_to_be_looked_for(const struct letter *letter) {
	return letter->candidate != NULL && letter->replay == NULL && !letter->is_truncated;
}

static int load(struct letter_rows *rows, struct letter_batch *batch, size_t *count) {
	const struct front *front = rows->front;

	*count = 0;
	for (size_t i = 0; i < batch->count; i++) {
		struct work *work = &rows->works[*count];
		struct finding why = {.verdict = VERDICT_GO};
		int err;

		if (!is_to_be_looked_for(&batch->letters[i]))
			continue;
		*work = (struct work){.candidate = batch->letters[i].candidate};
		err = front->target->remover->load(front->config, work, &why);
		finding_clear(&why);
		if (err == -EBADMSG)
			continue;
		if (err < 0)
			return err;
		rows->results[*count] = (struct work_result){.counted = false};
		rows->pairs[*count] = (struct work_pair){work, &rows->results[*count]};
		rows->letters[(*count)++] = &batch->letters[i];
	}
	return 0;
}

static void unload(struct letter_rows *rows, size_t count) {
	for (size_t i = 0; i < count; i++) {
		finding_clear(&rows->results[i].finding);
		rows->front->target->remover->unload(rows->front->config, &rows->works[i]);
	}
}

static int ask(struct letter_rows *rows, size_t count) {
	const struct target_remover *remover = rows->front->target->remover;
	size_t most = remover->batch_max == 0 ? LETTER_BATCH_MAX : remover->batch_max;
	int err = handle_open(rows->handle);

	for (size_t at = 0; at < count && err == 0; at += most)
		err = remover->look(
			rows->front->config,
			rows->handle,
			rows->pairs + at,
			count - at < most ? count - at : most
		);
	return err;
}

static void take(struct letter_rows *rows, size_t count) {
	for (size_t i = 0; i < count; i++) {
		const struct finding *finding = &rows->results[i].finding;
		bool is_solved = finding->verdict == VERDICT_DONE;

		rows->letters[i]->state = is_solved ? LETTER_SOLVED : LETTER_OPEN;
		rows->letters[i]->solved_by = finding->reason;
	}
}

int letter_rows_look(struct letter_rows *rows, struct letter_batch *batch) {
	size_t count;
	int err;

	if (rows->is_unknown)
		return 0;
	err = load(rows, batch, &count);
	if (err == 0 && count > 0) {
		err = ask(rows, count);
		if (err < 0 && err != -ENOMEM) {
			handle_close(rows->handle);
			err = ask(rows, count);
		}
		if (err == 0)
			take(rows, count);
		else if (err != -ENOMEM)
			lose(rows, handle_error(rows->handle));
	}
	unload(rows, count);
	return err == -ENOMEM ? letters_fail(rows->setup, err, "out of memory") : 0;
}
