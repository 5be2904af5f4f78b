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

static int say_other(
	char *error, size_t error_bytes, const char *named, const char *bound, const char *scope
) {
	snprintf(
		error,
		error_bytes,
		"these topics belong to the %s '%s', this one is '%s'; give each its own "
		"--topic-prefix",
		named,
		bound,
		scope[0] == '\0' ? "(without a name yet)" : scope
	);
	return -EINVAL;
}

// What the topics are bound to may not be this one: then it gets no name for them.
static int find_name(
	const struct binding *binding,
	struct handle *handle,
	bool may_bind,
	char *scope,
	size_t scope_bytes
) {
	const struct target_scanner *scanner = binding->scanner;
	int err = scanner->identify(binding->config, handle, may_bind, scope, scope_bytes);

	if (err == -ENOENT && !may_bind) {
		scope[0] = '\0';
		err = 0;
	}
	return err;
}

int binding_check(
	const struct binding *binding,
	struct handle *handle,
	struct layout *out,
	char *error,
	size_t error_bytes
) {
	const struct target_scanner *scanner = binding->scanner;
	char scope[LAYOUT_SCOPE_BYTES] = "";
	bool may_bind;
	int err = kafka_state_layout(binding->state, ANSWER_MS, out);

	if (err < 0)
		return say(error, error_bytes, err, kafka_state_error(binding->state));
	if (scanner->identify == NULL)
		return 0;
	may_bind = !binding->dryrun && out->scope[0] == '\0';
	err = find_name(binding, handle, may_bind, scope, sizeof(scope));
	if (err < 0)
		return err == -ENOTCONN ? err : say(error, error_bytes, err, scope);
	if (may_bind)
		err = kafka_state_bind(binding->state, scope, ANSWER_MS, out);
	if (err < 0 && err != -ESTALE)
		return say(error, error_bytes, err, kafka_state_error(binding->state));
	if (out->scope[0] != '\0' && strcmp(out->scope, scope) != 0)
		return say_other(error, error_bytes, scanner->named, out->scope, scope);
	return 0;
}
