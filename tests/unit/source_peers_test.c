// SPDX-License-Identifier: MPL-2.0
// source_peers_test: what a worker makes of what the group says that its members hold. Its question is answered at once.
#include "support/test.h"

#include "common/kafka_reader.h"
#include "worker/inquiry.h"
#include "worker/source_state.h"

#include <errno.h>
#include <string.h>

enum { T0 = 1000000, SECOND_MS = 1000 };

static struct inquiry_setup question;
static bool is_answered;
static struct rd_kafka_group_info group;
static struct rd_kafka_group_list listed;
static rd_kafka_resp_err_t list_err;
static const char *gone; // this topic was deleted; NULL: none
static int asked, greeted, joined_anew;
static int tried, read_err; // to read a topic that is with others
static unsigned char all[] = "\0\0"
			     "\0\0\0\1"
			     "\0\7p.fruit"
			     "\0\0\0\1"
			     "\0\0\0\0"
			     "\0\0\0\0";

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
int __wrap_kafka_reader_open(
	struct kafka_reader **out,
	const struct kafka_options *kafka,
	const char *topic,
	struct log *log,
	char *error,
	size_t error_bytes
);
void __wrap_kafka_reader_close(struct kafka_reader *reader);
int __wrap_kafka_reader_read(struct kafka_reader *reader, const struct kafka_reading *reading);

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
	(void)timeout_ms;
	*out = 1;
	return gone != NULL && strcmp(topic, gone) == 0 ? -ENOENT : 0;
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

int __wrap_kafka_reader_open(
	struct kafka_reader **out,
	const struct kafka_options *kafka,
	const char *topic,
	struct log *log,
	char *error,
	size_t error_bytes
) {
	(void)kafka;
	(void)topic;
	(void)log;
	memset(error, 0, error_bytes);
	*out = NULL;
	return 0;
}

void __wrap_kafka_reader_close(struct kafka_reader *reader) {
	(void)reader;
}

int __wrap_kafka_reader_read(struct kafka_reader *reader, const struct kafka_reading *reading) {
	(void)reader;
	(void)reading;
	tried++;
	return read_err;
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

	member = (struct rd_kafka_group_member_info){.member_assignment_size = 0};
	group = (struct rd_kafka_group_info){.state = stable, .members = &member, .member_cnt = 1};
	listed = (struct rd_kafka_group_list){.groups = &group, .group_cnt = 1};
	list_err = RD_KAFKA_RESP_ERR_NO_ERROR;
	gone = NULL;
	asked = greeted = joined_anew = tried = read_err = 0;
	is_answered = false;
	return source;
}

static void hold_all(void) {
	group.members[0].member_assignment = all;
	group.members[0].member_assignment_size = sizeof(all) - 1;
}

// Asks, and takes the answer.
static void serve(struct source *source, int64_t now_ms) {
	source_peers_serve(source, now_ms);
	source_peers_serve(source, now_ms);
}

static void takes_for_whole_what_the_members_hold_together(void **state) {
	struct source source = new_source();

	(void)state;
	assert_int_equal(source_peers_new(&source.peers, &source), 0);
	serve(&source, T0);
	assert_false(source_peers_hold_all(&source));
	hold_all();
	serve(&source, T0 + SECOND_MS);
	assert_true(source_peers_hold_all(&source));
	assert_int_equal(asked, 2);
	assert_int_equal(greeted, 0);
	source_peers_free(source.peers);
}

static void an_answer_is_old_once_something_moves(void **state) {
	struct source source = new_source();

	(void)state;
	assert_int_equal(source_peers_new(&source.peers, &source), 0);
	hold_all();
	serve(&source, T0);
	assert_true(source_peers_hold_all(&source));
	source.moves++; // a record came, and is done
	assert_false(source_peers_hold_all(&source));
	serve(&source, T0); // at once
	assert_true(source_peers_hold_all(&source));
	source_peers_serve(&source, T0 + SECOND_MS); // asked again
	source.moves++; // and while it is out a record comes
	source_peers_serve(&source, T0 + SECOND_MS);
	assert_false(source_peers_hold_all(&source));
	source_peers_free(source.peers);
}

static void an_answer_about_the_assignment_before_says_nothing(void **state) {
	struct source source = new_source();

	(void)state;
	source.setup.instance_id = "one";
	assert_int_equal(source_peers_new(&source.peers, &source), 0);
	source_peers_serve(&source, T0); // asks: it is not all held
	source.epoch++;
	source.lent = 1;
	source_peers_serve(&source, T0);
	assert_int_equal(joined_anew, 0);
	source_peers_free(source.peers);
}

static void a_group_that_shares_out_anew_is_asked_again(void **state) {
	static char unsettled[] = "PreparingRebalance";
	struct source source = new_source();

	(void)state;
	source.setup.instance_id = "one";
	group.state = unsettled; // its members are listed without what they had
	assert_int_equal(source_peers_new(&source.peers, &source), 0);
	serve(&source, T0);
	assert_int_equal(joined_anew, 0);
	source_peers_free(source.peers);
}

static void what_is_held_of_a_topic_that_is_gone_counts_for_no_other(void **state) {
	static unsigned char old[] = "\0\0"
				     "\0\0\0\1"
				     "\0\5p.old"
				     "\0\0\0\1"
				     "\0\0\0\0"
				     "\0\0\0\0";
	struct source source = new_source();

	(void)state;
	source.setup.retries[0].topic = "p.old"; // of another --retry-delay
	source.setup.retry_count = 1;
	gone = "p.old";
	assert_int_equal(source_peers_new(&source.peers, &source), 0);
	group.members[0].member_assignment = old;
	group.members[0].member_assignment_size = sizeof(old) - 1;
	serve(&source, T0);
	assert_false(source_peers_hold_all(&source));
	source_peers_free(source.peers);
}

static void a_later_answer_counts_more(void **state) {
	struct source source = new_source();

	(void)state;
	assert_int_equal(source_peers_new(&source.peers, &source), 0);
	hold_all();
	serve(&source, T0);
	assert_true(source_peers_hold_all(&source));
	group.members[0].member_assignment_size = 0; // as when there are more partitions
	serve(&source, T0 + SECOND_MS);
	assert_false(source_peers_hold_all(&source));
	source_peers_free(source.peers);
}

static void asks_last_of_all(void **state) {
	struct source source = new_source();

	(void)state;
	assert_int_equal(source_peers_new(&source.peers, &source), 0);
	hold_all();
	source.lent = 1;
	serve(&source, T0);
	source.lent = 0;
	source.rests = true;
	serve(&source, T0);
	assert_int_equal(asked, 0);
	source.rests = false;
	source.strayed_ms = T0; // to somebody who may just be leaving
	serve(&source, T0 + 9 * SECOND_MS);
	assert_int_equal(asked, 0);
	serve(&source, T0 + 10 * SECOND_MS);
	assert_int_equal(asked, 1);
	assert_true(source_peers_hold_all(&source));
	source_peers_free(source.peers);
}

static void what_others_hold_has_to_be_readable(void **state) {
	struct source source = new_source();

	(void)state;
	assert_int_equal(source_peers_new(&source.peers, &source), 0);
	serve(&source, T0);
	assert_int_equal(tried, 0); // not all is with somebody, so there is more to wait for
	hold_all();
	read_err = -EACCES;
	serve(&source, T0 + SECOND_MS);
	assert_int_equal(tried, 1);
	assert_int_equal(source.faults.others[0], RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED);
	assert_false(source_peers_hold_all(&source));
	read_err = -EAGAIN; // nobody knows
	serve(&source, T0 + 2 * SECOND_MS);
	assert_false(source_peers_hold_all(&source));
	read_err = 0;
	serve(&source, T0 + 3 * SECOND_MS);
	assert_int_equal(source.faults.others[0], RD_KAFKA_RESP_ERR_NO_ERROR);
	assert_true(source_peers_hold_all(&source));
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
		cmocka_unit_test(an_answer_is_old_once_something_moves),
		cmocka_unit_test(an_answer_about_the_assignment_before_says_nothing),
		cmocka_unit_test(a_group_that_shares_out_anew_is_asked_again),
		cmocka_unit_test(what_is_held_of_a_topic_that_is_gone_counts_for_no_other),
		cmocka_unit_test(a_later_answer_counts_more),
		cmocka_unit_test(asks_last_of_all),
		cmocka_unit_test(what_others_hold_has_to_be_readable),
		cmocka_unit_test(asks_why_when_the_group_is_not_listed),
		cmocka_unit_test(asks_why_when_the_group_is_denied),
		cmocka_unit_test(an_answer_that_did_not_come_says_nothing),
		cmocka_unit_test(joins_anew_for_partitions_that_nobody_has_when_it_has_a_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
