// SPDX-License-Identifier: MPL-2.0
// tags: finds the tags of a branch that are beyond its policy.
#include "common/targets/dlrepo/scan/tags.h"

#include "common/page.h"
#include "common/target/pass.h"
#include "common/targets/dlrepo/config/config.h"
#include "common/targets/dlrepo/record/record_put.h"
#include "common/targets/dlrepo/removal/tag_removal.h"
#include "common/targets/dlrepo/repo/branch.h"
#include "common/targets/dlrepo/repo/dir.h"
#include "common/targets/dlrepo/rule/layout.h"
#include "common/targets/dlrepo/rule/name.h"
#include "common/targets/dlrepo/scan/survey.h"

#include <errno.h>

struct finder {
	const struct dlrepo_config *config;
	struct survey *survey;
	const struct pass *pass;
	struct page *page;
	const char *branch;
	struct record_moment moment;
};

static const char *deed(const struct pass *pass) {
	if (pass->wish.dryrun)
		return "Would delete";
	return pass->wish.scan_only ? "Publishing" : "Deleting";
}

// Why a tag that is beyond the policy cannot go; NULL: it can.
static const char *obstacle(const struct finder *finder, const struct tag *tag) {
	if (!name_is_reachable(tag->name))
		return "it has capitals, so dlrepo itself cannot find it";
	if (!tag->is_released)
		return NULL;
	if (finder->config->origin_count == 0)
		return "it is released, and --publish-url does not say where it was published";
	if (finder->config->publish_filter != NULL)
		return "it is released, and DLREPO_PUBLISH_FILTER_CMD says where it was "
		       "published, which is not asked here";
	return NULL;
}

// What would be in the way of its remove. A real run looks right before it, but for a released tag,
// which must not be deleted elsewhere first.
static bool is_in_the_way(const struct finder *finder, const struct tag *tag) {
	char where[300];
	int err;

	if (!tag->is_released && !finder->pass->wish.dryrun)
		return false;
	err = tag_check(finder->survey->root, finder->branch, tag->name, where, sizeof(where));
	if (err < 0)
		page_note(
			finder->page,
			PAGE_TROUBLE,
			"tag %.150s/%.150s stays: '%.150s': %.100s",
			finder->branch,
			tag->name,
			where,
			dir_words(err)
		);
	return err < 0;
}

static int put_tag(struct finder *finder, const struct tag *tag) {
	const char *why_not = obstacle(finder, tag);
	int err;

	if (why_not == NULL && is_in_the_way(finder, tag))
		return 0;
	if (why_not != NULL) {
		page_note(
			finder->page,
			PAGE_TROUBLE,
			"tag %.250s/%.250s stays: %s",
			finder->branch,
			tag->name,
			why_not
		);
		return 0;
	}
	page_note(
		finder->page,
		PAGE_INFO,
		"%s %s tag %.250s/%.250s ...",
		deed(finder->pass),
		tag->is_released ? "released" : "daily",
		finder->branch,
		tag->name
	);
	err = record_put_tag(finder->page, &finder->moment, finder->branch, tag);
	if (err < 0)
		return err;
	finder->survey->put++;
	finder->survey->stage_put++;
	return 0;
}

static int put_surplus(struct finder *finder, const struct branch *branch) {
	int err = 0;

	for (size_t i = 0; i < branch->count && err == 0; i++) {
		if (branch->tags[i].is_surplus && survey_room(finder->survey, finder->pass) != 0)
			err = put_tag(finder, &branch->tags[i]);
	}
	return err;
}

static void tell_troubles(const struct finder *finder, const struct branch *branch) {
	if (branch->no_policy[0] != '\0')
		page_note(
			finder->page,
			branch->has_bad_policy ? PAGE_WARNING : PAGE_TROUBLE,
			"branch %.250s: %s",
			finder->branch,
			branch->no_policy
		);
	if (branch->troubles > 0)
		page_note(
			finder->page,
			PAGE_TROUBLE,
			"branch %.250s: %.300s%s",
			finder->branch,
			branch->trouble,
			branch->troubles > 1 ? " (and more)" : ""
		);
}

static int read_branch(struct finder *finder) {
	struct branch branch;
	int err = branch_read(&branch, finder->survey->root, finder->branch);

	if (err != -ENOENT)
		tell_troubles(finder, &branch);
	if (err == 0) {
		finder->page->rows = (int64_t)branch.count;
		err = put_surplus(finder, &branch);
	} else if (err != -ENOMEM) {
		err = 0;
	}
	branch_free(&branch);
	return err;
}

int tags_page(
	const struct dlrepo_config *config,
	struct survey *survey,
	const struct pass *pass,
	struct page *page
) {
	struct finder finder = {
		.config = config,
		.survey = survey,
		.pass = pass,
		.page = page,
		.branch = survey_next_name(survey, BRANCHES_DIR, LISTING_SHOWN, page),
		.moment = survey_moment(),
	};

	page->end_of_stage = survey->next_name >= survey->names.count;
	if (finder.branch == NULL)
		return 0;
	if (name_is_reachable(finder.branch))
		return read_branch(&finder);
	page_note(
		page,
		PAGE_WARNING,
		"branch %.250s is left alone: it has capitals, so dlrepo itself cannot find it",
		finder.branch
	);
	return 0;
}
