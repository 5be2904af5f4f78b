// SPDX-License-Identifier: MPL-2.0
// limits_news_test: when a worker writes down its limits.
#include "support/test.h"

#include "cli/front/front.h"
#include "cli/limits_news.h"
#include "cli/options/work_options.h"
#include "common/kafka/topics/kafka_state.h"
#include "common/kafka/topics/limits.h"
#include "common/target/target.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

WRAPS(kafka_state_open);
WRAPS(kafka_state_close);
WRAPS(kafka_state_get);
WRAPS(kafka_state_put);
WRAPS(kafka_state_error);

// The topic, as the thread finds it; the test looks at it when that has ended.
static struct topic {
	unsigned char bytes[1024];
	size_t len; // 0: there is no record
	int reads, writes;
} topic;

int __wrap_kafka_state_open(
	struct kafka_state **out,
	const struct kafka_options *options,
	const char *target,
	struct log *log,
	char *error,
	size_t error_bytes
) {
	(void)options;
	(void)target;
	(void)log;
	snprintf(error, error_bytes, "%s", "");
	*out = NULL;
	return 0;
}

void __wrap_kafka_state_close(struct kafka_state *state) {
	(void)state;
}

const char *__wrap_kafka_state_error(const struct kafka_state *state) {
	(void)state;
	return "";
}

int __wrap_kafka_state_get(
	struct kafka_state *state, const char *key, int64_t timeout_ms, struct buf *out
) {
	(void)state;
	(void)timeout_ms;
	assert_string_equal(key, LIMITS_KEY);
	topic.reads++;
	return topic.len == 0 ? -ENOENT : buf_add(out, (const char *)topic.bytes, topic.len);
}

int __wrap_kafka_state_put(
	struct kafka_state *state,
	const char *key,
	const void *bytes,
	size_t len,
	int64_t timeout_ms
) {
	(void)state;
	(void)timeout_ms;
	assert_string_equal(key, LIMITS_KEY);
	assert_in_range(len, 1, sizeof(topic.bytes));
	memcpy(topic.bytes, bytes, len);
	topic.len = len;
	topic.writes++;
	return 0;
}

struct scene {
	struct target target;
	struct front front;
	struct work_options options;
};

static int set_up(void **state) {
	static struct scene scene;

	scene = (struct scene){.target = {.name = "fruit"}};
	scene.front.target = &scene.target;
	scene.options.run.max_rate = 500;
	scene.options.run.node_rate = 0.5;
	scene.options.run.node_inflight = 64;
	topic = (struct topic){.len = 0};
	*state = &scene;
	return 0;
}

// Of a worker that starts and ends.
static void tell(struct scene *scene) {
	struct limits_news *news = limits_news_new(&scene->front, &scene->options);

	limits_news_tell(news);
	assert_int_equal(limits_news_close(news), 0);
}

static struct limits told(void) {
	struct limits limits;

	assert_int_equal(limits_unpack(&limits, topic.bytes, topic.len), 0);
	assert_true(limits.is_told);
	return limits;
}

static void a_worker_writes_its_limits_down(void **state) {
	struct limits limits;

	tell(*state);
	limits = told();
	assert_int_equal(limits.max_rate, 500000);
	assert_int_equal(limits.node_rate, 500);
	assert_int_equal(limits.node_inflight, 64);
	assert_true(limits.told_ms > 0);
	assert_true(limits.who[0] != '\0');
}

static void who_has_a_name_gives_it(void **state) {
	struct scene *scene = *state;
	static char name[] = "w1";

	scene->options.own.instance_id = name;
	tell(scene);
	assert_non_null(strstr(told().who, " (w1)"));
}

static void what_the_topic_says_is_not_written_again(void **state) {
	struct scene *scene = *state;

	tell(scene);
	tell(scene);
	assert_int_equal(topic.writes, 1);
	scene->options.run.node_inflight = 65;
	tell(scene);
	assert_int_equal(topic.writes, 2);
	assert_int_equal(told().node_inflight, 65);
}

static void what_is_not_understood_is_written_over(void **state) {
	topic.len = 1;
	tell(*state);
	assert_int_equal(topic.writes, 1);
	assert_int_equal(told().max_rate, 500000);
}

static void it_is_told_again_only_when_it_has_changed(void **state) {
	struct scene *scene = *state;
	struct limits_news *news = limits_news_new(&scene->front, &scene->options);

	limits_news_tell(news);
	limits_news_tell(news);
	assert_int_equal(limits_news_close(news), 0);
	assert_int_equal(topic.reads, 1);
	news = limits_news_new(&scene->front, &scene->options);
	limits_news_tell(news);
	scene->options.run.max_rate = 0;
	limits_news_tell(news);
	assert_int_equal(limits_news_close(news), 0);
	assert_int_equal(told().max_rate, 0);
}

static void a_replay_tells_nothing(void **state) {
	struct scene *scene = *state;
	static char id[] = "x";

	scene->options.own.replay = id;
	tell(scene);
	assert_int_equal(topic.reads, 0);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_worker_writes_its_limits_down, set_up),
		cmocka_unit_test_setup(who_has_a_name_gives_it, set_up),
		cmocka_unit_test_setup(what_the_topic_says_is_not_written_again, set_up),
		cmocka_unit_test_setup(what_is_not_understood_is_written_over, set_up),
		cmocka_unit_test_setup(it_is_told_again_only_when_it_has_changed, set_up),
		cmocka_unit_test_setup(a_replay_tells_nothing, set_up),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
