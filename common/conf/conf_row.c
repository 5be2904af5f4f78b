// SPDX-License-Identifier: MPL-2.0
// conf_row: what options there are, and where their texts come from.
#include "common/conf/conf_row.h"

#include <string.h>

const char *conf_row_env(const struct conf_row *row, conf_env_of *env_of) {
	const char *names = row->env;

	if (names == NULL && env_of != NULL)
		names = env_of(row->name);
	return names == NULL ? "" : names;
}

size_t conf_row_first_env(const char **names) {
	*names += strspn(*names, " ");
	return strcspn(*names, " ");
}
