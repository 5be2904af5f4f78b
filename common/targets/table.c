// SPDX-License-Identifier: MPL-2.0
// table: the kinds of cleanup there are.
#include "common/targets/table.h"

#include "common/target/target.h"
#include "common/target/target_front.h"
#include "common/targets/dlrepo/dlrepo.h"
#include "common/targets/softdelete/softdelete.h"
#include "common/targets/swift/swift.h"
#include "common/targets/tokenserver/tokenserver.h"

#include <string.h>

// Keep alphabetized.
const struct target *const targets[] = {
	&target_dlrepo,
	&target_softdelete,
	&target_swift,
	&target_tokenserver,
	NULL,
};

const struct target *target_find(const char *name) {
	for (size_t i = 0; targets[i] != NULL; i++) {
		if (strcmp(targets[i]->name, name) == 0)
			return targets[i];
	}
	return NULL;
}

static const char *find_env(const struct target_env *env, const char *option) {
	for (; env != NULL && env->option != NULL; env++) {
		if (strcmp(env->option, option) == 0)
			return env->names;
	}
	return NULL;
}

const char *target_env_of(const char *option) {
	const char *names = NULL;

	for (size_t i = 0; targets[i] != NULL && names == NULL; i++)
		names = find_env(targets[i]->front->envs, option);
	return names;
}

static const struct target_alias *find_alias(const struct target *target, const char *program) {
	for (const struct target_alias *alias = target->front->aliases;
	     alias != NULL && alias->program != NULL;
	     alias++) {
		if (strcmp(alias->program, program) == 0)
			return alias;
	}
	return NULL;
}

const struct target *target_find_alias(const char *program, const struct target_alias **alias) {
	for (size_t i = 0; targets[i] != NULL; i++) {
		const struct target_alias *found = find_alias(targets[i], program);

		if (found != NULL) {
			*alias = found;
			return targets[i];
		}
	}
	return NULL;
}
