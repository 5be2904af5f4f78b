// SPDX-License-Identifier: MPL-2.0
// read_url URL: prints the TLS that a database URL asks for, one value a line.
#include <stdio.h>

#include "common/db/db.h"
#include "common/db/url/db_url.h"

static void print(const char *text) {
	printf("%s\n", text == NULL ? "" : text);
}

int main(int argc, char **argv) {
	struct db_url *url = NULL;
	char error[512] = "";
	int err = db_url_parse(&url, argc > 1 ? argv[1] : "", error, sizeof(error));

	if (err < 0) {
		fprintf(stderr, "%s\n", error);
		return 1;
	}
	print(url->tls.use == DB_TLS_ON ? "on" : "");
	print(url->tls.ca);
	print(url->tls.capath);
	print(url->tls.cert);
	print(url->tls.key);
	print(url->tls.cipher);
	db_url_free(url);
	return 0;
}
