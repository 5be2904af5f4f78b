// SPDX-License-Identifier: MPL-2.0
// tokenserver_slots_test: what a record becomes as a task: its request, what the answer means, its
// metrics.
#include "support/test.h"

#include "common/base/buf.h"
#include "common/metrics/metrics.h"
#include "common/pack/pack.h"
#include "common/target/event.h"
#include "common/target/target_calls.h"
#include "common/target/target_remover.h"
#include "common/targets/tokenserver/config.h"
#include "common/targets/tokenserver/node/signer.h"
#include "common/targets/tokenserver/state.h"
#include "common/targets/tokenserver/tokenserver.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct target *const target = &target_tokenserver;
static struct tokenserver_config config;
static struct buf sent; // metrics, one a line

WRAPS(metrics_count);
WRAPS(metrics_gauge);
WRAPS(metrics_timing);

static void note(const char *kind, const char *name, int64_t value, const char *tags) {
	buf_fmt(&sent, "%s %s %lld %s\n", kind, name, (long long)value, tags == NULL ? "-" : tags);
}

void __wrap_metrics_count(struct metrics *metrics, const char *name, int64_t by, const char *tags) {
	(void)metrics;
	note("count", name, by, tags);
}

void __wrap_metrics_gauge(
	struct metrics *metrics, const char *name, int64_t value, const char *tags
) {
	(void)metrics;
	note("gauge", name, value, tags);
}

void __wrap_metrics_timing(
	struct metrics *metrics, const char *name, int64_t value_ms, const char *tags
) {
	(void)metrics;
	note("timing", name, value_ms, tags);
}

// --- a record as a task

struct task {
	struct candidate candidate;
	struct pack *pack;
	struct work work;
	struct finding why;
};

static const struct user_row the_row = {
	.uid = 7,
	.is_replaced = true,
	.replaced_at = 1000,
	.nodeid = 3,
	.email = (char *)"f0a@api.accounts.firefox.com",
	.client_state = (char *)"aa",
};

static const struct ruling node_and_row = {
	.send_delete = true, .target = "https://N1:8000/a", .fxa_kid = "0000000000005-qg"};
static const struct ruling nodeless = {.nodeless = true};
static const struct ruling held_back = {
	.held_back = true, .target = "https://n1", .fxa_kid = "0000000000005-qg"};
static const struct ruling forced = {
	.send_delete = true, .forced = true, .target = "https://n1", .fxa_kid = "0000000000005-qg"};
static const struct ruling forced_held_back = {
	.held_back = true, .forced = true, .target = "https://n1", .fxa_kid = "0000000000005-qg"};
static const struct ruling faulty = {
	.verdict = VERDICT_FAILED, .send_delete = true, .target = "https://n1", .fault = "no good"};

// What the scan makes of a ruling, taken in by a worker.
static struct task *task_open(const struct ruling *ruling) {
	struct task *task = calloc(1, sizeof(*task));
	struct state state = {.nodeless = false};
	const unsigned char *data;

	assert_non_null(task);
	task->pack = pack_new();
	assert_int_equal(state_set(&state, &the_row, ruling), 0);
	assert_int_equal(state_pack(&state, task->pack, &data, &task->candidate.data_bytes), 0);
	state_fini(&state);
	task->candidate.data = (unsigned char *)data;
	task->candidate.id = (char *)"7";
	task->candidate.key = 7;
	task->candidate.at = the_row.replaced_at;
	task->candidate.checked_mono_ms = 1;
	task->work.candidate = &task->candidate;
	task->work.judged.wall_ms = 1700000000123;
	assert_int_equal(target->remover->load(&config, &task->work, &task->why), 0);
	return task;
}

static void task_close(struct task *task) {
	target->remover->unload(&config, &task->work);
	assert_null(task->work.state);
	pack_free(task->pack);
	free(task);
}

static void carries_what_the_purge_needs(void **unused) {
	struct task *task = task_open(&node_and_row);
	const struct state *state = task->work.state;

	(void)unused;
	assert_int_equal(state->replaced_at, 1000);
	assert_int_equal(state->nodeid, 3);
	assert_true(state->send_delete);
	assert_false(state->nodeless);
	assert_string_equal(state->node, "https://N1:8000/a");
	assert_string_equal(state->fxa_uid, "f0a");
	assert_string_equal(state->fxa_kid, "0000000000005-qg");
	assert_true(task->work.counted);
	// No e-mail address leaves the database.
	assert_null(memmem(task->candidate.data, task->candidate.data_bytes, "@", 1));
	task_close(task);
}

static void carries_each_kind_of_plan(void **unused) {
	static const struct {
		const struct ruling *ruling;
		bool counted;
		const char *plan;
		const char *where;
	} cases[] = {
		{&node_and_row, true, "node and row", "https://N1:8000/a"},
		{&nodeless, false, "row only, no node", NULL},
		{&held_back, true, "row only, data in use", "https://n1"},
		{&forced, true, "node and row, forced", "https://n1"},
		{&forced_held_back, true, "row only, data in use", "https://n1"},
		{&faulty, true, "cannot be purged", "https://n1"},
	};

	(void)unused;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct task *task = task_open(cases[i].ruling);
		const char *where = "unset";

		assert_int_equal(task->work.counted, cases[i].counted);
		assert_string_equal(
			target->remover->plan(&config, &task->work, &where), cases[i].plan
		);
		if (cases[i].where == NULL)
			assert_null(where);
		else
			assert_string_equal(where, cases[i].where);
		task_close(task);
	}
}

static int load_map(void (*fill)(struct pack *), uint32_t entries) {
	struct pack *pack = pack_new();
	struct candidate candidate = {.at = 1};
	struct work work = {.candidate = &candidate};
	struct finding why;
	const unsigned char *data;
	int err;

	pack_reset(pack, entries);
	fill(pack);
	assert_int_equal(pack_data(pack, &data, &candidate.data_bytes), 0);
	candidate.data = (unsigned char *)data;
	err = target->remover->load(&config, &work, &why);
	assert_true(err == 0 || work.state == NULL);
	target->remover->unload(&config, &work);
	pack_free(pack);
	return err;
}

static void fill_row(struct pack *pack) {
	pack_str(pack, "act", "row");
	pack_int(pack, "nodeid", 1);
}

static void fill_no_act(struct pack *pack) {
	pack_int(pack, "nodeid", 1);
}

static void fill_unknown_act(struct pack *pack) {
	pack_str(pack, "act", "everything");
	pack_int(pack, "nodeid", 1);
}

static void fill_no_nodeid(struct pack *pack) {
	pack_str(pack, "act", "row");
}

static void fill_delete_without_node(struct pack *pack) {
	pack_str(pack, "act", "node_and_row");
	pack_int(pack, "nodeid", 1);
	pack_str(pack, "fxa_uid", "u");
	pack_str(pack, "fxa_kid", "k");
}

static void fill_delete_without_key(struct pack *pack) {
	pack_str(pack, "act", "node_and_row");
	pack_int(pack, "nodeid", 1);
	pack_str(pack, "fxa_uid", "u");
	pack_str(pack, "node", "https://n");
}

static void fill_node_of_another_type(struct pack *pack) {
	pack_str(pack, "act", "row");
	pack_int(pack, "nodeid", 1);
	pack_int(pack, "node", 5);
}

static void fill_held_of_another_type(struct pack *pack) {
	pack_str(pack, "act", "row");
	pack_int(pack, "nodeid", 1);
	pack_int(pack, "held", 1);
}

static void fill_long_node(struct pack *pack) {
	char node[3000];

	memset(node, 'n', sizeof(node) - 1);
	node[sizeof(node) - 1] = '\0';
	pack_str(pack, "act", "row");
	pack_int(pack, "nodeid", 1);
	pack_str(pack, "node", node);
}

static void refuses_records_that_make_no_sense(void **unused) {
	static const struct {
		void (*fill)(struct pack *);
		uint32_t entries;
		int err;
	} cases[] = {
		{fill_row, 2, 0},
		{fill_no_act, 1, -EBADMSG},
		{fill_unknown_act, 2, -EBADMSG},
		{fill_no_nodeid, 1, -EBADMSG},
		{fill_delete_without_node, 4, -EBADMSG},
		{fill_delete_without_key, 4, -EBADMSG},
		{fill_node_of_another_type, 3, -EBADMSG},
		{fill_held_of_another_type, 3, -EBADMSG},
		{fill_long_node, 3, -EBADMSG},
	};

	(void)unused;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int err = load_map(cases[i].fill, cases[i].entries);

		if (err != cases[i].err)
			fail_msg("case %zu: %d", i, err);
	}
}

static void refuses_a_record_cut_at_any_byte(void **unused) {
	struct task *task = task_open(&node_and_row);

	(void)unused;
	for (size_t len = 0; len < task->candidate.data_bytes; len++) {
		struct candidate candidate = task->candidate;
		struct work work = {.candidate = &candidate};
		struct finding why;

		candidate.data_bytes = len;
		assert_int_equal(target->remover->load(&config, &work, &why), -EBADMSG);
		assert_null(work.state);
	}
	task_close(task);
}

// --- the request

static int next_call(struct task *task, struct call_plan *plan) {
	return target->calls->next(&config, &task->work, 0, plan, &task->why);
}

// What the answer means, where the engine would say `common`.
static enum verdict take(
	const struct tokenserver_config *with, struct task *task, int status, enum verdict common
) {
	const struct http_answer answer = {.status = status};

	task->why = (struct finding){.verdict = common};
	target->calls->take(with, &task->work, 0, &answer, &task->why);
	return task->why.verdict;
}

static void goes_to_the_node_until_its_data_is_gone(void **unused) {
	struct task *task = task_open(&node_and_row);
	struct call_plan plan;

	(void)unused;
	assert_int_equal(next_call(task, &plan), 1);
	assert_string_equal(plan.origin, "https://n1:8000");
	assert_int_equal(take(&config, task, 204, VERDICT_GO), VERDICT_GO);
	assert_int_equal(next_call(task, &plan), 0);
	task_close(task);
}

static void asks_no_node_for_a_row_alone(void **unused) {
	static const struct ruling *const rulings[] = {&nodeless, &held_back, &forced_held_back};

	(void)unused;
	for (size_t i = 0; i < sizeof(rulings) / sizeof(rulings[0]); i++) {
		struct task *task = task_open(rulings[i]);
		struct call_plan plan;

		assert_int_equal(next_call(task, &plan), 0);
		task_close(task);
	}
}

static void says_why_a_record_cannot_be_purged(void **unused) {
	struct task *task = task_open(&faulty);
	struct call_plan plan;

	(void)unused;
	assert_int_equal(next_call(task, &plan), -EINVAL);
	assert_string_equal(task->why.words, "no good");
	task_close(task);
}

static const char *find_header(const struct http_request *request, const char *name) {
	size_t len = strlen(name);

	for (size_t i = 0; i < request->header_count; i++) {
		if (strncmp(request->headers[i], name, len) == 0 && request->headers[i][len] == ':')
			return request->headers[i] + len + 2;
	}
	return NULL;
}

static int ask(const struct tokenserver_config *with, struct task *task) {
	const struct send_moment moment = {.now_s = 1700000000};
	struct http_request request = {.method = NULL};
	int err;

	task->why.words[0] = '\0';
	err = target->calls->make(with, &task->work, 0, &moment, &request, &task->why);
	http_request_fini(&request);
	return err;
}

static void asks_no_node_that_only_a_record_names(void **unused) {
	struct task *task = task_open(&node_and_row);
	struct tokenserver_config allowing = config;
	struct tokenserver_config overriding = config;
	char *nodes[] = {(char *)"https://N1:8000/a"};
	struct state *state;

	(void)unused;
	target->remover->unload(&config, &task->work);
	task->candidate.checked_mono_ms = 0; // as it comes from a topic
	assert_int_equal(target->remover->load(&config, &task->work, &task->why), 0);
	assert_int_equal(ask(&config, task), -EINVAL);
	assert_string_equal(
		task->why.words, "the node is neither in the table nodes nor named by --allow-node"
	);
	allowing.allow_nodes = (struct conf_list){.items = nodes, .count = 1};
	assert_int_equal(ask(&allowing, task), 0);
	overriding.override_node = nodes[0];
	assert_int_equal(ask(&overriding, task), 0);
	state = task->work.state;
	assert_int_equal(state_set(state, &the_row, &node_and_row), 0); // a check found its row
	assert_int_equal(ask(&config, task), 0);
	task_close(task);
}

static void makes_a_signed_delete(void **unused) {
	const struct send_moment moment = {.now_s = 1700000000.25, .random = "0123456789abcde"};
	struct task *task = task_open(&node_and_row);
	struct http_request request = {.method = NULL};

	(void)unused;
	assert_int_equal(
		target->calls->make(&config, &task->work, 0, &moment, &request, &task->why), 0
	);
	assert_string_equal(request.method, "DELETE");
	assert_string_equal(request.url, "https://n1:8000/a/1.5/7");
	assert_string_equal(find_header(&request, "Host"), "n1:8000");
	assert_string_equal(find_header(&request, "Accept"), "*/*");
	assert_non_null(strstr(find_header(&request, "Authorization"), "Hawk id=\""));
	assert_non_null(strstr(find_header(&request, "Authorization"), "ts=\"1700000000\""));
	// Replaced at 1 s, and the least grace is two hours.
	assert_string_equal(find_header(&request, "X-If-Unmodified-Since"), "7201.00");
	assert_int_equal(request.header_count, 4);
	http_request_fini(&request);
	task_close(task);
}

static void signs_anew_for_every_moment(void **unused) {
	const struct send_moment moments[] = {
		{.now_s = 1700000000, .random = "0123456789abcde"},
		{.now_s = 1700000000, .random = "0123456789abcde"},
		{.now_s = 1700000000, .random = "1123456789abcde"},
		{.now_s = 1700000001, .random = "0123456789abcde"},
		{.now_s = 1700000000, .random = "012X456789abcde"},
	};
	struct task *task = task_open(&node_and_row);
	struct http_request requests[5];

	(void)unused;
	memset(requests, 0, sizeof(requests));
	for (size_t i = 0; i < 5; i++)
		assert_int_equal(
			target->calls->make(
				&config, &task->work, 0, &moments[i], &requests[i], &task->why
			),
			0
		);
	assert_string_equal(
		find_header(&requests[0], "Authorization"),
		find_header(&requests[1], "Authorization")
	);
	for (size_t i = 2; i < 5; i++)
		assert_string_not_equal(
			find_header(&requests[0], "Authorization"),
			find_header(&requests[i], "Authorization")
		);
	for (size_t i = 0; i < 5; i++)
		http_request_fini(&requests[i]);
	task_close(task);
}

static void sets_no_condition_when_nodes_keep_data_by_uid(void **unused) {
	const struct send_moment moment = {.now_s = 1700000000};
	struct tokenserver_config by_uid = config;
	struct task *task = task_open(&node_and_row);
	struct http_request request = {.method = NULL};

	(void)unused;
	by_uid.node_keys = NODE_KEYS_UID;
	assert_int_equal(
		target->calls->make(&by_uid, &task->work, 0, &moment, &request, &task->why), 0
	);
	assert_null(find_header(&request, "X-If-Unmodified-Since"));
	assert_int_equal(take(&by_uid, task, 412, VERDICT_FAILED), VERDICT_FAILED);
	http_request_fini(&request);
	task_close(task);
}

static void checks_again_when_somebody_wrote(void **unused) {
	static const int others[] = {0, 200, 204, 400, 401, 404, 409, 413, 500, 503};
	struct task *task = task_open(&node_and_row);
	const struct state *state = task->work.state;

	(void)unused;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		assert_int_equal(take(&config, task, others[i], VERDICT_RETRY), VERDICT_RETRY);
		assert_false(state->is_modified);
	}
	assert_int_equal(take(&config, task, 412, VERDICT_FAILED), VERDICT_RECHECK);
	assert_int_equal(task->why.reason, REASON_MODIFIED);
	assert_true(state->is_modified);
	task_close(task);
}

static void forgets_what_the_node_said_when_the_data_is_another(void **unused) {
	struct task *task = task_open(&node_and_row);
	struct state *state = task->work.state;

	(void)unused;
	state->is_deleted = true;
	state->is_modified = true;
	assert_int_equal(state_set(state, &the_row, &node_and_row), 0);
	assert_true(state->is_deleted && state->is_modified);
	assert_int_equal(state_set(state, &the_row, &forced), 0);
	assert_false(state->is_deleted || state->is_modified);
	task_close(task);
}

// --- metrics

static void report(const struct ruling *ruling, struct event event) {
	struct task *task = task_open(ruling);

	event.work = &task->work;
	target->report(&config, NULL, &event);
	task_close(task);
}

static void assert_sent(const char *lines) {
	assert_string_equal(buf_text(&sent), lines);
	buf_clear(&sent);
	assert_int_equal(buf_add(&sent, "", 0), 0);
}

static void counts_rows_by_kind(void **unused) {
	(void)unused;
	report(&node_and_row, (struct event){.kind = EVENT_PURGED});
	assert_sent("count delete_user 1 type:not_down\n");
	report(&nodeless, (struct event){.kind = EVENT_PURGED});
	assert_sent("count delete_user 1 type:nodeless\n");
	report(&forced, (struct event){.kind = EVENT_PURGED});
	assert_sent("count delete_data 1 type:force\n");
	report(&held_back, (struct event){.kind = EVENT_PURGED});
	assert_sent("count override 1 -\ncount delete_user 1 type:not_down\n");
	report(&forced_held_back, (struct event){.kind = EVENT_PURGED});
	assert_sent("count override 1 -\ncount delete_data 1 type:force\n");
}

static void counts_what_nodes_did(void **unused) {
	static const int statuses[] = {0, 200, 302, 399, 404};
	static const int errors[] = {400, 401, 410, 412, 500, 599};

	(void)unused;
	report(&node_and_row, (struct event){.kind = EVENT_REQUEST_DONE});
	assert_sent("count delete_data 1 -\n");
	report(&forced, (struct event){.kind = EVENT_REQUEST_DONE});
	assert_sent("count delete_data 1 type:force\n");
	for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
		struct http_answer answer = {.status = statuses[i]};

		report(&node_and_row, (struct event){.kind = EVENT_ANSWER, .answer = &answer});
		assert_sent("");
	}
	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		struct http_answer answer = {.status = errors[i]};

		report(&node_and_row, (struct event){.kind = EVENT_ANSWER, .answer = &answer});
		assert_sent("count error.gone 1 -\n");
	}
}

static void counts_failures_by_reason(void **unused) {
	static const struct {
		enum reason reason;
		const char *line;
	} cases[] = {
		{REASON_HTTP_4XX, "count row_failure 1 reason:http_4xx\n"},
		{REASON_HTTP_5XX, "count row_failure 1 reason:http_5xx\n"},
		{REASON_HTTP_OTHER, "count row_failure 1 reason:http_other\n"},
		{REASON_TIMEOUT, "count row_failure 1 reason:timeout\n"},
		{REASON_CONNECT, "count row_failure 1 reason:connect\n"},
		{REASON_UNKNOWN, "count row_failure 1 reason:unknown\n"},
		{REASON_DATABASE, "count row_failure 1 reason:unknown\n"},
	};

	(void)unused;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		report(&node_and_row,
		       (struct event){.kind = EVENT_FAILED, .reason = cases[i].reason});
		assert_sent(cases[i].line);
	}
	// A record that could not be decoded has no state.
	target->report(
		&config,
		NULL,
		&(struct event
		){.kind = EVENT_FAILED, .work = &(struct work){.rows = 1}, .reason = REASON_UNKNOWN}
	);
	assert_sent("count row_failure 1 reason:unknown\n");
}

static void counts_the_run(void **unused) {
	(void)unused;
	report(&node_and_row, (struct event){.kind = EVENT_BACKLOG, .value = 42});
	assert_sent("gauge purge.backlog.size 42 -\n");
	report(&node_and_row, (struct event){.kind = EVENT_PAGE, .value = 10});
	assert_sent("count purge.batch.fetched 10 -\n");
	report(&node_and_row, (struct event){.kind = EVENT_PAGE, .value = 0});
	assert_sent("");
	report(&node_and_row, (struct event){.kind = EVENT_DEFER_FAILED});
	assert_sent("count row_failure_bump_failed 1 -\n");
	report(&node_and_row, (struct event){.kind = EVENT_LIMIT});
	assert_sent("count max_records 1 -\n");
	report(&node_and_row, (struct event){.kind = EVENT_PASS_END, .value = 99, .success = true});
	assert_sent("timing purge.run.duration_ms 99 -\ncount purge.run.success 1 -\n");
	report(&node_and_row, (struct event){.kind = EVENT_PASS_END, .value = 98});
	assert_sent("timing purge.run.duration_ms 98 -\ncount purge.run.failure 1 -\n");
}

static int set_up(void **unused) {
	(void)unused;
	config.grace_ms = 3600000;
	config.signer = signer_new("secret", 6);
	buf_init(&sent, 0);
	return config.signer == NULL ? -1 : 0;
}

static int tear_down(void **unused) {
	(void)unused;
	signer_free(config.signer);
	buf_fini(&sent);
	return 0;
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(carries_what_the_purge_needs),
		cmocka_unit_test(carries_each_kind_of_plan),
		cmocka_unit_test(refuses_records_that_make_no_sense),
		cmocka_unit_test(refuses_a_record_cut_at_any_byte),
		cmocka_unit_test(goes_to_the_node_until_its_data_is_gone),
		cmocka_unit_test(asks_no_node_for_a_row_alone),
		cmocka_unit_test(says_why_a_record_cannot_be_purged),
		cmocka_unit_test(asks_no_node_that_only_a_record_names),
		cmocka_unit_test(makes_a_signed_delete),
		cmocka_unit_test(signs_anew_for_every_moment),
		cmocka_unit_test(sets_no_condition_when_nodes_keep_data_by_uid),
		cmocka_unit_test(checks_again_when_somebody_wrote),
		cmocka_unit_test(forgets_what_the_node_said_when_the_data_is_another),
		cmocka_unit_test(counts_rows_by_kind),
		cmocka_unit_test(counts_what_nodes_did),
		cmocka_unit_test(counts_failures_by_reason),
		cmocka_unit_test(counts_the_run),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
