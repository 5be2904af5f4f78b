// SPDX-License-Identifier: MPL-2.0
// db_hint_test: what can be done about a connection that failed, and about one that goes in clear.
#include "common/db/db_hint.h"

#include <stddef.h>
#include <string.h>

#include "common/db/db.h"
#include "common/db/url/db_url.h"
#include "support/test.h"

static void knows_a_remedy_by_the_number_of_the_error(void **state) {
	static const struct {
		const char *url;
		unsigned number;
		const char *words; // NULL: none
	} cases[] = {
		{"mysql://h/d", 3159, "the server insists on TLS: add ssl_ca=FILE"},
		{"mysql://h/d", 3955, "ALTER USER ... ACCOUNT UNLOCK"},
		{"mysql://h/d", 4150, "FLUSH PRIVILEGES"},
		{"mysql://h/d", 1044, "no such database"},
		{"mysql://h/d", 1045, "insists on TLS"},
		{"mysql://h/d?ssl=true", 1045, NULL},
		{"mysql://h/d", 1146, NULL},
		{"mysql://h/d", 2026, "of the library"},
		{"mysql://h/d", 2002, NULL},
		{"mysql://localhost/d", 2002, "unix_socket=PATH"},
		{"mysql:///d", 2003, "unix_socket=PATH"},
		{"mysql:///d?unix_socket=/s", 2002, NULL},
	};
	char error[128];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct db_url *url = NULL;
		const char *hint;

		assert_int_equal(db_url_parse(&url, cases[i].url, error, sizeof(error)), 0);
		hint = db_hint(cases[i].number, url, "of the library");
		if ((hint == NULL) != (cases[i].words == NULL) ||
		    (hint && !strstr(hint, cases[i].words)))
			fail_msg("%s %u: %s", cases[i].url, cases[i].number, hint ? hint : "NULL");
		db_url_free(url);
	}
}

static void warns_of_a_connection_in_clear_to_another_machine(void **state) {
	static const struct {
		const char *url;
		bool warns;
	} cases[] = {
		{"mysql://db.example.com/d", true},
		{"mysql://192.0.2.1/d?charset=utf8", true},
		{"mysql://[2001:db8::1]/d", true},
		{"mysql://127.example.com/d?ssl_verify_cert=false", true},
		{"mysql://db.example.com/d?ssl=true", false},
		{"mysql://db.example.com/d?ssl_ca=/a", false},
		{"mysql://db.example.com/d?ssl_mode=DISABLED", false},
		{"mysql://db.example.com/d?unix_socket=/s", false},
		{"mysql://127.0.0.2/d", false},
		{"mysql://[::1]/d", false},
		{"mysql://LocalHost/d", false},
		{"mysql:///d", false},
	};
	char error[128];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct db_url *url = NULL;

		assert_int_equal(db_url_parse(&url, cases[i].url, error, sizeof(error)), 0);
		if ((db_url_caution(url) != NULL) != cases[i].warns)
			fail_msg("%s", cases[i].url);
		db_url_free(url);
	}
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(knows_a_remedy_by_the_number_of_the_error),
		cmocka_unit_test(warns_of_a_connection_in_clear_to_another_machine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
