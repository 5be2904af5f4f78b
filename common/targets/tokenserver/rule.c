// SPDX-License-Identifier: MPL-2.0
// rule: what happens to a user record, and why.
#include "common/targets/tokenserver/rule.h"

#include "common/targets/tokenserver/hold_list.h"
#include "common/targets/tokenserver/node/endpoint.h"

#include <errno.h>
#include <string.h>

enum { SERVICE_PATH_BYTES = sizeof("/1.5/") - 1 };

struct rule rule_of(const struct tokenserver_config *config, int64_t cutoff) {
	return (struct rule){
		.force = config->force,
		.node_keys = config->node_keys == NODE_KEYS_UID ? NODE_KEYS_UID : NODE_KEYS_FXA,
		.override_node = config->override_node,
		.holds = config->holds,
		.cutoff = cutoff,
	};
}

bool rule_needs_others(const struct tokenserver_config *config) {
	return config->node_keys == NODE_KEYS_FXA || config->override_node != NULL;
}

static void decide(struct ruling *out, enum verdict verdict, enum reason reason) {
	out->verdict = verdict;
	out->reason = reason;
}

static void fail(struct ruling *out, const char *fault) {
	decide(out, VERDICT_FAILED, REASON_UNKNOWN);
	out->fault = fault;
}

// Length of the path (and query) that is the node's own, without slashes at its end.
static size_t own_path_length(const struct endpoint *endpoint) {
	size_t len = strlen(endpoint->target);

	if (len >= SERVICE_PATH_BYTES)
		len -= SERVICE_PATH_BYTES;
	while (len > 0 && endpoint->target[len - 1] == '/')
		len--;
	return len;
}

bool rule_is_same_node(const char *left, const char *right) {
	struct endpoint a = {.port = 0};
	struct endpoint b = {.port = 0};
	size_t len;
	int err;

	if (strcmp(left, right) == 0)
		return true;
	err = endpoint_parse(&a, left);
	if (err == 0)
		err = endpoint_parse(&b, right);
	if (err < 0)
		return err == -ENOMEM;
	len = own_path_length(&a);
	return strcmp(a.origin, b.origin) == 0 && len == own_path_length(&b) &&
		memcmp(a.target, b.target, len) == 0;
}

// When it cannot be told it has, which spares data.
static bool has_kid(const struct user_row *other, const struct user_row *row, const char *kid) {
	const struct user_row *timed = user_row_has_key_time(other) ? other : row;
	char theirs[IDENTITY_KID_BYTES];

	if (other->is_user_broken)
		return false;
	if (identity_kid(theirs, timed->generation, timed->keys_changed_at, other->client_state) <
	    0)
		return false;
	return strcmp(theirs, kid) == 0;
}

// Would a DELETE for `row` to `target` take data that this other record still needs?
static bool is_hurt(
	const struct rule *rule,
	const struct user_row *row,
	const struct user_row *other,
	const struct ruling *ruling,
	bool is_overridden
) {
	bool is_live = !other->is_replaced;
	bool is_young = other->is_replaced && other->replaced_at >= rule->cutoff;

	if (!(is_live || is_young) || !has_kid(other, row, ruling->fxa_kid))
		return false;
	if (is_overridden && is_live)
		return true;
	return rule->node_keys == NODE_KEYS_FXA && other->generation != RULE_RETIRED &&
		other->node != NULL && rule_is_same_node(other->node, ruling->target);
}

// The row's node is asked: where, and may it be?
static void decide_delete(
	const struct rule *rule,
	const struct user_row *row,
	const struct user_row *others,
	size_t count,
	struct ruling *out
) {
	bool is_overridden = out->target != row->node && !rule_is_same_node(out->target, row->node);

	for (size_t i = 0; i < count; i++) {
		if (others[i].uid == row->uid ||
		    !is_hurt(rule, row, &others[i], out, is_overridden))
			continue;
		out->held_back = true;
		out->send_delete = false;
		return;
	}
}

// What stands against any DELETE for this row, or NULL.
static const char *find_fault(
	const struct rule *rule, const struct user_row *row, bool too_many, struct ruling *out
) {
	struct endpoint endpoint;

	if (row->is_user_broken)
		return "email or client_state is NULL, not text, or too long";
	if (out->target == row->node && row->is_node_broken)
		return "the node's name is not text, or too long";
	if (endpoint_parse(&endpoint, out->target) < 0)
		return "the node's name is not an address that can be contacted";
	if (!user_row_has_key_time(row))
		return "neither keys_changed_at nor generation is known";
	if (identity_kid(out->fxa_kid, row->generation, row->keys_changed_at, row->client_state) <
	    0) {
		out->fxa_kid[0] = '\0';
		return "client_state is not hex";
	}
	if (too_many && (rule->node_keys == NODE_KEYS_FXA || rule->override_node != NULL))
		return "the user has more records in use than can be compared";
	return NULL;
}

void rule_decide(
	const struct rule *rule,
	const struct user_row *row,
	const struct user_row *others,
	size_t count,
	bool too_many,
	struct ruling *out
) {
	const char *fault;

	*out = (struct ruling){.verdict = VERDICT_GO, .reason = REASON_NONE};
	if (row == NULL) {
		decide(out, VERDICT_DONE, REASON_GONE);
		return;
	}
	if (!row->is_replaced) {
		decide(out, VERDICT_LEFT, REASON_LIVE);
		return;
	}
	if (row->replaced_at >= rule->cutoff) {
		decide(out, VERDICT_LEFT, REASON_YOUNG);
		return;
	}
	out->nodeless = row->node == NULL;
	if (hold_list_may_have(rule->holds, row->is_email_broken ? NULL : row->email)) {
		decide(out, VERDICT_LEFT, REASON_LEGAL_HOLD);
		return;
	}
	if (out->nodeless)
		return;
	if (row->is_node_downed && !rule->force) {
		decide(out, VERDICT_LEFT, REASON_NODE_DOWN);
		return;
	}
	out->forced = row->is_node_downed;
	out->send_delete = true;
	out->target = out->forced && rule->override_node != NULL ? rule->override_node : row->node;
	fault = find_fault(rule, row, too_many, out);
	if (fault != NULL)
		fail(out, fault);
	else
		decide_delete(rule, row, others, count, out);
}
