// SPDX-License-Identifier: MPL-2.0
// tokenserver_load_test: what a worker reads of a record, and which records it refuses.
#include "support/test.h"

#include "common/pack/pack.h"
#include "common/target/target_remover.h"
#include "common/targets/tokenserver/remover.h"
#include "common/targets/tokenserver/state.h"
#include "support/tokenserver_record.h"

#include <errno.h>
#include <string.h>

static struct tokenserver_config config;

static void carries_what_the_purge_needs(void **unused) {
	struct task *task = record_open(&config, &record_node_and_row);
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
	record_close(&config, task);
}

static void carries_each_kind_of_plan(void **unused) {
	static const struct {
		const struct ruling *ruling;
		bool counted;
		const char *plan;
		const char *where;
	} cases[] = {
		{&record_node_and_row, true, "node and row", "https://N1:8000/a"},
		{&record_nodeless, false, "row only, no node", NULL},
		{&record_held_back, true, "row only, data in use", "https://n1"},
		{&record_forced, true, "node and row, forced", "https://n1"},
		{&record_forced_held_back, true, "row only, data in use", "https://n1"},
		{&record_faulty, true, "cannot be purged", "https://n1"},
	};

	(void)unused;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct task *task = record_open(&config, cases[i].ruling);
		const char *where = "unset";

		assert_int_equal(task->work.counted, cases[i].counted);
		assert_string_equal(
			tokenserver_remover.plan(&config, &task->work, &where), cases[i].plan
		);
		if (cases[i].where == NULL)
			assert_null(where);
		else
			assert_string_equal(where, cases[i].where);
		record_close(&config, task);
	}
}

static int load_map(void (*fill)(struct pack *), uint32_t entries) {
	struct pack *pack = pack_new();
	struct candidate candidate = {.at = 1};
	struct work work;
	struct finding why = {0};
	const unsigned char *data;
	int err;

	pack_reset(pack, entries);
	fill(pack);
	assert_int_equal(pack_data(pack, &data, &candidate.data_bytes), 0);
	candidate.data = (unsigned char *)data;
	work = (struct work){.candidate = &candidate};
	err = tokenserver_remover.load(&config, &work, &why);
	assert_true(err == 0 || work.state == NULL);
	tokenserver_remover.unload(&config, &work);
	finding_clear(&why);
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
	struct task *task = record_open(&config, &record_node_and_row);

	(void)unused;
	for (size_t len = 0; len < task->candidate.data_bytes; len++) {
		struct candidate candidate = task->candidate;
		struct work work = {.candidate = &candidate};
		struct finding why = {0};

		candidate.data_bytes = len;
		assert_int_equal(tokenserver_remover.load(&config, &work, &why), -EBADMSG);
		assert_null(work.state);
		finding_clear(&why);
	}
	record_close(&config, task);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(carries_what_the_purge_needs),
		cmocka_unit_test(carries_each_kind_of_plan),
		cmocka_unit_test(refuses_records_that_make_no_sense),
		cmocka_unit_test(refuses_a_record_cut_at_any_byte),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
