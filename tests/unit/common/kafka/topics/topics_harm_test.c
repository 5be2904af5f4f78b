// SPDX-License-Identifier: MPL-2.0
// topics_harm_test: which settings are warned of, and what mends them.
#include "common/kafka/topics/topics_harm.h"
#include "support/test.h"

#include <string.h>

static const int64_t hour_ms = (int64_t)60 * 60 * 1000;

static void knows_which_settings_may_lose_records(void **state) {
	static const struct {
		enum topic_kind kind;
		const char *key, *value;
		bool is_harmful;
	} cases[] = {
		{TOPIC_CANDIDATES, "retention.ms", "604800000", false},
		{TOPIC_CANDIDATES, "retention.ms", "-1", false},
		{TOPIC_CANDIDATES, "retention.ms", "86400000", false},
		{TOPIC_CANDIDATES, "retention.ms", "86399999", true},
		{TOPIC_CANDIDATES, "retention.ms", "0", true},
		{TOPIC_CANDIDATES, "retention.ms", "", true}, // unknown
		{TOPIC_RETRY, "retention.ms", "86400000", false},
		{TOPIC_RETRY, "retention.ms", "86399999", true},
		{TOPIC_DEAD, "retention.ms", "1000", false},
		{TOPIC_STATE, "retention.ms", "1000", false},
		{TOPIC_CANDIDATES, "retention.bytes", "-1", false},
		{TOPIC_CANDIDATES, "retention.bytes", "1000000000", true},
		{TOPIC_CANDIDATES, "retention.bytes", "", false}, // brokers that have no such limit
		{TOPIC_RETRY, "retention.bytes", "1000000000", true},
		{TOPIC_DEAD, "retention.bytes", "1000000000", false},
		{TOPIC_STATE, "retention.bytes", "1000000000", false},
		{TOPIC_RETRY, "message.timestamp.type", "LogAppendTime", false},
		{TOPIC_RETRY, "message.timestamp.type", "CreateTime", true},
		{TOPIC_CANDIDATES, "message.timestamp.type", "CreateTime", false},
		{TOPIC_CANDIDATES, "unclean.leader.election.enable", "false", false},
		{TOPIC_CANDIDATES, "unclean.leader.election.enable", "true", true},
		{TOPIC_RETRY, "unclean.leader.election.enable", "true", true},
		{TOPIC_STATE, "unclean.leader.election.enable", "true", true},
		{TOPIC_DEAD, "unclean.leader.election.enable", "true", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(
			topics_harm(cases[i].kind, hour_ms, cases[i].key, cases[i].value) != NULL,
			cases[i].is_harmful
		);
}

static void a_long_delay_wants_a_longer_time(void **state) {
	(void)state;
	assert_null(topics_harm(TOPIC_RETRY, 24 * hour_ms, "retention.ms", "345600000"));
	assert_non_null(topics_harm(TOPIC_RETRY, 24 * hour_ms, "retention.ms", "345599999"));
}

static void each_setting_that_is_looked_at_has_a_command_that_makes_it_harmless(void **state) {
	static const char *const bad[TOPICS_HARM_KEYS] = {"1000", "1000", "CreateTime", "true"};

	(void)state;
	for (size_t i = 0; i < TOPICS_HARM_KEYS; i++) {
		char command[TOPIC_SET_COMMAND_BYTES];
		const char *set;

		assert_non_null(topics_harm(TOPIC_RETRY, 0, topics_harm_keys[i], bad[i]));
		topics_harm_command(
			"purge.fruit", 0, topics_harm_keys[i], bad[i], command, sizeof(command)
		);
		set = strstr(command, topics_harm_keys[i]);
		assert_non_null(set);
		assert_null(topics_harm(
			TOPIC_RETRY, 0, topics_harm_keys[i], set + strlen(topics_harm_keys[i]) + 1
		));
	}
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(knows_which_settings_may_lose_records),
		cmocka_unit_test(a_long_delay_wants_a_longer_time),
		cmocka_unit_test(each_setting_that_is_looked_at_has_a_command_that_makes_it_harmless
		),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
