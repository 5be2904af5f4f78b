// SPDX-License-Identifier: MPL-2.0
// topics_test: names and properties of topics, and the layout.
#include "common/kafka/topics/topics.h"
#include "support/test.h"

#include <errno.h>
#include <string.h>

static const struct topics_wish wish = {
	.partitions = 24,
	.replication = 3,
	.retry_delay_ms = 60000,
	.retry_retention_ms = 3000,
	.retention_ms = 1000,
	.dead_retention_ms = 2000,
	.audit_retention_ms = 4000,
};

static void names_topics_after_prefix_and_target(void **state) {
	static const char *const names[TOPIC_KINDS] = {
		[TOPIC_CANDIDATES] = "purge.fruit",
		[TOPIC_DEAD] = "purge.fruit.dead",
		[TOPIC_AUDIT] = "purge.fruit.audit",
		[TOPIC_STATE] = "purge.fruit.state",
	};
	char name[TOPIC_NAME_BYTES];

	(void)state;
	for (int kind = 0; kind < TOPIC_KINDS; kind++) {
		if (kind == TOPIC_RETRY)
			continue;
		assert_int_equal(
			topic_name((enum topic_kind)kind, "purge", "fruit", name, sizeof(name)), 0
		);
		assert_string_equal(name, names[kind]);
	}
}

static void tells_the_command_that_makes_them(void **state) {
	char command[TOPICS_COMMAND_BYTES];

	(void)state;
	topics_command("purge", "fruit", command, sizeof(command));
	assert_string_equal(command, "purgefleet topics fruit create");
	topics_command("other", "fruit", command, sizeof(command));
	assert_string_equal(command, "purgefleet topics fruit create --topic-prefix other");
}

static void names_retry_topics_after_their_delay(void **state) {
	static const struct {
		int64_t ms;
		const char *name;
	} cases[] = {
		{0, "purge.fruit.retry.0s"},
		{500, "purge.fruit.retry.500ms"},
		{1500, "purge.fruit.retry.1500ms"},
		{45000, "purge.fruit.retry.45s"},
		{60000, "purge.fruit.retry.1m"},
		{90000, "purge.fruit.retry.90s"},
		{600000, "purge.fruit.retry.10m"},
		{3600000, "purge.fruit.retry.1h"},
		{86400000, "purge.fruit.retry.24h"},
	};
	char name[TOPIC_NAME_BYTES];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(
			topic_retry_name("purge", "fruit", cases[i].ms, name, sizeof(name)), 0
		);
		assert_string_equal(name, cases[i].name);
	}
	// A retry topic has no name without a delay.
	assert_int_equal(topic_name(TOPIC_RETRY, "purge", "fruit", name, sizeof(name)), -EINVAL);
}

static void reads_the_delay_from_a_name_and_takes_no_other(void **state) {
	static const int64_t delays_ms[] = {0, 500, 1500, 45000, 60000, 90000, 3600000, 86400000};
	static const char *const others[] = {
		"purge.fruit",
		"purge.fruit.retry",
		"purge.fruit.retry.",
		"purge.fruit.retry.m",
		"purge.fruit.retry.60s", // 1m
		"purge.fruit.retry.01m",
		"purge.fruit.retry.1m2",
		"purge.fruit.retry.-1m",
		"purge.fruit.retry.99999999999999999999s",
		"purge.fruit.retry.1m.1m",
		"other.fruit.retry.1m",
		"purge.nuts.retry.1m",
	};
	char name[TOPIC_NAME_BYTES];
	int64_t ms = -1;

	(void)state;
	for (size_t i = 0; i < sizeof(delays_ms) / sizeof(delays_ms[0]); i++) {
		topic_retry_name("purge", "fruit", delays_ms[i], name, sizeof(name));
		assert_int_equal(topic_retry_delay("purge", "fruit", name, &ms), 0);
		assert_int_equal(ms, delays_ms[i]);
	}
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		assert_int_equal(topic_retry_delay("purge", "fruit", others[i], &ms), -EINVAL);
}

static void refuses_names_that_kafka_does_not_take(void **state) {
	static const char *const prefixes[] = {"a b", "", "a/b", "\xc3\xa4"};
	char name[TOPIC_NAME_BYTES];
	char large[300];

	(void)state;
	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++)
		assert_int_equal(
			topic_name(TOPIC_STATE, prefixes[i], "fruit", name, sizeof(name)), -EINVAL
		);
	memset(large, 'x', sizeof(large));
	large[sizeof(large) - 1] = '\0';
	assert_int_equal(topic_name(TOPIC_STATE, large, "fruit", name, sizeof(name)), -EINVAL);
}

static const char *property(const struct topic_plan *plan, const char *key) {
	for (size_t i = 0; i < plan->property_count; i++)
		if (strcmp(plan->properties[i].key, key) == 0)
			return plan->properties[i].value;
	return "";
}

static struct topic_plan plan_of(enum topic_kind kind, struct topics_wish what) {
	struct topic_plan plan;

	assert_int_equal(topic_plan(&plan, kind, "purge", "fruit", &what), 0);
	return plan;
}

static void plans_what_each_topic_is_for(void **state) {
	struct topic_plan candidates = plan_of(TOPIC_CANDIDATES, wish);
	struct topic_plan retry = plan_of(TOPIC_RETRY, wish);
	struct topic_plan dead = plan_of(TOPIC_DEAD, wish);
	struct topic_plan audit = plan_of(TOPIC_AUDIT, wish);
	struct topic_plan kept = plan_of(TOPIC_STATE, wish);

	(void)state;
	assert_int_equal(candidates.partitions, 24);
	assert_string_equal(property(&candidates, "retention.ms"), "1000");
	assert_string_equal(property(&candidates, "retention.bytes"), "-1");
	assert_string_equal(property(&candidates, "cleanup.policy"), "delete");
	assert_string_equal(retry.name, "purge.fruit.retry.1m");
	assert_int_equal(retry.partitions, 24);
	assert_string_equal(property(&retry, "retention.ms"), "3000");
	assert_string_equal(property(&retry, "message.timestamp.type"), "LogAppendTime");
	assert_string_equal(property(&dead, "cleanup.policy"), "compact,delete");
	assert_string_equal(property(&dead, "retention.ms"), "2000");
	assert_string_equal(property(&dead, "retention.bytes"), "-1");
	assert_int_equal(audit.partitions, 24);
	assert_string_equal(property(&audit, "cleanup.policy"), "delete");
	assert_string_equal(property(&audit, "retention.ms"), "4000");
	assert_int_equal(kept.partitions, 1);
	assert_string_equal(property(&kept, "cleanup.policy"), "compact");
	assert_string_equal(property(&kept, "retention.ms"), "");
	assert_string_equal(property(&kept, "retention.bytes"), "");
	assert_string_equal(property(&kept, "unclean.leader.election.enable"), "false");
}

static void wants_two_copies_written_when_there_are_three(void **state) {
	struct topics_wish two = wish;
	struct topic_plan plan = plan_of(TOPIC_CANDIDATES, wish);

	(void)state;
	assert_string_equal(property(&plan, "min.insync.replicas"), "2");
	two.replication = 2;
	plan = plan_of(TOPIC_CANDIDATES, two);
	assert_string_equal(property(&plan, "min.insync.replicas"), "1");
}

static void wants_room_for_a_batch_at_least(void **state) {
	struct topic_plan plan = plan_of(TOPIC_CANDIDATES, wish);
	const struct topic_property *largest = &plan.properties[plan.property_count - 1];

	(void)state;
	assert_string_equal(largest->key, "max.message.bytes");
	assert_true(largest->is_least);
	assert_true(topic_property_is_met(largest, "1048588"));
	assert_true(topic_property_is_met(largest, "1000000"));
	assert_false(topic_property_is_met(largest, "999999"));
	assert_false(topic_property_is_met(largest, ""));
	assert_true(topic_property_is_met(&plan.properties[0], "delete"));
	assert_false(topic_property_is_met(&plan.properties[0], "compact"));
}

static void knows_which_policy_would_lose_something(void **state) {
	static const struct {
		enum topic_kind kind;
		const char *policy;
		bool is_harmful;
	} cases[] = {
		{TOPIC_CANDIDATES, "delete", false},
		{TOPIC_CANDIDATES, "compact", true},
		{TOPIC_CANDIDATES, "delete,compact", true},
		{TOPIC_CANDIDATES, "", true}, // unknown
		{TOPIC_RETRY, "delete", false},
		{TOPIC_RETRY, "compact,delete", true},
		{TOPIC_DEAD, "delete", false},
		{TOPIC_DEAD, "compact", false},
		{TOPIC_STATE, "compact", false},
		{TOPIC_STATE, "delete", true},
		{TOPIC_STATE, "compact,delete", true},
		{TOPIC_STATE, "", true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(
			topic_policy_harm(cases[i].kind, cases[i].policy) != NULL,
			cases[i].is_harmful
		);
}

static void tells_the_command_that_sets_a_property(void **state) {
	char command[TOPIC_SET_COMMAND_BYTES];

	(void)state;
	topic_set_command(
		"purge.fruit.dead", TOPIC_POLICY, "compact,delete", command, sizeof(command)
	);
	assert_string_equal(
		command,
		"kafka-configs.sh --bootstrap-server HOST:PORT --alter --entity-type topics "
		"--entity-name purge.fruit.dead --add-config cleanup.policy=[compact,delete]"
	);
}

static void reads_back_the_layout(void **state) {
	static const char *const scopes[] = {"", "users/1"};
	struct pack *pack = pack_new();

	(void)state;
	assert_non_null(pack);
	for (size_t i = 0; i < 2; i++) {
		struct layout layout = {.range_width = 4096};
		struct layout back = {.range_width = 0};
		const unsigned char *data = NULL;
		size_t len = 0;

		strncpy(layout.scope, scopes[i], sizeof(layout.scope) - 1);
		assert_int_equal(layout_pack(&layout, pack, &data, &len), 0);
		assert_int_equal(layout_unpack(&back, data, len), 0);
		assert_int_equal(back.range_width, 4096);
		assert_string_equal(back.scope, scopes[i]);
	}
	pack_free(pack);
}

static void refuses_a_layout_that_it_does_not_know(void **state) {
	struct layout layout = {.range_width = 7};

	(void)state;
	assert_int_equal(layout_unpack(&layout, "\x81\xa1v\x02", 4), -EBADMSG);
	assert_int_equal(layout_unpack(&layout, "\x80", 1), -EBADMSG);
	assert_int_equal(layout_unpack(&layout, "hello", 5), -EBADMSG);
	assert_int_equal(layout.range_width, 7);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_topics_after_prefix_and_target),
		cmocka_unit_test(tells_the_command_that_makes_them),
		cmocka_unit_test(names_retry_topics_after_their_delay),
		cmocka_unit_test(reads_the_delay_from_a_name_and_takes_no_other),
		cmocka_unit_test(refuses_names_that_kafka_does_not_take),
		cmocka_unit_test(plans_what_each_topic_is_for),
		cmocka_unit_test(wants_two_copies_written_when_there_are_three),
		cmocka_unit_test(wants_room_for_a_batch_at_least),
		cmocka_unit_test(knows_which_policy_would_lose_something),
		cmocka_unit_test(tells_the_command_that_sets_a_property),
		cmocka_unit_test(reads_back_the_layout),
		cmocka_unit_test(refuses_a_layout_that_it_does_not_know),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
