// SPDX-License-Identifier: MPL-2.0
// log_test: the lines that a pipe receives, at a fixed time.
#include "common/base/log.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "support/test.h"

#define WHEN "2026-01-02T03:04:05.678Z"

WRAPS(clock_wall_ms);
int64_t __wrap_clock_wall_ms(void) {
	return 1767323045678;
}

// A socket pair that keeps the borders of writes, so that a test sees how many there were.
struct sink {
	int fds[2];
	struct log *log;
	char text[128 * 1024];
};

static int sink_open(void **state, bool human) {
	struct sink *sink = calloc(1, sizeof(*sink));

	assert_non_null(sink);
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, sink->fds), 0);
	sink->log = log_new(sink->fds[1], LOG_LEVEL_INFO, human);
	assert_non_null(sink->log);
	*state = sink;
	return 0;
}

static int open_json(void **state) {
	return sink_open(state, false);
}

static int open_human(void **state) {
	return sink_open(state, true);
}

static int sink_close(void **state) {
	struct sink *sink = *state;

	log_free(sink->log);
	close(sink->fds[0]);
	close(sink->fds[1]);
	free(sink);
	return 0;
}

// What the next write wrote, or NULL.
static const char *next_write(struct sink *sink) {
	ssize_t n = recv(sink->fds[0], sink->text, sizeof(sink->text) - 1, MSG_DONTWAIT);

	if (n < 0)
		return NULL;
	sink->text[n] = '\0';
	return sink->text;
}

static void expect_write(struct sink *sink, const char *wanted) {
	const char *text = next_write(sink);

	assert_non_null(text);
	assert_string_equal(text, wanted);
	assert_null(next_write(sink));
}

static void writes_json_with_its_fields_in_order(void **state) {
	struct sink *sink = *state;

	LOG(sink->log,
	    LOG_LEVEL_INFO,
	    "run ended",
	    log_int("rows", INT64_MIN),
	    log_str("state", "two \"words\"\n"),
	    log_dbl("share", 0.25),
	    log_bool("full", true),
	    log_bool("dry", false),
	    log_str("node", NULL));
	expect_write(
		sink,
		"{\"severity\":\"INFO\",\"message\":\"run ended\",\"timestamp\":\"" WHEN "\","
		"\"rows\":-9223372036854775808,\"state\":\"two \\\"words\\\"\\n\",\"share\":0.25,"
		"\"full\":true,\"dry\":false,\"node\":null}\n"
	);
}

static void writes_a_message_alone(void **state) {
	struct sink *sink = *state;

	LOG(sink->log, LOG_LEVEL_ERROR, "no database");
	expect_write(
		sink,
		"{\"severity\":\"ERROR\",\"message\":\"no database\",\"timestamp\":\"" WHEN "\"}\n"
	);
	log_write(sink->log, LOG_LEVEL_WARNING, "no fields", NULL);
	expect_write(
		sink,
		"{\"severity\":\"WARNING\",\"message\":\"no fields\",\"timestamp\":\"" WHEN "\"}\n"
	);
}

static void json_has_no_number_that_json_has_not(void **state) {
	struct sink *sink = *state;

	LOG(sink->log, LOG_LEVEL_INFO, "m", log_dbl("a", (double)NAN), log_dbl("b", -HUGE_VAL));
	assert_non_null(strstr(next_write(sink), "\"a\":null,\"b\":null}"));
}

static void writes_plain_text_for_people(void **state) {
	struct sink *sink = *state;

	LOG(sink->log,
	    LOG_LEVEL_INFO,
	    "run ended",
	    log_str("key", "value"),
	    log_str("other", "two words"),
	    log_str("none", NULL),
	    log_str("empty", ""),
	    log_int("rows", 7));
	expect_write(
		sink,
		WHEN " INFO  run ended key=value other=\"two words\" none=null empty=\"\" rows=7\n"
	);
	LOG(sink->log, LOG_LEVEL_WARNING, "slow");
	expect_write(sink, WHEN " WARNING slow\n");
}

static void nobody_can_forge_a_line_for_people(void **state) {
	struct sink *sink = *state;

	LOG(sink->log,
	    LOG_LEVEL_INFO,
	    "m\nforged",
	    log_str("a", "x\n2026 ERROR forged"),
	    log_str("b", "\x1b[2J"),
	    log_str("c", "x\rrows=7"),
	    log_str("d", "rows=7"),
	    log_str("e", "\xc2\x9b"),
	    log_str("f", "a\"b"));
	expect_write(
		sink,
		WHEN " INFO  m\\nforged a=\"x\\n2026 ERROR forged\" b=\"\\u001b[2J\" "
		     "c=\"x\\rrows=7\" d=\"rows=7\" e=\"\\u009b\" f=\"a\\\"b\"\n"
	);
}

static void a_line_begins_where_a_passing_one_was_taken_away(void **state) {
	struct sink *sink = *state;

	log_passing(sink->log, "");
	assert_null(next_write(sink));
	log_passing(sink->log, "half");
	log_passing(sink->log, "all");
	assert_string_equal(next_write(sink), "\r\033[Khalf");
	assert_string_equal(next_write(sink), "\r\033[Kall");
	LOG(sink->log, LOG_LEVEL_DEBUG, "not wanted");
	assert_null(next_write(sink));
	LOG(sink->log, LOG_LEVEL_INFO, "m");
	assert_string_equal(next_write(sink), "\r\033[K");
	expect_write(sink, WHEN " INFO  m\n");
	LOG(sink->log, LOG_LEVEL_INFO, "m");
	expect_write(sink, WHEN " INFO  m\n");
	log_passing(sink->log, "more");
	log_passing(sink->log, "");
	assert_string_equal(next_write(sink), "\r\033[Kmore");
	expect_write(sink, "\r\033[K");
}

static void cuts_a_long_value_between_characters(void **state) {
	struct sink *sink = *state;
	char value[700];
	const char *line;

	memset(value, 'x', sizeof(value));
	memcpy(value + 511, "\xc3\xa9yyy", 6);
	LOG(sink->log, LOG_LEVEL_INFO, "m", log_str("a", value));
	line = strstr(next_write(sink), "\"a\":\"");
	assert_non_null(line);
	assert_int_equal(strspn(line + 5, "x"), 511);
	assert_null(strchr(line, 'y'));
	assert_null(strstr(line, "\\ufffd"));
}

static void a_value_of_just_the_limit_is_whole(void **state) {
	struct sink *sink = *state;
	char value[513];

	memset(value, 'x', 512);
	value[512] = '\0';
	LOG(sink->log, LOG_LEVEL_INFO, "m", log_str("a", value));
	assert_int_equal(strspn(strstr(next_write(sink), "xx"), "x"), 512);
}

static void a_line_too_long_leaves_a_trace(void **state) {
	struct sink *sink = *state;
	struct log_field fields[41];
	char value[513];

	memset(value, '\1', 512); // six bytes each in JSON
	value[512] = '\0';
	for (int i = 0; i < 40; i++)
		fields[i] = log_str("k", value);
	fields[40] = (struct log_field){0};
	log_write(sink->log, LOG_LEVEL_INFO, "m", fields);
	expect_write(sink, "{\"severity\":\"ERROR\",\"message\":\"log line lost\"}\n");
}

static void is_silent_below_its_level(void **state) {
	struct sink *sink = *state;

	assert_false(log_enabled(sink->log, LOG_LEVEL_DEBUG));
	assert_true(log_enabled(sink->log, LOG_LEVEL_INFO));
	assert_true(log_enabled(sink->log, LOG_LEVEL_ERROR));
	LOG(sink->log, LOG_LEVEL_DEBUG, "m");
	assert_null(next_write(sink));
}

static void a_line_that_comes_again_is_due_once_for_its_kind(void **state) {
	struct sink *sink = *state;

	assert_true(log_is_due(sink->log, "one", 60000));
	assert_false(log_is_due(sink->log, "one", 60000));
	assert_true(log_is_due(sink->log, "another", 0));
	assert_true(log_is_due(sink->log, "another", 0));
	assert_false(log_is_due(NULL, "one", 0));
}

static void each_of_many_kinds_is_told_though_there_is_no_room_for_all(void **state) {
	struct sink *sink = *state;
	char kind[32];

	for (int i = 0; i < 100; i++) {
		snprintf(kind, sizeof(kind), "kind %d", i);
		assert_true(log_is_due(sink->log, kind, 60000));
		assert_false(log_is_due(sink->log, kind, 60000));
	}
}

static void a_kind_takes_the_place_of_the_one_that_is_due_next(void **state) {
	struct sink *sink = *state;
	char kind[32];

	assert_true(log_is_due(sink->log, "seldom", 600000));
	for (int i = 0; i < 100; i++) {
		snprintf(kind, sizeof(kind), "kind %d", i);
		assert_true(log_is_due(sink->log, kind, 60000));
	}
	assert_false(log_is_due(sink->log, "seldom", 600000));
}

static void keeps_errno(void **state) {
	struct log *broken = log_new(-1, LOG_LEVEL_DEBUG, false);

	(void)state;
	errno = EDOM;
	LOG(broken, LOG_LEVEL_ERROR, "m", log_int("a", 1));
	assert_int_equal(errno, EDOM);
	log_free(broken);
}

static void no_logger_swallows_everything(void **state) {
	(void)state;
	LOG(NULL, LOG_LEVEL_ERROR, "m", log_int("a", 1));
	assert_false(log_enabled(NULL, LOG_LEVEL_ERROR));
	log_free(NULL);
}

static void knows_the_names_of_levels(void **state) {
	static const struct {
		const char *name;
		int ret;
		enum log_level level;
	} rows[] = {
		{"debug", 0, LOG_LEVEL_DEBUG},
		{"INFO", 0, LOG_LEVEL_INFO},
		{"Warn", 0, LOG_LEVEL_WARNING},
		{"warning", 0, LOG_LEVEL_WARNING},
		{"error", 0, LOG_LEVEL_ERROR},
		{"CRITICAL", 0, LOG_LEVEL_ERROR},
		{"0", 0, LOG_LEVEL_DEBUG},
		{"10", 0, LOG_LEVEL_DEBUG},
		{"11", 0, LOG_LEVEL_INFO},
		{"20", 0, LOG_LEVEL_INFO},
		{"30", 0, LOG_LEVEL_WARNING},
		{"31", 0, LOG_LEVEL_ERROR},
		{"50", 0, LOG_LEVEL_ERROR},
		{"", -EINVAL, LOG_LEVEL_DEBUG},
		{"-1", -EINVAL, LOG_LEVEL_DEBUG},
		{"10x", -EINVAL, LOG_LEVEL_DEBUG},
		{"infos", -EINVAL, LOG_LEVEL_DEBUG},
		{"99999999999999999999", -EINVAL, LOG_LEVEL_DEBUG},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		enum log_level level = LOG_LEVEL_DEBUG;

		errno = EDOM;
		assert_int_equal(log_level_parse(rows[i].name, &level), rows[i].ret);
		assert_int_equal(level, rows[i].level);
		assert_int_equal(errno, EDOM);
	}
}

#define JSON_TEST(test) cmocka_unit_test_setup_teardown(test, open_json, sink_close)
#define HUMAN_TEST(test) cmocka_unit_test_setup_teardown(test, open_human, sink_close)

int main(void) {
	const struct CMUnitTest tests[] = {
		JSON_TEST(writes_json_with_its_fields_in_order),
		JSON_TEST(writes_a_message_alone),
		JSON_TEST(json_has_no_number_that_json_has_not),
		HUMAN_TEST(writes_plain_text_for_people),
		HUMAN_TEST(nobody_can_forge_a_line_for_people),
		HUMAN_TEST(a_line_begins_where_a_passing_one_was_taken_away),
		JSON_TEST(cuts_a_long_value_between_characters),
		JSON_TEST(a_value_of_just_the_limit_is_whole),
		JSON_TEST(a_line_too_long_leaves_a_trace),
		JSON_TEST(is_silent_below_its_level),
		JSON_TEST(a_line_that_comes_again_is_due_once_for_its_kind),
		JSON_TEST(each_of_many_kinds_is_told_though_there_is_no_room_for_all),
		JSON_TEST(a_kind_takes_the_place_of_the_one_that_is_due_next),
		cmocka_unit_test(keeps_errno),
		cmocka_unit_test(no_logger_swallows_everything),
		cmocka_unit_test(knows_the_names_of_levels),
	};

	return cmocka_run_group_tests_name("log", tests, NULL, NULL);
}
