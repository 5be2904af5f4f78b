// SPDX-License-Identifier: MPL-2.0
// source_script_test: whatever the group does meanwhile, no offset is committed that was not done,
// and everything is done in the end. Scripts are drawn from a seed; the last one told is the one
// that failed.
#include "support/side_by_side.h"
#include "support/source_scene.h"
#include "support/test.h"

#include "common/base/clock.h"

#include <stdlib.h>
#include <string.h>

enum { STEPS = 300, TOPICS = 2, SCRIPTS = 3, DONE_MAX = 4096 };

static const char *const topics[TOPICS] = {SCENE_TOPIC, SCENE_RETRY};

struct script {
	struct scene *scene;
	unsigned short random[3];
	bool done[TOPICS][PARTITIONS][DONE_MAX]; // by offset
	int rebalances;
};

static bool chance(struct script *script, double part) {
	return erand48(script->random) < part;
}

static bool is_of_the_retries(const struct candidate *candidate) {
	return candidate->origin.attempts + candidate->origin.postponed > 0;
}

// One that lost its lease is done by whoever has its partition now.
static void note_done(struct script *script, const struct candidate *candidate) {
	const struct candidate_origin *origin = &candidate->origin;

	assert_int_in_range(origin->offset, 0, DONE_MAX - 1);
	if (!origin->lease->revoked)
		script->done[is_of_the_retries(candidate)][candidate->key % PARTITIONS]
			    [origin->offset] = true;
}

static void finish_one(struct script *script) {
	struct scene *scene = script->scene;
	size_t index = (size_t)(erand48(script->random) * (double)scene->held_count);

	note_done(script, scene->held[index]);
	scene->verdict = VERDICT_DONE;
	scene->reason = REASON_NONE;
	if (chance(script, 0.1)) {
		scene->verdict = VERDICT_POSTPONED;
		scene->reason = REASON_HELD;
	} else if (chance(script, 0.05)) {
		scene->verdict = VERDICT_FAILED;
		scene->reason = REASON_UNKNOWN;
	}
	scene_finish(scene, index);
}

static void assert_no_gap_is_committed(struct script *script) {
	for (int topic = 0; topic < TOPICS; topic++)
		for (int32_t i = 0; i < PARTITIONS; i++) {
			int64_t committed = scene_committed_in(script->scene, topics[topic], i);

			for (int64_t offset = 0; offset < committed; offset++)
				assert_true(script->done[topic][i][offset]);
		}
}

static void disturb(struct script *script) {
	static const rd_kafka_resp_err_t refusals[] = {
		RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS,
		RD_KAFKA_RESP_ERR_NOT_COORDINATOR,
		RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT,
		RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED,
	};
	static const rd_kafka_resp_err_t losses[] = {
		RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS,
		RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION,
		RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID,
	};
	struct scene *scene = script->scene;
	size_t draw = (size_t)(erand48(script->random) * 12);

	if (draw < 4) {
		rd_kafka_mock_push_request_errors(
			scene->cluster, API_OFFSET_COMMIT, 1, refusals[draw]
		);
	} else if (draw < 7) {
		rd_kafka_mock_push_request_errors(
			scene->cluster, API_OFFSET_COMMIT, 1, losses[draw - 4]
		);
	} else if (draw < 10) {
		rd_kafka_mock_push_request_errors(
			scene->cluster, API_HEARTBEAT, 1, losses[draw - 7]
		);
		script->rebalances++;
	} else if (draw < 11) {
		rd_kafka_mock_push_request_errors(
			scene->cluster, API_PRODUCE, 1, RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION
		);
	} else {
		// As after a crash: what is in work never comes back.
		scene_close(scene);
		scene_open(scene);
		script->rebalances++;
	}
}

static void play(struct script *script) {
	struct scene *scene = script->scene;

	scene->keep = true;
	for (int i = 0; i < STEPS && !source_is_drained(scene->source); i++) {
		scene_step(scene);
		while (scene->held_count > 0 && chance(script, 0.7))
			finish_one(script);
		if (chance(script, 0.1) && script->rebalances < 4 && scene->held_count > 0)
			disturb(script);
		if (chance(script, 0.05))
			assert_no_gap_is_committed(script);
	}
}

static void come_to_the_end(struct script *script) {
	struct scene *scene = script->scene;

	while (!source_is_drained(scene->source)) {
		scene_step(scene);
		while (scene->held_count > 0)
			finish_one(script);
	}
	scene_assert_all_seen(scene);
	assert_no_gap_is_committed(script);
	assert_int_equal(scene_committed(scene), RECORDS);
}

static void nothing_undone_is_committed_whatever_the_group_does(void **state) {
	int seed = *(const int *)*state;
	struct script *script = calloc(1, sizeof(*script));

	assert_non_null(script);
	print_message("seed %d\n", seed);
	script->random[0] = (unsigned short)seed;
	script->scene = scene_begin();
	script->scene->give_up_ms += GIVE_UP_MS;
	play(script);
	come_to_the_end(script);
	assert_true(script->rebalances > 0);
	scene_end(script->scene);
	free(script);
}

int main(void) {
	static int seeds[SCRIPTS];
	struct CMUnitTest tests[SCRIPTS];

	for (int i = 0; i < SCRIPTS; i++) {
		seeds[i] = i;
		tests[i] = (struct CMUnitTest)cmocka_unit_test_prestate(
			nothing_undone_is_committed_whatever_the_group_does, &seeds[i]
		);
	}
	return side_by_side_run(tests, SCRIPTS);
}
