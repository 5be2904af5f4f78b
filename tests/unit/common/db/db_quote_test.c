// SPDX-License-Identifier: MPL-2.0
// db_quote_test: identifiers in SQL; texts need a connection, see the integration test of db.
#include "common/base/buf.h"
#include "common/db/db.h"
#include "common/db/db_name.h"
#include "support/test.h"

static void quotes_names(void **state) {
	static const char *const names[][2] = {
		{"a", "`a`"},
		{"a`b", "`a``b`"},
		{"`", "````"},
		{"a b.c", "`a b.c`"},
		{"``x", "`````x`"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct buf sql = {0};

		assert_int_equal(db_quote_name(&sql, names[i][0]), 0);
		assert_string_equal(buf_text(&sql), names[i][1]);
		buf_fini(&sql);
	}
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(quotes_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
