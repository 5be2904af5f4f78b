// SPDX-License-Identifier: MPL-2.0
// fake_scanner: candidates without a database.
#include "support/fake_scanner.h"

#include "common/base/clock.h"
#include "common/page.h"
#include "support/fake_target.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

// A target's slots get the config as const; this one keeps a book in it.
static struct fake *fake_of(const void *config) {
	return (struct fake *)config;
}

static int fake_begin(const void *config, struct handle *handle, struct pass *pass) {
	(void)handle;
	fake_of(config)->next = 0;
	pass->facts.cutoff = pass->wish.started_wall_ms;
	return 0;
}

static int fake_estimate(
	const void *config,
	struct handle *handle,
	struct pass *pass,
	int64_t limit_ms,
	struct estimate *out
) {
	struct fake *fake = fake_of(config);

	(void)handle, (void)pass;
	*out = (struct estimate){
		.eligible = fake->count,
		.eligible_exact = true,
	};
	return fake->on_estimate == NULL ? 0 : fake->on_estimate(fake, limit_ms, out);
}

static int fake_count_staying(
	const void *config,
	struct handle *handle,
	struct pass *pass,
	int64_t limit_ms,
	int64_t enough,
	int64_t *out
) {
	struct fake *fake = fake_of(config);

	(void)handle, (void)pass;
	*out = fake->count < enough ? fake->count : enough;
	return fake->on_staying == NULL ? 0 : fake->on_staying(fake, limit_ms, enough, out);
}

static bool is_removed(struct fake *fake, int64_t key) {
	bool is_removed;

	pthread_mutex_lock(&fake->lock);
	is_removed = fake->removed[key] != 0;
	pthread_mutex_unlock(&fake->lock);
	return is_removed;
}

static int fake_scan(
	const void *config, struct handle *handle, struct pass *pass, struct page *page
) {
	struct fake *fake = fake_of(config);
	int64_t stage_end = fake->count;
	char id[24];
	int err = fake->on_scan == NULL ? 0 : fake->on_scan(fake, pass->wish.page_rows);

	(void)handle;
	if (err < 0 && fake->scan_words != NULL)
		snprintf(pass->facts.error, sizeof(pass->facts.error), "%s", fake->scan_words);
	if (err < 0)
		return err;
	if (fake->stage_rows > 0)
		stage_end = (fake->next / fake->stage_rows + 1) * fake->stage_rows;
	if (fake->stage_rows > 0 && fake->next % fake->stage_rows == 0)
		fake->stages_mixed += fake_removed(fake) != fake->next;
	for (size_t i = 0;
	     i < pass->wish.page_rows && fake->next < stage_end && fake->next < fake->count;
	     i++) {
		struct candidate like = {.id = id, .key = fake->next++, .seen_ms = clock_wall_ms()};

		if (is_removed(fake, like.key)) // by an earlier pass
			continue;
		snprintf(id, sizeof(id), "%" PRId64, like.key);
		like.checked_mono_ms = fake->judged_by_scan ? clock_mono_ms() : 0;
		if (page_add(page, &like) < 0)
			return -ENOMEM;
		page->rows++;
	}
	page->end_of_stage = fake->next >= stage_end;
	page->end_of_pass = fake->next >= fake->count;
	return 0;
}

static void fake_end(const void *config, struct pass *pass) {
	(void)config, (void)pass;
}

const struct target_scanner fake_scanner = {
	.begin = fake_begin,
	.estimate = fake_estimate,
	.count_staying = fake_count_staying,
	.page = fake_scan,
	.end = fake_end,
};
