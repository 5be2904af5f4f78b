// SPDX-License-Identifier: MPL-2.0
// scanner: finds the containers of deleted accounts on a storage node.
#include "common/targets/swift/scan/scanner.h"

#include "common/page.h"
#include "common/target/pass.h"
#include "common/targets/swift/config/config.h"
#include "common/targets/swift/scan/tour.h"

#include <errno.h>
#include <stdio.h>

static int identify(
	const void *config, struct handle *handle, bool may_name, char *out, size_t out_bytes
) {
	char identity[33];
	int err = swift_config_identity(config, identity);

	(void)handle;
	(void)may_name;
	snprintf(out, out_bytes, "%s", err == 0 ? identity : "OpenSSL makes no digests");
	return err;
}

static int begin(const void *config, struct handle *handle, struct pass *pass) {
	const struct swift_config *conf = config;
	struct tour *tour;
	int err;

	(void)handle;
	if (pass->wish.has_range_start || pass->wish.has_range_end) {
		snprintf(
			pass->facts.error,
			sizeof(pass->facts.error),
			"--range-start and --range-end mean nothing here: leave them out"
		);
		return -EINVAL;
	}
	err = tour_open(&tour, conf, pass, pass->facts.error, sizeof(pass->facts.error));
	if (err < 0)
		return err;
	pass->facts.cutoff = pass->wish.started_wall_ms - conf->delay_s * 1000;
	pass->facts.scan = tour;
	return 0;
}

static int next_page(
	const void *config, struct handle *handle, struct pass *pass, struct page *page
) {
	int err = tour_walk(
		pass->facts.scan,
		page,
		pass->wish.page_rows,
		pass->facts.error,
		sizeof(pass->facts.error)
	);

	(void)config;
	(void)handle;
	page_stamp(page, pass->facts.cutoff);
	page->end_of_stage = page->end_of_pass;
	return err;
}

static void end(const void *config, struct pass *pass) {
	(void)config;
	tour_close(pass->facts.scan);
	pass->facts.scan = NULL;
}

static bool narrate(
	const void *config,
	const struct pass *pass,
	const struct narration *line,
	char *out,
	size_t out_bytes
) {
	(void)config;
	return line->ended && tour_take_line(pass->facts.scan, line->is_warning, out, out_bytes);
}

const struct target_scanner swift_scanner = {
	// Whoever deletes an account says so of all of it: there is no share of a table to guard.
	.estimates_late = true,
	.only_reads = true,
	.named = "cluster",
	.identify = identify,
	.begin = begin,
	.page = next_page,
	.end = end,
	.narrate = narrate,
};
