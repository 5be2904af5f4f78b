// SPDX-License-Identifier: MPL-2.0
// db_option_file_test: what the option file that a database URL names adds to it.
#include "common/db/url/db_option_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/db/db.h"
#include "common/db/url/db_url.h"
#include "common/db/url/db_url_query.h"
#include "support/test.h"

static char dir[] = "/tmp/purgefleet-option-XXXXXX";
static const char *const names[] = {
	"my.cnf",
	"more.cnf",
	"d/b.cnf",
	"d/a.cnf",
	"d/c.txt",
	"d",
	"",
};

static int set_up(void **state) {
	char path[128];

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/d", dir);
	assert_int_equal(mkdir(path, 0700), 0);
	return 0;
}

static int tear_down(void **state) {
	char path[128];

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
		remove(path);
	}
	return 0;
}

// A %s in the text is the directory.
static void write_file(const char *name, const char *text) {
	char path[128];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	file = fopen(path, "w");
	assert_non_null(file);
	fprintf(file, text, dir, dir);
	fclose(file);
}

static int read_url(
	struct db_url **url, const char *base, const char *more, char *error, size_t bytes
) {
	char text[300];

	snprintf(text, sizeof(text), "%s?read_default_file=%s/my.cnf%s", base, dir, more);
	return db_url_parse(url, text, error, bytes);
}

static void takes_every_way_to_write_tls(void **state) {
	static const struct {
		const char *file;
		enum db_tls_use use;
		bool cert, host;
		const char *ca;
	} cases[] = {
		{"", DB_TLS_UNSAID, false, false, NULL},
		{"[mysqld]\nssl-ca=/a\n", DB_TLS_UNSAID, false, false, NULL},
		{"[client]\nssl\n", DB_TLS_ON, true, true, NULL},
		{"[client]\nssl=1\n", DB_TLS_ON, true, true, NULL},
		{"[client]\r\nSSL = ON\r\n", DB_TLS_ON, true, true, NULL},
		{"[client]\nssl=0\n", DB_TLS_OFF, false, false, NULL},
		{"[client]\nskip-ssl\n", DB_TLS_OFF, false, false, NULL},
		{"[client]\ndisable_ssl\n", DB_TLS_OFF, false, false, NULL},
		{"[client]\nssl-ca=/a\n", DB_TLS_ON, true, true, "/a"},
		{"[ client ] # ours\n  ssl_ca = '/a'\n", DB_TLS_ON, true, true, "/a"},
		{"[client-server]\nssl_ca=\"/a\"\n", DB_TLS_ON, true, true, "/a"},
		{"[client-mariadb]\nssl-ca=/a\n[mysql]\nssl-ca=/b", DB_TLS_ON, true, true, "/a"},
		{"[client]\nssl-ca=/a\nssl_ca=/a\n", DB_TLS_ON, true, true, "/a"},
		{"[client]\nssl-mode=required\n", DB_TLS_ON, true, true, NULL},
		{"[client]\nssl-mode=VERIFY_CA\nssl-ca=/a\n", DB_TLS_ON, true, false, "/a"},
		{"[client]\nssl-mode=DISABLED\n", DB_TLS_OFF, false, false, NULL},
		{"[client]\nssl-verify-server-cert\n", DB_TLS_ON, true, true, NULL},
		{"[client]\nssl-ca=/a\nssl-verify-server-cert=0\n", DB_TLS_ON, true, false, "/a"},
		{"[client]\nssl\nskip-ssl-verify-server-cert\n", DB_TLS_ON, false, false, NULL},
		{"[client]\nssl-cert=/c\nssl-key=/k\n", DB_TLS_ON, true, true, NULL},
		{"[client]\nuser=x\npassword=p#\nhost=h\nport=1\nsocket=/s\nbind-address=::1\n",
		 DB_TLS_UNSAID,
		 false,
		 false,
		 NULL},
	};
	char error[512];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct db_url *url = NULL;

		write_file("my.cnf", cases[i].file);
		if (read_url(&url, "mysql://u:p@h:1/d", "", error, sizeof(error)) != 0)
			fail_msg("%s: %s", cases[i].file, error);
		if (url->tls.use != cases[i].use || url->tls.verify_cert != cases[i].cert ||
		    url->tls.verify_host != cases[i].host ||
		    strcmp(url->tls.ca ? url->tls.ca : "", cases[i].ca ? cases[i].ca : "") != 0)
			fail_msg("%s", cases[i].file);
		assert_string_equal(url->host, "h");
		db_url_free(url);
	}
}

static void reads_the_group_that_is_named_and_client_as_well(void **state) {
	struct db_url *url = NULL;
	char error[512];

	(void)state;
	write_file("my.cnf", "[client]\nssl-ca=/a\n[tripleo]\nssl-cert=/c\nssl-key=/k\n");
	assert_int_equal(read_url(&url, "mysql://u:p@h/d", "", error, sizeof(error)), 0);
	assert_null(url->tls.cert);
	db_url_free(url);
	assert_int_equal(
		read_url(
			&url,
			"mysql://u:p@h/d",
			"&read_default_group=tripleo&ssl_ca=/a",
			error,
			sizeof(error)
		),
		0
	);
	assert_string_equal(url->tls.ca, "/a");
	assert_string_equal(url->tls.cert, "/c");
	assert_string_equal(url->tls.key, "/k");
	db_url_free(url);
}

static void reads_what_it_includes(void **state) {
	struct db_url *url = NULL;
	char error[512];

	(void)state;
	write_file("my.cnf", "!includedir %s/d\n[client]\n!include %s/more.cnf\nssl-key=/k\n");
	write_file(
		"more.cnf", "ssl-ca=/outside\n[client]\nssl-cert=/c\n[mysql]\n!include %s/my.cnf\n"
	);
	write_file("d/b.cnf", "[client]\nssl-ca=/a\n");
	write_file("d/a.cnf", "[client]\nssl-cipher=A\n");
	write_file("d/c.txt", "[client]\nunknown\n");
	assert_int_equal(read_url(&url, "mysql://u:p@h/d", "", error, sizeof(error)), 0);
	assert_string_equal(url->tls.ca, "/a");
	assert_string_equal(url->tls.cert, "/c");
	assert_string_equal(url->tls.key, "/k");
	assert_string_equal(url->tls.cipher, "A");
	db_url_free(url);
}

// The URL of each has neither user nor host, nor port.
static const struct {
	const char *file, *more, *reason;
} wrong[] = {
	{"[client]\nssl-crl=/geheim\n", "", "my.cnf line 2: 'ssl_crl' is not understood"},
	{"[client]\nssl-fp=x\n", "", "'ssl_fp' is not understood"},
	{"[client]\ntls-version=TLSv1.3\n", "", "name read_default_file with --ignore-url-par"},
	{"[x]\ndefault-auth=a\n", "&read_default_group=x", "'default_auth' is not understood"},
	{"[client]\npassword=x\n geheim\n", "", "the URL has no password"},
	{"[client]\ngeheim\n", "", "line 2: is not understood"},
	{"[client]\nge:heim=1\n", "", "'ge:heim' is not understood"},
	{"[client]\nssl-ca\n", "", "without a value"},
	{"[client]\nssl-ca=\n", "", "without a value"},
	{"[client]\nssl-ca=/a\\sb\n", "", "'\\', '#' or quote"},
	{"[client]\nssl-ca=/a # b\n", "", "'\\', '#' or quote"},
	{"[client]\nssl=1 # b\n", "", "ssl is neither true nor false"},
	{"[client]\nssl-ca=/a\nssl_ca=/b\n", "", "given before with another value"},
	{"[client]\nssl-ca=/a\n", "&ssl_ca=/b", "given before with another value"},
	{"[client]\nssl=geheim\n", "", "line 2: ssl is neither true nor false"},
	{"[client]\nssl-mode=PREFERRED\n", "", "line 2: ssl_mode is none of"},
	{"[client]\nssl=0\n[client]\nssl=1\n", "", "line 4: ssl contradicts another"},
	{"[client]\nssl=0\n", "&ssl_ca=/a", "switches TLS off and also asks for it"},
	{"[client]\nssl-cert=/a\n", "", "go together"},
	{"[client]\nhost=h\n", "", "the URL names no host, and the file does"},
	{"[client]\nsocket=/s\n", "", "the URL names no host, and the file a socket"},
	{"[client]\nuser=u\n", "", "the URL names no user"},
	{"[client]\nport=3307\n", "", "the URL names no port"},
	{"[client\n", "", "line 1: a group must end with ']'"},
	{"!includes /a\n", "", "neither !include FILE"},
	{"!include\n", "", "neither !include FILE"},
	{"!include %s/nothing.cnf\n", "", "cannot read the option file"},
	{"!includedir %s/nothing\n", "", "cannot read the directory"},
};

static void refuses_what_may_protect_and_is_not_understood(void **state) {
	char error[512];

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct db_url *url = NULL;
		int ret;

		write_file("my.cnf", wrong[i].file);
		ret = read_url(&url, "mysql:///d", wrong[i].more, error, sizeof(error));
		if (ret != -EINVAL || url || !strstr(error, wrong[i].reason))
			fail_msg("%s: %d, '%s'", wrong[i].file, ret, error);
		assert_null(strstr(error, "geheim"));
	}
}

static void refuses_a_file_that_is_not_there(void **state) {
	struct db_url *url = NULL;
	char error[512];

	(void)state;
	assert_int_equal(
		db_url_parse(
			&url, "mysql://h/d?read_default_file=/nowhere.cnf", error, sizeof(error)
		),
		-EINVAL
	);
	assert_non_null(strstr(error, "cannot read the option file /nowhere.cnf"));
	assert_int_equal(
		db_url_parse(&url, "mysql://h/d?read_default_group=x", error, sizeof(error)),
		-EINVAL
	);
	assert_non_null(strstr(error, "read_default_group without read_default_file"));
}

static void leaves_the_file_out_when_told_to(void **state) {
	char text[] = "mysql://h/d?read_default_file=/nowhere.cnf&ssl_ca=/a&read_default_group=x";
	char *const ignored[] = {"read_default_file", "read_default_group"};
	char error[512];

	(void)state;
	assert_int_equal(db_url_ignore(text, ignored, 2, error, sizeof(error)), 0);
	assert_string_equal(text, "mysql://h/d?ssl_ca=/a");
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_every_way_to_write_tls),
		cmocka_unit_test(reads_the_group_that_is_named_and_client_as_well),
		cmocka_unit_test(reads_what_it_includes),
		cmocka_unit_test(refuses_what_may_protect_and_is_not_understood),
		cmocka_unit_test(refuses_a_file_that_is_not_there),
		cmocka_unit_test(leaves_the_file_out_when_told_to),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
