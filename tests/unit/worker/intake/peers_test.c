// SPDX-License-Identifier: MPL-2.0
// peers_test: what a worker makes of what the group says that its members hold. Its question
// is answered at once.
#include "support/inquiry_stub.h"
#include "support/test.h"

#include "common/base/clock.h"
#include "common/kafka/kafka_ask.h"
#include "common/kafka/kafka_reader.h"
#include "worker/intake/peers.h"

#include <errno.h>
#include <string.h>

enum { T0 = 1000000, SECOND_MS = 1000 };

static struct rd_kafka_group_info group;
static struct rd_kafka_group_list listed;
static rd_kafka_resp_err_t list_err;
static const char *gone; // this topic was deleted; NULL: none
static int greeted, joined_anew;
// To read a topic that is with others.
static int tried, read_err;
static unsigned char all[] = "\0\0"
			     "\0\0\0\1"
			     "\0\7p.fruit"
			     "\0\0\0\1"
			     "\0\0\0\0"
			     "\0\0\0\0";

WRAPS(kafka_partition_count);
WRAPS(rd_kafka_list_groups);
WRAPS(rd_kafka_group_list_destroy);
WRAPS(assign_join_anew);
WRAPS(recall_greet);
WRAPS(kafka_reader_open);
WRAPS(kafka_reader_close);
WRAPS(kafka_reader_read);

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

void __wrap_assign_join_anew(struct assign *assign) {
	(void)assign;
	joined_anew++;
}

void __wrap_recall_greet(struct recall *recall, int64_t now_ms) {
	(void)recall;
	(void)now_ms;
	greeted++;
}

int __wrap_kafka_reader_open(
	struct kafka_reader **out,
	const struct kafka_reader_setup *setup,
	char *error,
	size_t error_bytes
) {
	(void)setup;
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

static struct source_setup setup;
static struct member member;
static struct offsets offsets;
static struct faults faults;
static struct departures departures;
static struct peers *peers;

static int make_peers(void) {
	return peers_new(
		&peers,
		&(struct peers_setup){
			.member = &member,
			.offsets = &offsets,
			.faults = &faults,
			.departures = &departures,
		}
	);
}

// One member, which has no partition of the one topic.
static int set_up(void **state) {
	static struct rd_kafka_group_member_info other;
	static char stable[] = "Stable";

	(void)state;
	setup = (struct source_setup){.topic = "p.fruit", .group = "g", .until_drained = true};
	member = (struct member){.setup = &setup, .joined = true, .epoch = 1};
	holdings_init(&member.holdings);
	offsets = (struct offsets){.member = &member};
	faults = (struct faults){.member = &member, .setup = &setup};
	departures = (struct departures){.member = &member};
	other = (struct rd_kafka_group_member_info){.member_assignment_size = 0};
	group = (struct rd_kafka_group_info){.state = stable, .members = &other, .member_cnt = 1};
	listed = (struct rd_kafka_group_list){.groups = &group, .group_cnt = 1};
	list_err = RD_KAFKA_RESP_ERR_NO_ERROR;
	gone = NULL;
	inquiry_stub_reset();
	greeted = joined_anew = tried = read_err = 0;
	return make_peers();
}

static int tear_down(void **state) {
	(void)state;
	peers_free(peers);
	return 0;
}

static void hold_all(void) {
	group.members[0].member_assignment = all;
	group.members[0].member_assignment_size = sizeof(all) - 1;
}

// Asks, and takes the answer.
static void serve(int64_t now_ms) {
	peers_serve(peers, now_ms);
	peers_serve(peers, now_ms);
}

static void takes_for_whole_what_the_members_hold_together(void **state) {
	(void)state;
	serve(T0);
	assert_false(peers_hold_all(peers));
	hold_all();
	serve(T0 + SECOND_MS);
	assert_true(peers_hold_all(peers));
	assert_int_equal(inquiry_stub_asked, 2);
	assert_int_equal(greeted, 0);
}

static void an_answer_is_old_once_something_moves(void **state) {
	(void)state;
	hold_all();
	serve(T0);
	assert_true(peers_hold_all(peers));
	member.moves++; // a record came, and is done
	assert_false(peers_hold_all(peers));
	serve(T0); // at once
	assert_true(peers_hold_all(peers));
	peers_serve(peers, T0 + SECOND_MS); // asked again
	// And while it is out a record comes.
	member.moves++;
	peers_serve(peers, T0 + SECOND_MS);
	assert_false(peers_hold_all(peers));
}

static void an_answer_about_the_assignment_before_says_nothing(void **state) {
	(void)state;
	setup.instance_id = "one";
	peers_serve(peers, T0); // asks: it is not all held
	member.epoch++;
	member.holdings.lent = 1;
	peers_serve(peers, T0);
	assert_int_equal(joined_anew, 0);
}

static void unsettle(int way, bool is_on) {
	switch (way) {
	case 0:
		member.joined = !is_on;
		break;
	case 1:
		member.revoking = is_on;
		break;
	case 2:
		member.joins_anew = is_on;
		break;
	case 3:
		member.stopped = is_on;
		break;
	default:
		member.state = is_on ? SOURCE_FAILED : SOURCE_RUNS;
		break;
	}
}

static void who_comes_or_goes_neither_asks_nor_joins_anew(void **state) {
	(void)state;
	setup.instance_id = "one";
	for (int way = 0; way < 5; way++) {
		int64_t now_ms = T0 + (int64_t)way * 1000 * SECOND_MS;
		int asked = inquiry_stub_asked;

		unsettle(way, true);
		serve(now_ms);
		assert_int_equal(inquiry_stub_asked, asked);
		unsettle(way, false);
		peers_serve(peers, now_ms); // asks: it is not all held
		assert_int_equal(inquiry_stub_asked, asked + 1);
		unsettle(way, true);
		peers_serve(peers, now_ms);
		assert_int_equal(joined_anew, 0);
		unsettle(way, false);
	}
}

static void a_group_that_shares_out_anew_is_asked_again(void **state) {
	static char unsettled[] = "PreparingRebalance";
	(void)state;
	setup.instance_id = "one";
	// Its members are listed without what they had.
	group.state = unsettled;
	serve(T0);
	assert_int_equal(joined_anew, 0);
}

static void what_is_held_of_a_topic_that_is_gone_counts_for_no_other(void **state) {
	static unsigned char old[] = "\0\0"
				     "\0\0\0\1"
				     "\0\5p.old"
				     "\0\0\0\1"
				     "\0\0\0\0"
				     "\0\0\0\0";
	(void)state;
	setup.retries[0].topic = "p.old"; // no tier any more
	setup.retry_count = 1;
	gone = "p.old";
	group.members[0].member_assignment = old;
	group.members[0].member_assignment_size = sizeof(old) - 1;
	serve(T0);
	assert_false(peers_hold_all(peers));
}

static void a_later_answer_counts_more(void **state) {
	(void)state;
	hold_all();
	serve(T0);
	assert_true(peers_hold_all(peers));
	group.members[0].member_assignment_size = 0; // as when there are more partitions
	serve(T0 + SECOND_MS);
	assert_false(peers_hold_all(peers));
}

static void asks_last_of_all(void **state) {
	(void)state;
	hold_all();
	member.holdings.lent = 1;
	serve(T0);
	member.holdings.lent = 0;
	member.rests = true;
	serve(T0);
	assert_int_equal(inquiry_stub_asked, 0);
	member.rests = false;
	// To somebody who may just be leaving.
	departures.strayed_ms = T0;
	serve(T0 + 9 * SECOND_MS);
	assert_int_equal(inquiry_stub_asked, 0);
	serve(T0 + 10 * SECOND_MS);
	assert_int_equal(inquiry_stub_asked, 1);
	assert_true(peers_hold_all(peers));
}

static void what_others_hold_has_to_be_readable(void **state) {
	(void)state;
	serve(T0);
	// Not all is with somebody, so there is more to wait for.
	assert_int_equal(tried, 0);
	hold_all();
	read_err = -EACCES;
	serve(T0 + SECOND_MS);
	assert_int_equal(tried, 1);
	assert_int_equal(faults.others[0], RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED);
	assert_false(peers_hold_all(peers));
	read_err = -EAGAIN; // nobody knows
	serve(T0 + 2 * SECOND_MS);
	assert_false(peers_hold_all(peers));
	read_err = 0;
	serve(T0 + 3 * SECOND_MS);
	assert_int_equal(faults.others[0], RD_KAFKA_RESP_ERR_NO_ERROR);
	assert_true(peers_hold_all(peers));
}

static void asks_why_when_the_group_is_not_listed(void **state) {
	(void)state;
	listed.group_cnt = 0;
	serve(T0);
	assert_int_equal(greeted, 1);
	offsets.is_out = true; // that question is out
	serve(T0 + SECOND_MS);
	assert_int_equal(greeted, 1);
	offsets.is_out = false;
	serve(T0 + 2 * SECOND_MS);
	assert_int_equal(greeted, 2);
	assert_false(peers_hold_all(peers));
}

static void asks_why_when_the_group_is_denied(void **state) {
	(void)state;
	setup.instance_id = "one";
	group.err = RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED;
	serve(T0);
	assert_int_equal(greeted, 1);
	assert_int_equal(joined_anew, 0); // nobody said that partitions are left
	assert_false(peers_hold_all(peers));
}

static void an_answer_that_did_not_come_says_nothing(void **state) {
	(void)state;
	list_err = RD_KAFKA_RESP_ERR__TIMED_OUT;
	listed.group_cnt = 0;
	serve(T0);
	assert_int_equal(greeted, 0);
	assert_false(peers_hold_all(peers));
}

static void joins_anew_for_partitions_that_nobody_has_when_it_has_a_name(void **state) {
	(void)state;
	serve(T0);
	assert_int_equal(joined_anew, 0); // the group's leader sees to it
	peers_free(peers);
	setup.instance_id = "one";
	assert_int_equal(make_peers(), 0);
	serve(T0);
	assert_int_equal(joined_anew, 1);
	serve(T0 + SECOND_MS);
	assert_int_equal(joined_anew, 1); // once for as many
}

static void joins_anew_for_a_topic_that_came_back_to_nobody(void **state) {
	(void)state;
	const int64_t back_ms = clock_mono_ms(), second_ms = SECOND_MS;
	setup.until_drained = false;
	peers_note_back(peers);
	// The group may still share it out by itself.
	serve(back_ms + 9 * second_ms);
	assert_int_equal(inquiry_stub_asked, 0);
	serve(back_ms + 12 * second_ms);
	assert_int_equal(joined_anew, 1);
	member.epoch++; // it was shared out
	hold_all();
	serve(back_ms + 14 * second_ms);
	assert_int_equal(inquiry_stub_asked, 2);
	member.epoch++;
	// All is well: it does not ask any more.
	serve(back_ms + 90 * second_ms);
	assert_int_equal(inquiry_stub_asked, 2);
	assert_int_equal(joined_anew, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
	const struct CMUnitTest tests[] = {
		TEST(takes_for_whole_what_the_members_hold_together),
		TEST(an_answer_is_old_once_something_moves),
		TEST(an_answer_about_the_assignment_before_says_nothing),
		TEST(who_comes_or_goes_neither_asks_nor_joins_anew),
		TEST(a_group_that_shares_out_anew_is_asked_again),
		TEST(what_is_held_of_a_topic_that_is_gone_counts_for_no_other),
		TEST(a_later_answer_counts_more),
		TEST(asks_last_of_all),
		TEST(what_others_hold_has_to_be_readable),
		TEST(asks_why_when_the_group_is_not_listed),
		TEST(asks_why_when_the_group_is_denied),
		TEST(an_answer_that_did_not_come_says_nothing),
		TEST(joins_anew_for_partitions_that_nobody_has_when_it_has_a_name),
		TEST(joins_anew_for_a_topic_that_came_back_to_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
