// SPDX-License-Identifier: MPL-2.0
// binding: topics belong to one database.
#include "producer/outbox/binding.h"

#include "common/kafka/topics/kafka_state.h"
#include "common/target/target_scanner.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { ANSWER_MS = 15 * 1000 };

static int say(char *error, size_t error_bytes, int err, const char *why) {
	snprintf(error, error_bytes, "%s", why);
	return err;
}

static int say_other(char *error, size_t error_bytes, const char *bound, const char *scope) {
	snprintf(
		error,
		error_bytes,
		"these topics belong to the database '%s', this one is '%s'; give each its own "
		"--topic-prefix",
		bound,
		scope[0] == '\0' ? "(without a name yet)" : scope
	);
	return -EINVAL;
}

int binding_check(
	const struct binding *binding,
	struct handle *handle,
	struct layout *out,
	char *error,
	size_t error_bytes
) {
	const struct target_scanner *scanner = binding->scanner;
	bool may_bind = scanner->identify != NULL && !binding->dryrun;
	char scope[LAYOUT_SCOPE_BYTES] = "";
	int err = 0;

	if (scanner->identify != NULL)
		err = scanner->identify(binding->config, handle, may_bind, scope, sizeof(scope));
	// A dry run names nothing.
	if (err == -ENOENT && binding->dryrun) {
		scope[0] = '\0';
		err = 0;
	}
	if (err < 0)
		return err == -ENOTCONN ? err : say(error, error_bytes, err, scope);
	err = may_bind ? kafka_state_bind(binding->state, scope, ANSWER_MS, out)
		       : kafka_state_layout(binding->state, ANSWER_MS, out);
	if (err < 0 && err != -ESTALE)
		return say(error, error_bytes, err, kafka_state_error(binding->state));
	if (scanner->identify != NULL && out->scope[0] != '\0' && strcmp(out->scope, scope) != 0)
		return say_other(error, error_bytes, out->scope, scope);
	return 0;
}
