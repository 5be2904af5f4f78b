// SPDX-License-Identifier: MPL-2.0
// state: what a task of this target knows about its record.
#include "common/targets/tokenserver/state.h"

#include "common/pack/pack.h"
#include "common/targets/tokenserver/node/identity.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_BYTES_MAX = 2048 + 1, FAULT_BYTES_MAX = 80 };

static const char act_node_and_row[] = "node_and_row";
static const char act_row[] = "row";

void state_fini(struct state *state) {
	free(state->node);
	free(state->fxa_uid);
	free(state->fxa_kid);
	free(state->fault);
	*state = (struct state){.replaced_at = 0};
}

static bool is_empty(const char *text) {
	return text == NULL || text[0] == '\0';
}

// Sets *out to a copy; NULL and "" give NULL.
static int copy_text(char **out, const char *text) {
	*out = NULL;
	if (is_empty(text))
		return 0;
	*out = strdup(text);
	return *out == NULL ? -ENOMEM : 0;
}

static bool is_same(const char *left, const char *right) {
	return left == right || (left != NULL && right != NULL && strcmp(left, right) == 0);
}

int state_set(struct state *state, const struct user_row *row, const struct ruling *ruling) {
	struct state next = {
		.replaced_at = row->replaced_at,
		.nodeid = row->nodeid,
		.nodeless = ruling->nodeless,
		.send_delete = ruling->send_delete,
		.held_back = ruling->held_back,
		.forced = ruling->forced,
		.node_is_known = true,
	};
	int err = copy_text(&next.node, ruling->target);

	if (err == 0 && !row->is_user_broken)
		err = identity_uid(&next.fxa_uid, row->email);
	if (err == 0)
		err = copy_text(&next.fxa_kid, ruling->fxa_kid);
	if (err == 0)
		err = copy_text(&next.fault, ruling->fault);
	if (err < 0) {
		state_fini(&next);
		return err;
	}
	if (is_same(next.node, state->node) && is_same(next.fxa_uid, state->fxa_uid) &&
	    is_same(next.fxa_kid, state->fxa_kid)) {
		next.is_deleted = state->is_deleted;
		next.is_modified = state->is_modified;
	}
	state_fini(state);
	*state = next;
	return 0;
}

int state_pack(
	const struct state *state, struct pack *pack, const unsigned char **data, size_t *len
) {
	pack_reset(pack, 8);
	pack_str(pack, "act", state->send_delete ? act_node_and_row : act_row);
	pack_bool(pack, "held", state->held_back);
	pack_bool(pack, "force", state->forced);
	pack_str(pack, "fault", state->fault);
	pack_int(pack, "nodeid", state->nodeid);
	pack_str(pack, "node", state->node);
	pack_str(pack, "fxa_uid", state->fxa_uid);
	pack_str(pack, "fxa_kid", state->fxa_kid);
	return pack_data(pack, data, len);
}

// -ENOENT (absent or nil) leaves NULL. An empty text stays one: an e-mail address may begin with
// '@'.
static int read_text(const struct unpack *unpack, const char *key, char **out) {
	char text[TEXT_BYTES_MAX];
	int err = unpack_str(unpack, key, text, sizeof(text));

	if (err == -ENOENT)
		return 0;
	if (err < 0)
		return -EBADMSG;
	*out = strdup(text);
	return *out == NULL ? -ENOMEM : 0;
}

static int read_flag(const struct unpack *unpack, const char *key, bool *out) {
	int err = unpack_bool(unpack, key, out);

	return err == 0 || err == -ENOENT ? 0 : -EBADMSG;
}

static int read_act(const struct unpack *unpack, struct state *state) {
	char act[32];

	if (unpack_str(unpack, "act", act, sizeof(act)) < 0)
		return -EBADMSG;
	state->send_delete = strcmp(act, act_node_and_row) == 0;
	return state->send_delete || strcmp(act, act_row) == 0 ? 0 : -EBADMSG;
}

static int read_fault(const struct unpack *unpack, struct state *state) {
	char text[FAULT_BYTES_MAX];
	int err = unpack_str(unpack, "fault", text, sizeof(text));

	if (err == -ENOENT)
		return 0;
	return err < 0 ? -EBADMSG : copy_text(&state->fault, text);
}

static int read_nodeid(const struct unpack *unpack, struct state *state) {
	return unpack_int(unpack, "nodeid", &state->nodeid) < 0 ? -EBADMSG : 0;
}

// What the parts say together: a DELETE needs to know where and of whom, unless it is known that it
// cannot be sent.
static int check_whole(const struct state *state) {
	if (!state->send_delete || state->fault != NULL)
		return 0;
	return is_empty(state->node) || state->fxa_uid == NULL || is_empty(state->fxa_kid)
		? -EBADMSG
		: 0;
}

static int read_all(const struct unpack *unpack, struct state *state) {
	int err = read_act(unpack, state);

	if (err == 0)
		err = read_flag(unpack, "held", &state->held_back);
	if (err == 0)
		err = read_flag(unpack, "force", &state->forced);
	if (err == 0)
		err = read_fault(unpack, state);
	if (err == 0)
		err = read_nodeid(unpack, state);
	if (err == 0)
		err = read_text(unpack, "node", &state->node);
	if (err == 0)
		err = read_text(unpack, "fxa_uid", &state->fxa_uid);
	if (err == 0)
		err = read_text(unpack, "fxa_kid", &state->fxa_kid);
	return err < 0 ? err : check_whole(state);
}

int state_unpack(struct state *state, const unsigned char *data, size_t len) {
	struct unpack *unpack;
	int err = unpack_open(&unpack, data, len);

	if (err < 0)
		return err;
	err = read_all(unpack, state);
	unpack_close(unpack);
	// A node with an empty name is a node: its record has a fault. Without a node there is
	// none.
	state->nodeless = err == 0 && state->node == NULL && !state->send_delete;
	if (err < 0)
		state_fini(state);
	return err;
}
