// SPDX-License-Identifier: MPL-2.0
// slots_loop: load and unload; where a record's request goes, what it is, and what the answer
// means.
#include "common/targets/tokenserver/config.h"
#include "common/targets/tokenserver/node/delete_request.h"
#include "common/targets/tokenserver/node/endpoint.h"
#include "common/targets/tokenserver/node/precondition.h"
#include "common/targets/tokenserver/slots.h"
#include "common/targets/tokenserver/state.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STATUS_PRECONDITION_FAILED = 412 };

static_assert(
	sizeof(((struct route *)0)->origin) >= ENDPOINT_ORIGIN_BYTES, "an origin fits a route"
);
static_assert(
	sizeof(((struct send_moment *)0)->random) >= (size_t)TOKEN_SALT_BYTES + HAWK_NONCE_BYTES,
	"a moment has random bytes for salt and nonce"
);

int slots_load(const void *config, struct work *work) {
	const struct candidate *candidate = work->candidate;
	struct state *state = calloc(1, sizeof(*state));
	int err;

	(void)config;
	if (state == NULL)
		return -ENOMEM;
	err = state_unpack(state, candidate->data, candidate->data_bytes);
	if (err < 0) {
		free(state);
		return err;
	}
	state->replaced_at = candidate->at;
	state->node_is_known = candidate->checked_mono_ms > 0; // by our own scan
	work->state = state;
	work->counted = !state->nodeless;
	snprintf(work->message, sizeof(work->message), "%s", state->fault);
	return 0;
}

void slots_unload(const void *config, struct work *work) {
	(void)config;
	if (work->state != NULL)
		state_fini(work->state);
	free(work->state);
	work->state = NULL;
}

int slots_route(const void *config, const struct work *work, struct route *out) {
	const struct state *state = work->state;
	struct endpoint endpoint;
	int err;

	(void)config;
	if (!state->send_delete || state->is_deleted)
		return state->fault[0] == '\0' ? 0 : -EINVAL;
	err = endpoint_parse(&endpoint, state->node == NULL ? "" : state->node);
	if (err == 0)
		snprintf(out->origin, sizeof(out->origin), "%s", endpoint.origin);
	if (state->fault[0] != '\0')
		return -EINVAL;
	return err < 0 ? err : 1;
}

static int add_precondition(
	const struct tokenserver_config *config, const struct work *work, struct http_request *out
) {
	const struct state *state = work->state;
	char since[PRECONDITION_BYTES];

	if (config->node_keys != NODE_KEYS_FXA)
		return 0;
	precondition_format(since, work->checked_wall_ms, state->replaced_at, config->grace_ms);
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

int slots_request(
	const void *config,
	struct work *work,
	const struct send_moment *moment,
	struct http_request *out
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

	if (!state->node_is_known && !tokenserver_config_allows_node(conf, state->node)) {
		snprintf(
			work->message,
			sizeof(work->message),
			"the node is neither in the table nodes nor named by --allow-node"
		);
		return -EINVAL;
	}
	memcpy(input.salt, moment->random, sizeof(input.salt));
	memcpy(input.nonce, moment->random + sizeof(input.salt), sizeof(input.nonce));
	err = delete_request_sign(conf->signer, &input, &request);
	if (err == 0)
		err = fill_request(conf, work, &request, out);
	delete_request_fini(&request);
	if (err < 0 && err != -ENOMEM) {
		snprintf(
			work->message,
			sizeof(work->message),
			"no request can be made for this node and user"
		);
		return -EINVAL;
	}
	return err;
}

bool slots_judge(const void *config, struct work *work, const struct http_answer *answer) {
	const struct tokenserver_config *conf = config;
	struct state *state = work->state;

	if (conf->node_keys != NODE_KEYS_FXA || answer->status != STATUS_PRECONDITION_FAILED)
		return false;
	// Somebody wrote since the check. The next check says whether the record is in use; the
	// node is not asked again.
	state->is_modified = true;
	work->verdict = VERDICT_RECHECK;
	work->reason = REASON_MODIFIED;
	return true;
}

void slots_request_done(const void *config, struct work *work) {
	struct state *state = work->state;

	(void)config;
	state->is_deleted = true;
}
