// SPDX-License-Identifier: MPL-2.0
// source_peers_test: what a worker makes of what the group says that its members hold. Its question is answered at once.
#include "support/test.h"

#include "worker/inquiry.h"
#include "worker/source_state.h"

#include <string.h>

enum { T0 = 1000000, SECOND_MS = 1000 };

static struct inquiry_setup question;
static bool is_answered;
static struct rd_kafka_group_info group;
static struct rd_kafka_group_list listed;
static rd_kafka_resp_err_t list_err;
static int asked, greeted, joined_anew;

int __wrap_inquiry_new(struct inquiry **out, const struct inquiry_setup *setup);
void __wrap_inquiry_free(struct inquiry *inquiry);
void __wrap_inquiry_start(struct inquiry *inquiry);
bool __wrap_inquiry_is_out(const struct inquiry *inquiry);
bool __wrap_inquiry_take(struct inquiry *inquiry);
int __wrap_kafka_partition_count(
	rd_kafka_t *handle, const char *topic, int timeout_ms, int32_t *out
);
rd_kafka_resp_err_t __wrap_rd_kafka_list_groups(
	rd_kafka_t *handle, const char *name, const struct rd_kafka_group_list **out, int timeout_ms
);
void __wrap_rd_kafka_group_list_destroy(const struct rd_kafka_group_list *list);
void __wrap_source_join_anew(struct source *source);
void __wrap_source_log_greet(struct source *source, int64_t now_ms);

int __wrap_inquiry_new(struct inquiry **out, const struct inquiry_setup *setup) {
	question = *setup;
	*out = NULL;
	return 0;
}

void __wrap_inquiry_free(struct inquiry *inquiry) {
	(void)inquiry;
}

void __wrap_inquiry_start(struct inquiry *inquiry) {
	(void)inquiry;
	asked++;
	is_answered = question.ask(question.ctx);
}

bool __wrap_inquiry_is_out(const struct inquiry *inquiry) {
	(void)inquiry;
	return false;
}

bool __wrap_inquiry_take(struct inquiry *inquiry) {
	bool was_answered = is_answered;

	(void)inquiry;
	is_answered = false;
	return was_answered;
}

int __wrap_kafka_partition_count(
	rd_kafka_t *handle, const char *topic, int timeout_ms, int32_t *out
) {
	(void)handle;
	(void)topic;
	(void)timeout_ms;
	*out = 1;
	return 0;
}

rd_kafka_resp_err_t __wrap_rd_kafka_list_groups(
	rd_kafka_t *handle, const char *name, const struct rd_kafka_group_list **out, int timeout_ms
) {
	(void)handle;
	(void)name;
	(void)timeout_ms;
	*out = &listed;
	return list_err;
}

void __wrap_rd_kafka_group_list_destroy(const struct rd_kafka_group_list *list) {
	(void)list;
}

void __wrap_source_join_anew(struct source *source) {
	(void)source;
	joined_anew++;
}

void __wrap_source_log_greet(struct source *source, int64_t now_ms) {
	(void)source;
	(void)now_ms;
	greeted++;
}

// One member, which has no partition of the one topic.
static struct source new_source(void) {
	struct source source = {
		.setup = {.topic = "p.fruit", .group = "g", .until_drained = true},
		.joined = true,
		.epoch = 1,
	};
	static struct rd_kafka_group_member_info member;
	static char stable[] = "Stable";

	group = (struct rd_kafka_group_info){.state = stable, .members = &member, .member_cnt = 1};
	listed = (struct rd_kafka_group_list){.groups = &group, .group_cnt = 1};
	list_err = RD_KAFKA_RESP_ERR_NO_ERROR;
	asked = greeted = joined_anew = 0;
	is_answered = false;
	return source;
}

// Asks, and takes the answer.
static void serve(struct source *source, int64_t now_ms) {
	source_peers_serve(source, now_ms);
	source_peers_serve(source, now_ms);
}

static void takes_for_whole_what_the_members_hold_together(void **state) {
	static unsigned char all[] = "\0\0"
				     "\0\0\0\1"
				     "\0\7p.fruit"
				     "\0\0\0\1"
				     "\0\0\0\0"
				     "\0\0\0\0";
	struct source source = new_source();

	(void)state;
	assert_int_equal(source_peers_new(&source.peers, &source), 0);
	serve(&source, T0);
	assert_false(source_peers_hold_all(&source));
	group.members[0].member_assignment = all;
	group.members[0].member_assignment_size = sizeof(all) - 1;
	serve(&source, T0 + SECOND_MS);
	assert_true(source_peers_hold_all(&source));
	assert_int_equal(asked, 2);
	assert_int_equal(greeted, 0);
	group.members[0].member_assignment_size = 0;
	source.epoch++;
	assert_false(source_peers_hold_all(&source));
	source_peers_free(source.peers);
}

static void asks_why_when_the_group_is_not_listed(void **state) {
	struct source source = new_source();

	(void)state;
	assert_int_equal(source_peers_new(&source.peers, &source), 0);
	listed.group_cnt = 0;
	serve(&source, T0);
	assert_int_equal(greeted, 1);
	source.commit_out = true; // that question is out
	serve(&source, T0 + SECOND_MS);
	assert_int_equal(greeted, 1);
	source.commit_out = false;
	serve(&source, T0 + 2 * SECOND_MS);
	assert_int_equal(greeted, 2);
	assert_false(source_peers_hold_all(&source));
	source_peers_free(source.peers);
}

static void asks_why_when_the_group_is_denied(void **state) {
	struct source source = new_source();

	(void)state;
	source.setup.instance_id = "one";
	assert_int_equal(source_peers_new(&source.peers, &source), 0);
	group.err = RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED;
	serve(&source, T0);
	assert_int_equal(greeted, 1);
	assert_int_equal(joined_anew, 0); // nobody said that partitions are left
	assert_false(source_peers_hold_all(&source));
	source_peers_free(source.peers);
}

static void an_answer_that_did_not_come_says_nothing(void **state) {
	struct source source = new_source();

	(void)state;
	assert_int_equal(source_peers_new(&source.peers, &source), 0);
	list_err = RD_KAFKA_RESP_ERR__TIMED_OUT;
	listed.group_cnt = 0;
	serve(&source, T0);
	assert_int_equal(greeted, 0);
	assert_false(source_peers_hold_all(&source));
	source_peers_free(source.peers);
}

static void joins_anew_for_partitions_that_nobody_has_when_it_has_a_name(void **state) {
	struct source source = new_source();

	(void)state;
	assert_int_equal(source_peers_new(&source.peers, &source), 0);
	serve(&source, T0);
	assert_int_equal(joined_anew, 0); // the group's leader sees to it
	source_peers_free(source.peers);
	source.setup.instance_id = "one";
	assert_int_equal(source_peers_new(&source.peers, &source), 0);
	serve(&source, T0);
	assert_int_equal(joined_anew, 1);
	serve(&source, T0 + SECOND_MS);
	assert_int_equal(joined_anew, 1); // once for as many
	source_peers_free(source.peers);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_for_whole_what_the_members_hold_together),
		cmocka_unit_test(asks_why_when_the_group_is_not_listed),
		cmocka_unit_test(asks_why_when_the_group_is_denied),
		cmocka_unit_test(an_answer_that_did_not_come_says_nothing),
		cmocka_unit_test(joins_anew_for_partitions_that_nobody_has_when_it_has_a_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
