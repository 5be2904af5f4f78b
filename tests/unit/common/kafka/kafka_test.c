// SPDX-License-Identifier: MPL-2.0
// kafka_test: what librdkafka is configured with, and what its errors mean.
#include "common/kafka/kafka.h"
#include "support/test.h"

#include <errno.h>
#include <string.h>

static char *items[4];

static struct kafka_options options_with(const char *property) {
	struct kafka_options options = {
		.brokers = (char *)"127.0.0.1:1",
		.topic_prefix = (char *)"purge",
		.properties = {.items = items, .count = property == NULL ? 0 : 1},
	};

	items[0] = (char *)property;
	return options;
}

static void assert_property(rd_kafka_conf_t *conf, const char *key, const char *value) {
	char text[128];
	size_t bytes = sizeof(text);

	assert_int_equal(rd_kafka_conf_get(conf, key, text, &bytes), RD_KAFKA_CONF_OK);
	assert_string_equal(text, value);
}

static rd_kafka_conf_t *make(struct kafka_options options, enum kafka_role role) {
	rd_kafka_conf_t *conf = NULL;
	char error[256] = "";

	assert_int_equal(
		kafka_conf_new(&conf, &options, role, NULL, "group", error, sizeof(error)), 0
	);
	return conf;
}

static void makes_a_producer_that_loses_nothing(void **state) {
	rd_kafka_conf_t *conf = make(options_with(NULL), KAFKA_PRODUCER);

	(void)state;
	assert_property(conf, "bootstrap.servers", "127.0.0.1:1");
	assert_property(conf, "enable.idempotence", "true");
	assert_property(conf, "acks", "-1");
	assert_property(conf, "compression.codec", "lz4");
	assert_property(conf, "delivery.report.only.error", "false");
	assert_property(conf, "partitioner", "consistent");
	rd_kafka_conf_destroy(conf);
}

static void makes_a_consumer_that_commits_nothing_by_itself(void **state) {
	rd_kafka_conf_t *conf = make(options_with(NULL), KAFKA_CONSUMER);

	(void)state;
	assert_property(conf, "group.id", "group");
	assert_property(conf, "enable.auto.commit", "false");
	assert_property(conf, "enable.auto.offset.store", "false");
	assert_property(conf, "isolation.level", "read_committed");
	assert_property(conf, "auto.offset.reset", "smallest");
	rd_kafka_conf_destroy(conf);
}

// Whoever has a group needs a right to it.
static void makes_a_reader_without_a_group(void **state) {
	rd_kafka_conf_t *conf = make(options_with(NULL), KAFKA_READER);
	size_t bytes;

	(void)state;
	assert_int_not_equal(rd_kafka_conf_get(conf, "group.id", NULL, &bytes), RD_KAFKA_CONF_OK);
	assert_property(conf, "isolation.level", "read_committed");
	rd_kafka_conf_destroy(conf);
}

static void makes_a_reader_of_what_is_not_committed_whatever_is_said_of_others(void **state) {
	rd_kafka_conf_t *conf = make(
		options_with("isolation.level=read_committed"), KAFKA_RAW_READER
	);

	(void)state;
	assert_property(conf, "isolation.level", "read_uncommitted");
	rd_kafka_conf_destroy(conf);
}

static void makes_a_producer_with_transactions_of_its_own(void **state) {
	rd_kafka_conf_t *conf = make(options_with(NULL), KAFKA_TRANSACTOR);

	(void)state;
	assert_property(conf, "transactional.id", "group");
	assert_property(conf, "transaction.timeout.ms", "15000");
	assert_property(conf, "enable.idempotence", "true");
	assert_property(conf, "partitioner", "consistent");
	rd_kafka_conf_destroy(conf);
}

static void waits_less_than_a_minute_for_a_coordinator_that_moved(void **state) {
	rd_kafka_conf_t *conf = make(options_with(NULL), KAFKA_CONSUMER);

	(void)state;
	assert_property(conf, "socket.timeout.ms", "10000");
	rd_kafka_conf_destroy(conf);
	conf = make(options_with("socket.timeout.ms=30000"), KAFKA_CONSUMER);
	assert_property(conf, "socket.timeout.ms", "30000");
	rd_kafka_conf_destroy(conf);
}

// The brokers wait for a member that is gone until its session is over, and all others wait with
// them.
static void has_a_short_session_unless_its_name_outlives_a_restart(void **state) {
	rd_kafka_conf_t *conf = make(options_with(NULL), KAFKA_CONSUMER);

	(void)state;
	assert_property(conf, "session.timeout.ms", "7000");
	rd_kafka_conf_destroy(conf);
	conf = make(options_with("session.timeout.ms=9000"), KAFKA_CONSUMER);
	assert_property(conf, "session.timeout.ms", "9000");
	rd_kafka_conf_destroy(conf);
	conf = make(options_with(NULL), KAFKA_STATIC_CONSUMER);
	assert_property(conf, "session.timeout.ms", "45000");
	rd_kafka_conf_destroy(conf);
}

static void hands_properties_through(void **state) {
	rd_kafka_conf_t *conf = make(options_with("compression.codec=zstd"), KAFKA_PRODUCER);

	(void)state;
	assert_property(conf, "compression.codec", "zstd");
	rd_kafka_conf_destroy(conf);
}

static void takes_what_breaks_no_promise(void **state) {
	static const char *const properties[] = {
		"acks=all",
		"delivery.report.only.error=false",
		"partition.assignment.strategy=roundrobin",
		"partition.assignment.strategy=range,roundrobin",
		"message.timeout.ms=1000",
		"queue.buffering.max.messages=1",
		"security.protocol=sasl_ssl",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(properties) / sizeof(properties[0]); i++) {
		rd_kafka_conf_destroy(make(options_with(properties[i]), KAFKA_PRODUCER));
		rd_kafka_conf_destroy(make(options_with(properties[i]), KAFKA_CONSUMER));
	}
}

static void takes_the_brokers_from_the_property_too(void **state) {
	struct kafka_options options = options_with("bootstrap.servers=127.0.0.1:2");
	rd_kafka_conf_t *conf;

	(void)state;
	options.brokers = NULL;
	conf = make(options, KAFKA_ADMIN);
	assert_property(conf, "bootstrap.servers", "127.0.0.1:2");
	rd_kafka_conf_destroy(conf);
}

static void refuses_what_would_break_a_promise(void **state) {
	static const struct {
		const char *property, *words;
	} cases[] = {
		{"acks=1", "acks=all"},
		{"enable.idempotence=false", "enable.idempotence=true"},
		{"enable.auto.commit=true", "enable.auto.commit=false"},
		{"delivery.report.only.error=true", "delivery.report.only.error=false"},
		{"partitioner=murmur2", "partitioner=consistent"},
		{"transactional.id=x", "its own choice of transactions"},
		{"allow.auto.create.topics=true", "allow.auto.create.topics=false"},
		{"log.queue=true", "log.queue=false"},
		{"enabled_events=1", "events"},
		{"offset.store.method=file", "offset.store.method=broker"},
		{"auto.offset.reset=latest", "auto.offset.reset=earliest"},
		{"isolation.level=read_uncommitted", "isolation.level=read_committed"},
		{"partition.assignment.strategy=cooperative-sticky", "range or roundrobin"},
		{"partition.assignment.strategy=range,cooperative-sticky", "range or roundrobin"},
		{"group.protocol=consumer", "group.protocol=classic, where"},
		{"group.protocol=Consumer", "group.protocol=classic, where"},
		{"group.instance.id=x", "--instance-id"},
		{"socket_cb=x", "socket_cb"},
		{"group.id=other", "--group"},
		{"no.such=1", "no.such"},
		{"linger.ms=soon", "linger.ms"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct kafka_options options = options_with(cases[i].property);
		rd_kafka_conf_t *conf = NULL;
		char error[256] = "";

		assert_int_equal(
			kafka_conf_new(
				&conf, &options, KAFKA_PRODUCER, NULL, NULL, error, sizeof(error)
			),
			-EINVAL
		);
		assert_non_null(strstr(error, cases[i].words));
		assert_null(conf);
	}
}

static void asks_for_the_brokers(void **state) {
	struct kafka_options options = options_with(NULL);
	rd_kafka_conf_t *conf = NULL;
	char error[256] = "";

	(void)state;
	options.brokers = NULL;
	assert_int_equal(
		kafka_conf_new(&conf, &options, KAFKA_ADMIN, NULL, NULL, error, sizeof(error)),
		-EINVAL
	);
	assert_non_null(strstr(error, "--brokers"));
}

static void names_the_group_after_prefix_and_target(void **state) {
	struct kafka_options options = options_with(NULL);
	char name[64];

	(void)state;
	kafka_group_name(&options, "fruit", name, sizeof(name));
	assert_string_equal(name, "purge.fruit");
	options.group = (char *)"mine";
	kafka_group_name(&options, "fruit", name, sizeof(name));
	assert_string_equal(name, "mine");
}

static void knows_what_errors_call_for(void **state) {
	static const struct {
		rd_kafka_resp_err_t err;
		enum kafka_class class;
	} cases[] = {
		{RD_KAFKA_RESP_ERR_NO_ERROR, KAFKA_OK},
		{RD_KAFKA_RESP_ERR__TRANSPORT, KAFKA_RETRY},
		{RD_KAFKA_RESP_ERR__MSG_TIMED_OUT, KAFKA_RETRY},
		{RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS, KAFKA_RETRY},
		{RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS, KAFKA_LOST},
		{RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID, KAFKA_LOST},
		{RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION, KAFKA_LOST},
		{RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID, KAFKA_FENCED},
		{RD_KAFKA_RESP_ERR__FATAL, KAFKA_FATAL},
		{RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, KAFKA_DENIED},
		{RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, KAFKA_MISSING},
		{RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION, KAFKA_MISSING},
		{RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, KAFKA_REFUSED},
		{RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE, KAFKA_REFUSED},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(kafka_classify(cases[i].err), cases[i].class);
	assert_string_equal(kafka_class_name(KAFKA_LOST), "assignment_lost");
}

static void knows_the_versions_that_break_when_a_topic_is_made_again(void **state) {
	(void)state;
	assert_null(kafka_version_caution(0x020002ff));
	assert_null(kafka_version_caution(0x020300ff));
	assert_non_null(strstr(kafka_version_caution(0x020400ff), "take librdkafka 2.10"));
	assert_non_null(kafka_version_caution(0x020800ff));
	assert_non_null(kafka_version_caution(0x020900ff));
	assert_null(kafka_version_caution(0x020a00ff));
	assert_null(kafka_version_caution(0x020e02ff));
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(makes_a_producer_that_loses_nothing),
		cmocka_unit_test(makes_a_consumer_that_commits_nothing_by_itself),
		cmocka_unit_test(makes_a_reader_without_a_group),
		cmocka_unit_test(makes_a_reader_of_what_is_not_committed_whatever_is_said_of_others
		),
		cmocka_unit_test(makes_a_producer_with_transactions_of_its_own),
		cmocka_unit_test(waits_less_than_a_minute_for_a_coordinator_that_moved),
		cmocka_unit_test(has_a_short_session_unless_its_name_outlives_a_restart),
		cmocka_unit_test(hands_properties_through),
		cmocka_unit_test(takes_what_breaks_no_promise),
		cmocka_unit_test(takes_the_brokers_from_the_property_too),
		cmocka_unit_test(refuses_what_would_break_a_promise),
		cmocka_unit_test(asks_for_the_brokers),
		cmocka_unit_test(names_the_group_after_prefix_and_target),
		cmocka_unit_test(knows_what_errors_call_for),
		cmocka_unit_test(knows_the_versions_that_break_when_a_topic_is_made_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
