// SPDX-License-Identifier: MPL-2.0
// kafka_log_test: what the library says again and again is told once, and an address that leads
// nowhere is kept.
#include "common/kafka/kafka_log.h"

#include "common/base/log.h"
#include "common/kafka/kafka.h"
#include "common/kafka/kafka_ask.h"
#include "support/test.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

enum { TIMES = 1000, TEXT_BYTES = 64 * 1024 };

struct scene {
	int fds[2];
	struct kafka_opaque opaque;
	char text[TEXT_BYTES];
};

// Of the handle, of which there is none.
static struct kafka_opaque *current;

WRAPS(rd_kafka_opaque);
void *__wrap_rd_kafka_opaque(const rd_kafka_t *handle) {
	(void)handle;
	return current;
}

static void begin(struct scene *scene, bool tells_errors) {
	assert_int_equal(pipe(scene->fds), 0);
	assert_int_equal(fcntl(scene->fds[0], F_SETFL, O_NONBLOCK), 0);
	scene->opaque = KAFKA_OPAQUE(
			.log = log_new(scene->fds[1], LOG_LEVEL_INFO, false),
			.tells_errors = tells_errors
	);
	current = &scene->opaque;
}

static void end(struct scene *scene) {
	log_free(scene->opaque.log);
	close(scene->fds[0]);
	close(scene->fds[1]);
}

// How often these words were told since the last time.
static int told(struct scene *scene, const char *words) {
	ssize_t len = read(scene->fds[0], scene->text, sizeof(scene->text) - 1);
	int count = 0;

	scene->text[len > 0 ? len : 0] = '\0';
	for (const char *at = strstr(scene->text, words); at != NULL; at = strstr(at + 1, words))
		count++;
	return count;
}

static void say(int times, const char *facility, const char *text) {
	for (int i = 0; i < times; i++)
		kafka_log_line(NULL, LOG_ERR, facility, text);
}

static void a_failure_that_lasts_is_told_once(void **state) {
	struct scene scene;

	(void)state;
	begin(&scene, false);
	say(TIMES,
	    "FAIL",
	    "[thrd:x]: 127.0.0.1:1/bootstrap: Connect to ipv4#127.0.0.1:1 failed: Connection "
	    "refused");
	assert_int_equal(told(&scene, "\"facility\":\"FAIL\""), 1);
	say(TIMES, "SOMETHING", "else");
	assert_int_equal(told(&scene, "\"facility\":\"SOMETHING\""), 1);
	end(&scene);
}

static void who_tells_errors_leaves_the_library_no_word_of_them(void **state) {
	struct scene scene;

	(void)state;
	begin(&scene, true);
	say(TIMES,
	    "FAIL",
	    "[thrd:x]: 127.0.0.1:1/1: Connect to ipv4#127.0.0.1:1 failed: Connection refused");
	say(TIMES, "ERROR", "[thrd:x]: 1/1 brokers are down");
	assert_int_equal(told(&scene, "librdkafka"), 0);
	end(&scene);
}

static void an_advertised_address_is_told_once_and_kept(void **state) {
	struct scene scene;
	char words[KAFKA_SILENCE_BYTES];

	(void)state;
	begin(&scene, false);
	assert_string_equal(kafka_silence(NULL, "no answer", words), "no answer");
	say(TIMES,
	    "FAIL",
	    "[thrd:a:1/1]: a:1/1: Failed to resolve 'a:1': Name or service not known (after 2ms in "
	    "state CONNECT)");
	assert_int_equal(told(&scene, "advertised address cannot be resolved"), 1);
	say(TIMES,
	    "FAIL",
	    "[thrd:b:1/2]: b:1/2: Connection setup timed out in state CONNECT (after 10003ms in "
	    "state CONNECT)");
	assert_int_equal(told(&scene, "cannot be reached at its advertised address"), 1);
	assert_string_equal(
		kafka_silence(NULL, "no answer", words),
		"a broker cannot be reached at the address that it advertises "
		"(advertised.listeners): "
		"b:1/2: Connection setup timed out in state CONNECT; does it run, and is that "
		"address right "
		"from here?"
	);
	end(&scene);
}

static void an_address_that_we_were_given_is_not_the_brokers_fault(void **state) {
	(void)state;
	assert_false(kafka_log_is_of_address(
		"a:1/bootstrap: Connect to ipv4#1.2.3.4:1 failed: Connection refused"
	));
	assert_false(
		kafka_log_is_of_address("a:1/1: SASL authentication error: Authentication failed")
	);
	assert_true(kafka_log_is_of_address(
		"sasl_ssl://a:1/1: Connect to ipv4#1.2.3.4:1 failed: Connection refused"
	));
	assert_true(kafka_log_is_of_address(
		"GroupCoordinator: a:1: Connect to ipv4#1.2.3.4:1 failed: Connection refused"
	));
}

static void what_a_broker_answered_is_told_though_another_cannot_be_reached(void **state) {
	static const rd_kafka_resp_err_t answers[] = {
		// Less than 0, but a broker says it.
		RD_KAFKA_RESP_ERR_UNKNOWN,
		RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS,
		RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS,
		RD_KAFKA_RESP_ERR_KAFKA_STORAGE_ERROR,
	};
	static const rd_kafka_resp_err_t silences[] = {
		RD_KAFKA_RESP_ERR__TIMED_OUT,
		RD_KAFKA_RESP_ERR__MSG_TIMED_OUT,
		RD_KAFKA_RESP_ERR__TRANSPORT,
		RD_KAFKA_RESP_ERR__RESOLVE,
		RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN,
	};
	struct scene scene;
	char words[KAFKA_SILENCE_BYTES];

	(void)state;
	begin(&scene, false);
	say(1,
	    "FAIL",
	    "[thrd:b:1/2]: b:1/2: Connection setup timed out in state CONNECT (after 10003ms in "
	    "state CONNECT)");
	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++)
		assert_string_equal(
			kafka_error_words(NULL, answers[i], words), rd_kafka_err2str(answers[i])
		);
	for (size_t i = 0; i < sizeof(silences) / sizeof(silences[0]); i++)
		assert_non_null(
			strstr(kafka_error_words(NULL, silences[i], words), "b:1/2: Connection")
		);
	end(&scene);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_failure_that_lasts_is_told_once),
		cmocka_unit_test(who_tells_errors_leaves_the_library_no_word_of_them),
		cmocka_unit_test(an_advertised_address_is_told_once_and_kept),
		cmocka_unit_test(what_a_broker_answered_is_told_though_another_cannot_be_reached),
		cmocka_unit_test(an_address_that_we_were_given_is_not_the_brokers_fault),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
