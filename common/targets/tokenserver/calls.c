// SPDX-License-Identifier: MPL-2.0
// calls: where a record's request goes, what it is, and what the answer means.
#include "common/targets/tokenserver/calls.h"

#include "common/http/http_message.h"
#include "common/target/finding.h"
#include "common/targets/tokenserver/config.h"
#include "common/targets/tokenserver/node/delete_request.h"
#include "common/targets/tokenserver/node/endpoint.h"
#include "common/targets/tokenserver/node/precondition.h"
#include "common/targets/tokenserver/state.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STATUS_PRECONDITION_FAILED = 412 };

static_assert(
	sizeof(((struct call_plan *)0)->origin) >= ENDPOINT_ORIGIN_BYTES, "an origin fits a plan"
);
static_assert(
	sizeof(((struct send_moment *)0)->random) >= (size_t)TOKEN_SALT_BYTES + HAWK_NONCE_BYTES,
	"a moment has random bytes for salt and nonce"
);

static const char *const wait_headers[] = {"X-Backoff", "X-Weave-Backoff", NULL};

static int cannot(struct finding *why, const char *words) {
	finding_say(why, "%s", words);
	return -EINVAL;
}

static int next(
	const void *config,
	const struct work *work,
	size_t index,
	struct call_plan *out,
	struct finding *why
) {
	const struct state *state = work->state;
	struct endpoint endpoint;
	int err;

	(void)config;
	out->id = 0;
	if (index > 0)
		return 0;
	if (!state->send_delete || state->is_deleted)
		return state->fault == NULL ? 0 : cannot(why, state->fault);
	err = endpoint_parse(&endpoint, state->node == NULL ? "" : state->node);
	if (err == 0)
		snprintf(out->origin, sizeof(out->origin), "%s", endpoint.origin);
	if (state->fault != NULL)
		return cannot(why, state->fault);
	return err < 0 ? err : 1;
}

static int add_precondition(
	const struct tokenserver_config *config, const struct work *work, struct http_request *out
) {
	const struct state *state = work->state;
	char since[PRECONDITION_BYTES];

	if (config->node_keys != NODE_KEYS_FXA)
		return 0;
	precondition_format(since, work->judged.wall_ms, state->replaced_at, config->grace_ms);
	return http_request_header(out, "X-If-Unmodified-Since: %s", since);
}

static int fill_request(
	const struct tokenserver_config *config,
	const struct work *work,
	const struct delete_request *signed_request,
	struct http_request *out
) {
	int err = http_request_url(out, signed_request->url);

	out->method = "DELETE";
	if (err == 0)
		err = http_request_header(out, "Host: %s", signed_request->host);
	if (err == 0)
		err = http_request_header(out, "Authorization: %s", signed_request->authorization);
	if (err == 0)
		err = http_request_header(out, "Accept: */*");
	if (err == 0)
		err = add_precondition(config, work, out);
	return err;
}

static int make(
	const void *config,
	const struct work *work,
	int64_t id,
	const struct send_moment *moment,
	struct http_request *out,
	struct finding *why
) {
	const struct tokenserver_config *conf = config;
	const struct state *state = work->state;
	struct delete_request_input input = {
		.uid = work->candidate->key,
		.node = state->node,
		.fxa_uid = state->fxa_uid,
		.fxa_kid = state->fxa_kid,
		.now_s = moment->now_s,
	};
	struct delete_request request = {.url = NULL};
	int err;

	(void)id;
	if (!state->node_is_known && !tokenserver_config_allows_node(conf, state->node))
		return cannot(
			why, "the node is neither in the table nodes nor named by --allow-node"
		);
	memcpy(input.salt, moment->random, sizeof(input.salt));
	memcpy(input.nonce, moment->random + sizeof(input.salt), sizeof(input.nonce));
	err = delete_request_sign(conf->signer, &input, &request);
	if (err == 0)
		err = fill_request(conf, work, &request, out);
	delete_request_fini(&request);
	if (err < 0 && err != -ENOMEM)
		return cannot(why, "no request can be made for this node and user");
	return err;
}

static void take(
	const void *config,
	struct work *work,
	int64_t id,
	const struct http_answer *answer,
	struct finding *io
) {
	const struct tokenserver_config *conf = config;
	struct state *state = work->state;

	(void)id;
	if (conf->node_keys == NODE_KEYS_FXA && answer->status == STATUS_PRECONDITION_FAILED) {
		// Somebody wrote since the check. The next check says whether the record is in use;
		// the node is not asked again.
		state->is_modified = true;
		io->verdict = VERDICT_RECHECK;
		io->reason = REASON_MODIFIED;
	}
	if (io->verdict == VERDICT_GO)
		state->is_deleted = true;
}

const struct target_calls tokenserver_calls = {
	.at_once = 1,
	.denied_words = "node refuses our signature; its rows are put off. "
			"Check that the secret is the node's and that both clocks are right",
	.denied_outcome = "refuses our signature",
	.denied_remedy = "check the secret and the clocks",
	.wait_headers = wait_headers,
	.next = next,
	.make = make,
	.take = take,
};
