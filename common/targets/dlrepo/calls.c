// SPDX-License-Identifier: MPL-2.0
// calls: has the servers that a released tag was published to delete it.
//
// Source: Tag.do_release of dlrepo 0.44.
#include "common/targets/dlrepo/calls.h"

#include "common/http/http_message.h"
#include "common/target/finding.h"
#include "common/targets/dlrepo/config/config.h"
#include "common/targets/dlrepo/publish/origin.h"
#include "common/targets/dlrepo/state.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

static bool is_to_unpublish(const struct state *state) {
	return state->record.kind == RECORD_TAG && state->record.tag.is_released;
}

static int next(
	const void *config,
	const struct work *work,
	size_t index,
	struct call_plan *out,
	struct finding *why
) {
	const struct dlrepo_config *conf = config;
	const struct state *state = work->state;

	if (!is_to_unpublish(state))
		return 0;
	// The scan puts none of these; a worker may have other options than the scan had.
	if (conf->origin_count == 0 || conf->publish_filter != NULL) {
		finding_say(
			why,
			"it is released, and %s",
			conf->publish_filter == NULL
				? "--publish-url does not say where"
				: "DLREPO_PUBLISH_FILTER_CMD says where, which is not asked here"
		);
		return -EINVAL;
	}
	for (size_t i = 0; i < conf->origin_count; i++) {
		if ((state->unpublished >> i & 1) != 0 || index-- > 0)
			continue;
		out->id = (int64_t)i;
		snprintf(out->origin, sizeof(out->origin), "%s", conf->origins[i]);
		return 1;
	}
	return 0;
}

static int make(
	const void *config,
	const struct work *work,
	int64_t id,
	const struct send_moment *moment,
	struct http_request *out,
	struct finding *why
) {
	const struct dlrepo_config *conf = config;
	const struct record_tag *tag = &((const struct state *)work->state)->record.tag;
	char *path = origin_tag_path(tag->branch, tag->tag);
	char *url = NULL;
	int err = -ENOMEM;

	(void)moment;
	(void)why;
	if (path != NULL && asprintf(&url, "%s%s", conf->origins[id], path) >= 0)
		err = http_request_url(out, url);
	free(path);
	free(url);
	out->method = "DELETE";
	if (err == 0)
		err = http_request_header(out, "Authorization: %s", conf->authorization);
	return err == 0 ? http_request_header(out, "Accept: */*") : err;
}

static void take(
	const void *config,
	struct work *work,
	int64_t id,
	const struct http_answer *answer,
	struct finding *io
) {
	struct state *state = work->state;

	(void)config;
	(void)answer;
	if (io->verdict == VERDICT_GO)
		state->unpublished |= (uint64_t)1 << id;
}

const struct target_calls dlrepo_calls = {
	.at_once = 4,
	.denied_words = "the server that tags are published to refuses our login; its tags stay. "
			"Check the file of --publish-auth, and what that login may delete there",
	.denied_outcome = "refuses our login",
	.denied_remedy = "check the file of --publish-auth",
	.next = next,
	.make = make,
	.take = take,
};
