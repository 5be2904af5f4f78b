// SPDX-License-Identifier: MPL-2.0
// reap_scene: a container that is reaped, whose servers are the test. Needs WRAP ring_open.
// Thread: the one that runs the tests.
//
// Each kind of server is on three nodes, 10.0.0.N with the replication network 10.1.0.N, but that
// of the objects of policy 1, which is on the first two and whose partitions are about to double.
// The account is "AUTH_a", the container "c".
#pragma once

#include "common/target/finding.h"
#include "common/targets/swift/config/swift_conf.h"
#include "common/targets/swift/reaping/reap.h"

#include <stddef.h>

struct reap_scene {
	struct swift_conf conf;
	struct cluster *cluster;
	struct reap *reap;
	struct finding finding; // of the last answer
	int64_t late_us; // how much time has passed
	bool probes; // from the next beginning on
	char text[4096];
};

struct reap_answer {
	int status; // 0: a time-out
	const char *headers[5];
	const char *body;
};

// Answers that come often.
#define SAYS_DELETED                                                                               \
	{                                                                                          \
		.status = 404, .headers = { "X-Account-Status: Deleted" }                          \
	}
#define LISTS(names)                                                                               \
	{                                                                                          \
		.status = 200,                                                                     \
		.headers =                                                                         \
			{"X-Backend-Sharding-State: unsharded",                                    \
			 "X-Backend-Storage-Policy-Index: 0"},                                     \
		.body = (names)                                                                    \
	}

int reap_scene_begin(void **state);
int reap_scene_end(void **state);
// Begins anew, with other rules.
void reap_scene_anew(struct reap_scene *scene, bool takes_half_undeleted, const char *container);

// How many requests are open.
size_t reap_scene_open(const struct reap_scene *scene);
// The index-th of them, as "METHOD URL" and its headers, a line each; lives until the next call.
const char *reap_scene_request(struct reap_scene *scene, size_t index);
// The first of them has these words.
void reap_scene_assert_asks(struct reap_scene *scene, const char *words);
// Answers the index-th of them.
void reap_scene_answer(struct reap_scene *scene, size_t index, const struct reap_answer *answer);
// Answers the first one so often.
void reap_scene_answers(struct reap_scene *scene, const struct reap_answer *answer, size_t count);
// All who are asked for the account say that it is deleted.
void reap_scene_is_deleted(struct reap_scene *scene);
bool reap_scene_unsent(struct reap_scene *scene, size_t index);
void reap_scene_assert_over(const struct reap_scene *scene, enum verdict verdict);
