// SPDX-License-Identifier: MPL-2.0
// read_connection [--glance] PATH...: prints the URL that these configuration files lead to.
#include <stdio.h>
#include <string.h>

#include "common/targets/softdelete/config/connection.h"

int main(int argc, char **argv) {
	int is_glance = argc > 1 && strcmp(argv[1], "--glance") == 0;
	struct conf_list paths = {argv + 1 + is_glance, (size_t)(argc - 1 - is_glance)};
	struct connection connection;
	char error[512] = "";
	int err = connection_read(&connection, &paths, is_glance, error, sizeof(error));

	if (err < 0)
		fprintf(stderr, "%s\n", error);
	else
		printf("%s\n%s\n", connection.url, connection.source);
	connection_fini(&connection);
	return err < 0 ? 1 : 0;
}
