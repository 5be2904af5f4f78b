// SPDX-License-Identifier: MPL-2.0
// db_url_test: what a database URL says, and what is wrong with one.
#include "common/db/url/db_url.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common/db/db.h"
#include "common/db/url/db_url_query.h"
#include "support/test.h"

static struct db_url *parse(const char *text) {
	struct db_url *url = NULL;
	char error[512];

	if (db_url_parse(&url, text, error, sizeof(error)) != 0)
		fail_msg("%s: %s", text, error);
	return url;
}

static void same(const char *what, const char *is, const char *wanted) {
	if ((is == NULL) != (wanted == NULL) || (is && strcmp(is, wanted) != 0))
		fail_msg(
			"%s: '%s' instead of '%s'", what, is ? is : "NULL", wanted ? wanted : "NULL"
		);
}

static void reads_every_part(void **state) {
	static const struct {
		const char *text, *user, *password, *host;
		unsigned port;
		const char *database;
	} cases[] = {
		{"mysql://u:p@h:33/d", "u", "p", "h", 33, "d"},
		{"mysql://u:p@h/d", "u", "p", "h", 3306, "d"},
		{"mysql://u@h:/d", "u", "", "h", 3306, "d"},
		{"mysql://u:@h/d", "u", "", "h", 3306, "d"},
		{"mysql:///d", NULL, "", "localhost", 3306, "d"},
		{"mysql://:p@/d", NULL, "p", "localhost", 3306, "d"},
		{"mysql://u:p@/d", "u", "p", "localhost", 3306, "d"},
		{"mysql://h/d", NULL, "", "h", 3306, "d"},
		{"mysql://u:p@[::1]/d", "u", "p", "::1", 3306, "d"},
		{"mysql://u:p@[2001:db8::1]:65535/d", "u", "p", "2001:db8::1", 65535, "d"},
		{"mysql://u:p@[fe80::1%25eth0]:1/d", "u", "p", "fe80::1%eth0", 1, "d"},
		{"mysql://u:p@db.example.org./d-1", "u", "p", "db.example.org.", 3306, "d-1"},
		{"mysql://u:p:q@h/d", "u", "p:q", "h", 3306, "d"},
		{"mysql://u:p@q@h/d", "u", "p@q", "h", 3306, "d"},
		{"mysql://a%40b:%40%3A%2F%3f%25@h/d%2Fe", "a@b", "@:/?%", "h", 3306, "d/e"},
		{"mysql://u:a+b%20c@h/d", "u", "a+b c", "h", 3306, "d"},
		{"mysql://u:100%@h/d", "u", "100%", "h", 3306, "d"},
		{"mysql://u:%zz%4@h/d", "u", "%zz%4", "h", 3306, "d"},
		{"mysql://u:\xc3\xa4%C3%A4@h/d", "u", "\xc3\xa4\xc3\xa4", "h", 3306, "d"},
		{"mysql://u:p#&=@h/d", "u", "p#&=", "h", 3306, "d"},
		{"mysql://u:p@h/d?", "u", "p", "h", 3306, "d"},
		{"mysql://u:p@h/d%3B%26%3D%23?charset=x", "u", "p", "h", 3306, "d;&=#"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct db_url *url = parse(cases[i].text);

		same(cases[i].text, url->user, cases[i].user);
		same(cases[i].text, url->password, cases[i].password);
		same(cases[i].text, url->host, cases[i].host);
		same(cases[i].text, url->database, cases[i].database);
		assert_int_equal(url->port, cases[i].port);
		assert_null(url->unix_socket);
		assert_int_equal(url->tls.use, DB_TLS_UNSAID);
		db_url_free(url);
	}
}

static void takes_the_schemes_of_sqlalchemy(void **state) {
	static const char *const schemes[] = {
		"mysql",
		"mysql+pymysql",
		"mysql+mysqldb",
		"mysql+mysqlconnector",
		"mysql+cymysql",
		"mysql+asyncmy",
		"mariadb",
		"mariadb+pymysql",
		"MySQL",
	};
	char text[128];

	(void)state;
	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
		snprintf(text, sizeof(text), "%s://u:p@h/d", schemes[i]);
		db_url_free(parse(text));
	}
}

static void reads_the_query(void **state) {
	struct db_url *url = parse(
		"mysql://u:p@h/d?charset=utf8&use_unicode=1&&unix_socket=%2Frun%2Fmy+sql.sock"
		"&connect_timeout=3&read_timeout=40&write_timeout=5&binary_prefix=true"
	);

	(void)state;
	assert_string_equal(url->unix_socket, "/run/my sql.sock");
	assert_int_equal(url->connect_timeout_ms, 3000);
	assert_int_equal(url->read_timeout_ms, 40000);
	assert_int_equal(url->write_timeout_ms, 5000);
	assert_string_equal(db_url_host(url), "/run/my sql.sock");
	assert_string_equal(db_url_database(url), "d");
	db_url_free(url);
}

static void leaves_time_outs_unsaid_unless_given(void **state) {
	struct db_url *url = parse("mysql://u:p@h/d");

	(void)state;
	assert_int_equal(url->connect_timeout_ms, 0);
	assert_int_equal(url->read_timeout_ms, 0);
	assert_int_equal(url->write_timeout_ms, 0);
	assert_string_equal(db_url_host(url), "h");
	db_url_free(url);
}

static void verifies_tls_that_is_asked_for(void **state) {
	static const struct {
		const char *query;
		enum db_tls_use use;
		bool cert, host;
	} cases[] = {
		{"ssl=true", DB_TLS_ON, true, true},
		{"ssl=1", DB_TLS_ON, true, true},
		{"ssl_disabled=false", DB_TLS_ON, true, true},
		{"ssl_mode=REQUIRED", DB_TLS_ON, true, true},
		{"ssl_mode=required&ssl_verify_cert=false", DB_TLS_ON, false, false},
		{"ssl=yes&ssl_verify=off", DB_TLS_ON, false, false},
		{"ssl_mode=VERIFY_IDENTITY", DB_TLS_ON, true, true},
		{"ssl_mode=VERIFY_CA&ssl_ca=/ca", DB_TLS_ON, true, false},
		{"ssl_mode=VERIFY_CA&ssl_capath=/ca", DB_TLS_ON, true, false},
		{"ssl_ca=/ca", DB_TLS_ON, true, true},
		{"ssl_ca=/ca&ssl_check_hostname=false", DB_TLS_ON, true, false},
		{"ssl_ca=/ca&ssl_verify_identity=0", DB_TLS_ON, true, false},
		{"ssl_capath=/ca", DB_TLS_ON, true, true},
		{"ssl_cipher=A", DB_TLS_ON, true, true},
		{"ssl_cert=/c&ssl_key=/k", DB_TLS_ON, true, true},
		{"ssl_verify_cert=true", DB_TLS_ON, true, true},
		{"ssl_verify_cert=true&ssl_verify=1", DB_TLS_ON, true, true},
		{"ssl_check_hostname=true", DB_TLS_ON, true, true},
		{"ssl=false", DB_TLS_OFF, false, false},
		{"ssl_mode=DISABLED", DB_TLS_OFF, false, false},
		{"ssl_disabled=true", DB_TLS_OFF, false, false},
		{"ssl_verify_cert=false", DB_TLS_UNSAID, false, false},
		{"ssl_check_hostname=false", DB_TLS_UNSAID, false, false},
	};
	char text[256];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct db_url *url;

		snprintf(text, sizeof(text), "mysql://u:p@h/d?%s", cases[i].query);
		url = parse(text);
		if (url->tls.use != cases[i].use || url->tls.verify_cert != cases[i].cert ||
		    url->tls.verify_host != cases[i].host)
			fail_msg("%s", cases[i].query);
		db_url_free(url);
	}
}

static void hands_the_tls_files_on(void **state) {
	struct db_url *url = parse(
		"mysql://u:p@h/d?ssl_ca=/a%26b&ssl_capath=/b&ssl_cert=/c&ssl_key=/k=&ssl_cipher=A:B"
	);

	(void)state;
	assert_string_equal(url->tls.ca, "/a&b");
	assert_string_equal(url->tls.capath, "/b");
	assert_string_equal(url->tls.cert, "/c");
	assert_string_equal(url->tls.key, "/k=");
	assert_string_equal(url->tls.cipher, "A:B");
	db_url_free(url);
}

// The password of each is `geheim`, in one piece or cut by a character that was not escaped.
static const struct {
	const char *text, *reason;
} wrong[] = {
	{"", "not a database URL"},
	{"geheim", "not a database URL"},
	{"://u:geheim@h/d", "not a database URL"},
	{"mysql:/u:geheim@h/d", "not a database URL"},
	{"u:geheim@h/d", "not a database URL"},
	{"postgresql://u:geheim@h/d", "'postgresql': the URL begins with mysql"},
	{"sqlite:///geheim", "'sqlite'"},
	{"mysql+psycopg://u:geheim@h/d", "'mysql+psycopg'"},
	{"mysql://u:geheim@h", "no database"},
	{"mysql://u:geheim@h/", "no database"},
	{"mysql://u:geheim@h?ssl=1", "no database"},
	{"mysql://u:geheim@h/d/e", "'/' in the database's name"},
	{"mysql://u:geheim@h:0/d", "port"},
	{"mysql://u:geheim@h:65536/d", "port"},
	{"mysql://u:geheim@h:99999999999999999999/d", "port"},
	{"mysql://u:geheim@h:-1/d", "port"},
	{"mysql://u:geheim@h: 1/d", "port"},
	{"mysql://u:geheim@h:1x/d", "port"},
	{"mysql://u:geheim", "port"},
	{"mysql://u:geheim/d", "port"},
	{"mysql://u:x?geheim@h/d", "'@' after the host"},
	{"mysql://u:x/geheim@h/d", "'@' after the host"},
	{"mysql://u:x@/geheim@h/d", "'@' after the host"},
	{"mysql://u:geheim@h/d?ssl_ca=a@b", "'@' after the host"},
	{"mysql://u:geheim@h,i/d", "host has a character"},
	{"mysql://u:geheim@h=i;x=y/d", "host has a character"},
	{"mysql://u:geheim@h i/d", "host has a character"},
	{"mysql://u:geheim@h%00/d", "host has a character"},
	{"mysql://u:geheim@[::1/d", "']'"},
	{"mysql://u:geheim@[::1]x/d", "']'"},
	{"mysql://u:geheim%00@h/d", "NUL byte in the user or the password"},
	{"mysql://u:geheim@h/d%00", "NUL byte in the database's name"},
	{"mysql://u:geheim@h/d?ssl_ca=%00", "NUL byte in a query parameter"},
	{"mysql://u:geheim@h/d\n", "control character"},
	{"mysql://u:geheim@h/d?foo=1", "unknown query parameter 'foo'"},
	{"mysql://u:geheim@h/d?ssl_new=1", "unknown query parameter 'ssl_new'"},
	{"mysql://u:geheim@h/d?ssl%5Fnew=1", "unknown query parameter 'ssl_new'"},
	{"mysql://u:geheim@h/d?init_command=x", "--ignore-url-parameters"},
	{"mysql://u:geheim@h/d?geheim", "query parameter number 1 is not known"},
	{"mysql://u:geheim@h/d?charset=a&geheim+b=1", "query parameter number 2 is not known"},
	{"mysql://u:geheim@h/d?foo?geheim=1", "query parameter number 1 is not known"},
	{"mysql://u@h/d?password=x&geheim=1", "a password among the query parameters"},
	{"mysql://u@h/d?passwd=geheim", "a password among the query parameters"},
	{"mysql://u@h/d?charset=x&ssl_key_password=geheim", "a password among the query"},
	{"mysql://u:geheim@h/d?charset=utf8mb4;ssl=true", "a ';' among the query parameters"},
	{"mysql://u:geheim@h/d?ssl_ca=/a;ssl_verify_cert=true", "a ';' among the query"},
	{"mysql://u:geheim@h/d?charset=utf8mb4%3Bssl=true", "charset is not a plain word"},
	{"mysql://u:geheim@h/d?charset=utf8mb4?ssl=true", "charset is not a plain word"},
	{"mysql://u:geheim@h/d?charset=utf8mb4 ssl=true", "charset is not a plain word"},
	{"mysql://u:geheim@h/d?charset=utf8mb4%26ssl=true", "charset is not a plain word"},
	{"mysql://u:geheim@h/d?plugin=", "plugin is not a plain word"},
	{"mysql://u:geheim@h/d?use_unicode", "use_unicode is not a plain word"},
	{"mysql://u:geheim@h/d&ssl=true", "in the database's name: parameters follow a '?'"},
	{"mysql://u:geheim@h/d;ssl=true", "in the database's name: parameters follow a '?'"},
	{"mysql://u:geheim@h/d#ssl", "in the database's name: parameters follow a '?'"},
	{"mysql://u:geheim@h/d?ssl_ca=/a&ssl_ca=/b", "ssl_ca is there twice"},
	{"mysql://u:geheim@h/d?SSL=1", "unknown query parameter 'SSL'"},
	{"mysql://u:geheim@h/d?ssl=maybe", "ssl is neither true nor false"},
	{"mysql://u:geheim@h/d?ssl", "ssl is neither true nor false"},
	{"mysql://u:geheim@h/d?ssl_mode=PREFERRED", "ssl_mode is none of DISABLED"},
	{"mysql://u:geheim@h/d?ssl_ca=", "ssl_ca is empty"},
	{"mysql://u:geheim@h/d?unix_socket=", "unix_socket is empty"},
	{"mysql://u:geheim@h/d?read_timeout=0", "read_timeout is not a whole number"},
	{"mysql://u:geheim@h/d?read_timeout=-1", "read_timeout is not a whole number"},
	{"mysql://u:geheim@h/d?connect_timeout=1.5", "connect_timeout is not a whole"},
	{"mysql://u:geheim@h/d?write_timeout=9999999", "write_timeout is not a whole"},
	{"mysql://u:geheim@h/d?charset=a&charset=b", "charset is there twice"},
	{"mysql://u:geheim@h/d?ssl=true&ssl_mode=DISABLED", "switches TLS off and also"},
	{"mysql://u:geheim@h/d?ssl=0&ssl_ca=/a", "switches TLS off and also"},
	{"mysql://u:geheim@h/d?ssl_verify=1&ssl_verify_cert=0", "contradicts another"},
	{"mysql://u:geheim@h/d?ssl_ca=/a&ssl_verify_cert=0", "contradicts another"},
	{"mysql://u:geheim@h/d?ssl_mode=VERIFY_CA&ssl_verify=0", "contradicts another"},
	{"mysql://u:geheim@h/d?ssl_verify=0&ssl_check_hostname=1", "contradicts ssl_verify"},
	{"mysql://u:geheim@h/d?ssl_mode=VERIFY_IDENTITY&ssl_check_hostname=0",
	 "contradicts ssl_mode"},
	{"mysql://u:geheim@h/d?ssl_mode=VERIFY_CA&ssl_ca=/a&ssl_check_hostname=1",
	 "contradicts ssl_mode"},
	{"mysql://u:geheim@h/d?ssl_mode=VERIFY_CA", "needs ssl_ca"},
	{"mysql://u:geheim@h/d?ssl=1&ssl_check_hostname=0", "needs ssl_ca"},
	{"mysql://u:geheim@h/d?ssl_cert=/c", "go together"},
	{"mysql://u:geheim@h/d?ssl_key=/k", "go together"},
};

static void refuses_with_a_reason_that_spares_the_password(void **state) {
	char error[512];

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct db_url *url = NULL;
		int ret = db_url_parse(&url, wrong[i].text, error, sizeof(error));

		if (ret != -EINVAL || url || !strstr(error, wrong[i].reason))
			fail_msg("%s: %d, '%s'", wrong[i].text, ret, error);
		assert_null(strstr(error, "geheim"));
	}
}

static void leaves_out_what_the_operator_names(void **state) {
	static const char *const cases[][2] = {
		{"mysql://u:p@h/d", "mysql://u:p@h/d"},
		{"mysql://u:p@h/d?charset=utf8", "mysql://u:p@h/d?charset=utf8"},
		{"mysql://u:p@h/d?init=x", "mysql://u:p@h/d"},
		{"mysql://u:p@h/d?init=x&ssl_ca=/a&charset=utf8&&conv&init=y",
		 "mysql://u:p@h/d?ssl_ca=/a&charset=utf8&"},
		{"mysql://u:p@h/d?inits=1&ini=2&charset", "mysql://u:p@h/d?inits=1&ini=2&charset"},
		{"mysql://u:p@h/d?", "mysql://u:p@h/d?"},
		{"mysql://u:p@h/d?read_default_file=/f&ssl_ca=/a", "mysql://u:p@h/d?ssl_ca=/a"},
	};
	char *const names[] = {"init", "conv", "plugin", "read_default_file"};
	char error[512];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[100];

		snprintf(text, sizeof(text), "%s", cases[i][0]);
		assert_int_equal(db_url_ignore(text, names, 4, error, sizeof(error)), 0);
		assert_string_equal(text, cases[i][1]);
		for (size_t at = strlen(text); at < strlen(cases[i][0]); at++)
			assert_int_equal(text[at], 0); // it may have been a secret
	}
}

static void leaves_out_nothing_that_it_understands(void **state) {
	char text[] = "mysql://u:p@h/d?ssl_ca=/a";
	char *const names[] = {"plugin", "ssl_ca"};
	char error[512];

	(void)state;
	assert_int_equal(db_url_ignore(text, names, 2, error, sizeof(error)), -EINVAL);
	assert_non_null(strstr(error, "'ssl_ca' means something here"));
	assert_string_equal(text, "mysql://u:p@h/d?ssl_ca=/a");
}

static void cuts_nothing_out_of_a_password(void **state) {
	static const char *const texts[] = {
		"mysql+pymysql://u:1/x?geheim@h:1/d",
		"mysql://u:1?geheim@h:1/d",
		"mysql://u:1/geheim@h:1/d?x=1",
		"mysql://u:1/x?a&geheim=b@h:1/d",
	};
	char *const names[] = {"geheim"};
	char error[512], text[100];

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		snprintf(text, sizeof(text), "%s", texts[i]);
		assert_int_equal(db_url_ignore(text, names, 1, error, sizeof(error)), -EINVAL);
		assert_string_equal(text, texts[i]);
		assert_non_null(strstr(error, "percent-encode"));
		assert_null(strstr(error, "geheim"));
	}
}

static void cuts_a_message_that_does_not_fit(void **state) {
	struct db_url *url = NULL;
	char error[8];

	(void)state;
	assert_int_equal(db_url_parse(&url, "mysql://h", error, sizeof(error)), -EINVAL);
	assert_string_equal(error, "no data");
	assert_int_equal(db_url_parse(&url, "mysql://h", error, 0), -EINVAL);
	db_url_free(NULL);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_every_part),
		cmocka_unit_test(takes_the_schemes_of_sqlalchemy),
		cmocka_unit_test(reads_the_query),
		cmocka_unit_test(leaves_time_outs_unsaid_unless_given),
		cmocka_unit_test(verifies_tls_that_is_asked_for),
		cmocka_unit_test(hands_the_tls_files_on),
		cmocka_unit_test(refuses_with_a_reason_that_spares_the_password),
		cmocka_unit_test(leaves_out_what_the_operator_names),
		cmocka_unit_test(leaves_out_nothing_that_it_understands),
		cmocka_unit_test(cuts_nothing_out_of_a_password),
		cmocka_unit_test(cuts_a_message_that_does_not_fit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
