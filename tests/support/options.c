// SPDX-License-Identifier: MPL-2.0
// options: options to try the parser with.
#include "support/options.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "support/test.h"

#define AT(field) offsetof(struct options, field)

static const char *const node_keys_words[] = {"fxa", "uid", NULL};

const struct conf_row first_rows[] = {
	{.name = "force",
	 .kind = CONF_FLAG,
	 .offset = AT(force),
	 .exact = true,
	 .help = "also nodes that are down"},
	{.name = "verbose",
	 .letter = 'v',
	 .kind = CONF_FLAG,
	 .offset = AT(verbose),
	 .live = true,
	 .help = "more"},
	{.name = "max-records",
	 .kind = CONF_INT,
	 .offset = AT(max_records),
	 .live = true,
	 .fallback = "7",
	 .meta = "N",
	 .max = 9e18,
	 .help = "at most so many"},
	{.name = "range-start", .kind = CONF_INT, .offset = AT(range_start), .meta = "UID"},
	{.name = "port",
	 .letter = 'p',
	 .kind = CONF_INT,
	 .offset = AT(port),
	 .env = "NEW_PORT OLD_PORT",
	 .fallback = "8125",
	 .meta = "PORT",
	 .min = 1,
	 .max = 65535,
	 .help = "its port"},
	{.name = "share",
	 .kind = CONF_DOUBLE,
	 .offset = AT(share),
	 .fallback = "0.9",
	 .meta = "SHARE",
	 .max = 1,
	 .help = "more than this share is refused, which is a sentence so long that it must be "
		 "wrapped at least once in the right column"},
	{.name = "override-node",
	 .kind = CONF_STRING,
	 .offset = AT(node),
	 .meta = "URL",
	 .live = true},
};

const struct conf_row second_rows[] = {
	{.name = "node-keys",
	 .kind = CONF_CHOICE,
	 .offset = AT(node_keys),
	 .fallback = "fxa",
	 .meta = "KEYS",
	 .choices = node_keys_words,
	 .help = "what nodes keep data by"},
	{.name = "purge-interval",
	 .kind = CONF_DURATION,
	 .offset = AT(interval_ms),
	 .fallback = "3600",
	 .meta = "TIME",
	 .max = 31536000,
	 .help = "pause"},
	{.name = "grace-period", .kind = CONF_DURATION, .offset = AT(grace_ms), .meta = "TIME"},
	{.name = "grace-timeout",
	 .kind = CONF_DURATION,
	 .offset = AT(timeout_ms),
	 .meta = "TIME",
	 .min = -1,
	 .max = (double)INFINITY},
	{.name = "allow-node", .kind = CONF_LIST, .offset = AT(allow), .meta = "URL"},
	{.name = "secret",
	 .kind = CONF_STRING,
	 .offset = AT(secret),
	 .env = "THE_SECRET",
	 .fallback = "hush",
	 .meta = "SECRET",
	 .help = "the secret",
	 .secret = true},
	{.name = "secret-file", .kind = CONF_STRING, .offset = AT(secret_file)},
	{.name = "max-offset", .kind = CONF_STRING, .offset = AT(ignored), .hidden = true},
};
const size_t first_row_count = sizeof(first_rows) / sizeof(first_rows[0]);
const size_t second_row_count = sizeof(second_rows) / sizeof(second_rows[0]);

int parse_input(struct fixture *fixture, const char *line, struct conf_input input) {
	const struct conf_group groups[] = {
		{"first",
		 first_rows,
		 sizeof(first_rows) / sizeof(first_rows[0]),
		 &fixture->options},
		{"second", second_rows, second_row_count, &fixture->options},
	};

	memset(fixture, 0, sizeof(*fixture));
	for (line += strspn(line, " "); *line != '\0'; line += strspn(line, " ")) {
		size_t len = strcspn(line, " ");

		assert_true(input.argc < WORDS_MAX && len < WORD_BYTES);
		memcpy(fixture->words[input.argc], line, len);
		fixture->argv[input.argc] = fixture->words[input.argc];
		input.argc++;
		line += len;
	}
	input.argv = fixture->argv;
	return conf_parse(
		&fixture->conf, groups, 2, &input, fixture->error, sizeof(fixture->error)
	);
}

int parse(struct fixture *fixture, const char *line) {
	return parse_input(fixture, line, (struct conf_input){.positional = "secret"});
}

void parse_well(struct fixture *fixture, const char *line) {
	if (parse(fixture, line) != 0)
		fail_msg("%s: %s", line, fixture->error);
}

void refused(const char *line, const char *error) {
	struct fixture fixture;

	assert_int_equal(parse(&fixture, line), -EINVAL);
	assert_null(fixture.conf);
	assert_string_equal(fixture.error, error);
	assert_null(fixture.options.secret);
	assert_int_equal(fixture.options.max_records, 0);
}
