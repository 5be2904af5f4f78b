// SPDX-License-Identifier: MPL-2.0
#include "common/kafka/kafka_right.h"
#include "support/test.h"

#include <string.h>

static const struct kafka_right read_fruit = {
	.operation = "Read", .resource = "topic", .name = "purge.fruit"};

static const char *words(
	char *out,
	const struct kafka_right *right,
	rd_kafka_resp_err_t err,
	char **pairs,
	size_t count
) {
	const struct kafka_options options = {.properties = {.items = pairs, .count = count}};

	kafka_right_words(&options, right, err, out, KAFKA_RIGHT_BYTES);
	return out;
}

static void names_the_right_and_the_user_that_misses_it(void **state) {
	char *pairs[] = {
		"sasl.mechanism=SCRAM-SHA-512", "sasl.username=apple", "sasl.username=fleet"};
	char out[KAFKA_RIGHT_BYTES];

	(void)state;
	assert_string_equal(
		words(out, &read_fruit, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, pairs, 3),
		"no right to Read topic 'purge.fruit'; grant it: kafka-acls.sh --bootstrap-server "
		"HOST:PORT --add --allow-principal User:fleet --operation Read --topic purge.fruit"
	);
}

static void does_not_invent_a_principal(void **state) {
	char *kerberos[] = {"sasl.mechanism=GSSAPI", "sasl.username=fleet"};
	const struct kafka_right group = {
		.operation = "Describe", .resource = "group", .name = "purge.fruit"};
	char out[KAFKA_RIGHT_BYTES];

	(void)state;
	for (size_t count = 0; count <= 2; count += 2)
		assert_string_equal(
			words(out,
			      &group,
			      RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED,
			      kerberos,
			      count),
			"no right to Describe group 'purge.fruit'; grant it: kafka-acls.sh "
			"--bootstrap-server HOST:PORT --add --allow-principal PRINCIPAL "
			"--operation "
			"Describe --group purge.fruit"
		);
}

static void names_a_transactional_id_as_the_tool_wants_it(void **state) {
	const struct kafka_right transactions = {
		.operation = "Write", .resource = "transactional-id", .name = "purge.fruit.dead"};
	char out[KAFKA_RIGHT_BYTES];

	(void)state;
	assert_string_equal(
		words(out,
		      &transactions,
		      RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
		      NULL,
		      0),
		"no right to Write transactional-id 'purge.fruit.dead'; grant it: kafka-acls.sh "
		"--bootstrap-server HOST:PORT --add --allow-principal PRINCIPAL --operation Write "
		"--transactional-id purge.fruit.dead"
	);
}

static void a_producer_may_need_a_right_on_the_cluster(void **state) {
	char out[KAFKA_RIGHT_BYTES];

	(void)state;
	assert_string_equal(
		words(out, &read_fruit, RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED, NULL, 0),
		"no right to Read topic 'purge.fruit'; grant it: kafka-acls.sh --bootstrap-server "
		"HOST:PORT --add --allow-principal PRINCIPAL --operation Read --topic purge.fruit; "
		"or, before Kafka 2.8, "
		"no right to IdempotentWrite cluster; grant it: kafka-acls.sh --bootstrap-server "
		"HOST:PORT --add --allow-principal PRINCIPAL --operation IdempotentWrite --cluster"
	);
}

static void says_that_a_topic_that_is_not_seen_may_be_denied_only(void **state) {
	struct kafka_right hidden = read_fruit;
	char out[KAFKA_RIGHT_BYTES];

	(void)state;
	hidden.is_hidden = true;
	assert_string_equal(
		words(out, &hidden, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, NULL, 0),
		"no right to Read topic 'purge.fruit', or Describe is denied; grant it: "
		"kafka-acls.sh --bootstrap-server HOST:PORT --add --allow-principal PRINCIPAL "
		"--operation Read --topic purge.fruit"
	);
}

static void says_which_limit_of_a_topic_is_too_small(void **state) {
	char out[KAFKA_REFUSAL_BYTES] = "";

	(void)state;
	assert_false(kafka_refusal_words(
		"purge.fruit", RD_KAFKA_RESP_ERR_INVALID_RECORD, out, sizeof(out)
	));
	assert_string_equal(out, "");
	assert_true(kafka_refusal_words(
		"purge.fruit", RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, out, sizeof(out)
	));
	assert_string_equal(
		out,
		"more bytes at once than the topic's max.message.bytes; raise it: kafka-configs.sh "
		"--bootstrap-server HOST:PORT --alter --entity-type topics --entity-name "
		"purge.fruit --add-config max.message.bytes=N; or send less at once, unless one "
		"record alone is larger: --kafka.batch.size=N"
	);
	assert_true(kafka_refusal_words(
		"purge.fruit", RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE, out, sizeof(out)
	));
	assert_non_null(strstr(out, "--add-config segment.bytes=N"));
}

static void says_what_else_it_is(void **state) {
	char out[KAFKA_RIGHT_BYTES];

	(void)state;
	assert_string_equal(
		words(out, &read_fruit, RD_KAFKA_RESP_ERR__TIMED_OUT, NULL, 0), "Local: Timed out"
	);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_the_right_and_the_user_that_misses_it),
		cmocka_unit_test(does_not_invent_a_principal),
		cmocka_unit_test(names_a_transactional_id_as_the_tool_wants_it),
		cmocka_unit_test(a_producer_may_need_a_right_on_the_cluster),
		cmocka_unit_test(says_that_a_topic_that_is_not_seen_may_be_denied_only),
		cmocka_unit_test(says_which_limit_of_a_topic_is_too_small),
		cmocka_unit_test(says_what_else_it_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
