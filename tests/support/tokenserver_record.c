// SPDX-License-Identifier: MPL-2.0
// tokenserver_record: a user record as a task of the target.
#include "support/test.h"

#include "support/tokenserver_record.h"

#include "common/pack/pack.h"
#include "common/target/target_remover.h"
#include "common/targets/tokenserver/remover.h"
#include "common/targets/tokenserver/state.h"

#include <stdlib.h>

const struct user_row record_row = {
	.uid = 7,
	.is_replaced = true,
	.replaced_at = 1000,
	.nodeid = 3,
	.email = (char *)"f0a@api.accounts.firefox.com",
	.client_state = (char *)"aa",
};

const struct ruling record_node_and_row = {
	.send_delete = true, .target = "https://N1:8000/a", .fxa_kid = "0000000000005-qg"};
const struct ruling record_nodeless = {.nodeless = true};
const struct ruling record_held_back = {
	.held_back = true, .target = "https://n1", .fxa_kid = "0000000000005-qg"};
const struct ruling record_forced = {
	.send_delete = true, .forced = true, .target = "https://n1", .fxa_kid = "0000000000005-qg"};
const struct ruling record_forced_held_back = {
	.held_back = true, .forced = true, .target = "https://n1", .fxa_kid = "0000000000005-qg"};
const struct ruling record_faulty = {
	.verdict = VERDICT_FAILED, .send_delete = true, .target = "https://n1", .fault = "no good"};

struct task *record_open(const struct tokenserver_config *config, const struct ruling *ruling) {
	struct task *task = calloc(1, sizeof(*task));
	struct state state = {.nodeless = false};
	const unsigned char *data;

	assert_non_null(task);
	task->pack = pack_new();
	assert_int_equal(state_set(&state, &record_row, ruling), 0);
	assert_int_equal(state_pack(&state, task->pack, &data, &task->candidate.data_bytes), 0);
	state_fini(&state);
	task->candidate.data = (unsigned char *)data;
	task->candidate.id = (char *)"7";
	task->candidate.key = 7;
	task->candidate.at = record_row.replaced_at;
	task->candidate.checked_mono_ms = 1;
	task->work.candidate = &task->candidate;
	task->work.judged.wall_ms = 1700000000123;
	assert_int_equal(tokenserver_remover.load(config, &task->work, &task->why), 0);
	return task;
}

void record_close(const struct tokenserver_config *config, struct task *task) {
	tokenserver_remover.unload(config, &task->work);
	assert_null(task->work.state);
	finding_clear(&task->why);
	pack_free(task->pack);
	free(task);
}
