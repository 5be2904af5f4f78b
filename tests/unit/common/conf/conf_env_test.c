// SPDX-License-Identifier: MPL-2.0
// conf_env_test: options that have their environment variables from somebody else.
#include "common/conf/conf.h"
#include "support/test.h"

#include <string.h>

struct wishes {
	char *level, *host, *port;
};

static const struct conf_row rows[] = {
	{.name = "level", .kind = CONF_STRING, .offset = offsetof(struct wishes, level)},
	{.name = "host",
	 .kind = CONF_STRING,
	 .env = "HOST",
	 .offset = offsetof(struct wishes, host)},
	{.name = "port", .kind = CONF_STRING, .env = "", .offset = offsetof(struct wishes, port)},
};

static const char *env_of(const char *row) {
	if (strcmp(row, "port") == 0)
		return "THEIR_PORT";
	return strcmp(row, "level") == 0 ? "THEIR_LEVEL LEVEL" : "THEIR_HOST";
}

static void parse(struct conf **conf, struct wishes *wishes, conf_env_of *of) {
	static char level[] = "LEVEL=low", host[] = "HOST=here", theirs[] = "THEIR_HOST=there";
	static char port[] = "THEIR_PORT=1";
	char *env[] = {level, theirs, host, port, NULL};
	const struct conf_group group = {.title = "t", .rows = rows, .count = 3, .base = wishes};
	const struct conf_input input = {.envp = env, .env_of = of};
	char error[256];

	memset(wishes, 0, sizeof(*wishes));
	assert_int_equal(conf_parse(conf, &group, 1, &input, error, sizeof(error)), 0);
}

static void a_row_without_any_has_those(void **state) {
	struct wishes wishes;
	struct conf *conf;

	(void)state;
	parse(&conf, &wishes, env_of);
	assert_non_null(wishes.level);
	assert_string_equal(wishes.level, "low");
	conf_free(conf);
	parse(&conf, &wishes, NULL);
	assert_null(wishes.level);
	conf_free(conf);
}

static void a_row_with_its_own_keeps_to_them(void **state) {
	struct wishes wishes;
	struct conf *conf;

	(void)state;
	parse(&conf, &wishes, env_of);
	assert_non_null(wishes.host);
	assert_string_equal(wishes.host, "here");
	assert_null(wishes.port);
	conf_free(conf);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_row_without_any_has_those),
		cmocka_unit_test(a_row_with_its_own_keeps_to_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
