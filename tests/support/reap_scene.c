// SPDX-License-Identifier: MPL-2.0
// reap_scene: a container that is reaped, whose servers are the test.
#include "support/reap_scene.h"
#include "support/test.h"

#include "common/base/buf.h"
#include "common/http/http_header.h"
#include "common/http/http_message.h"
#include "common/target/target_calls.h"
#include "common/targets/swift/cluster/cluster.h"
#include "common/targets/swift/reaping/reap_plan.h"
#include "common/targets/swift/reaping/reap_take.h"
#include "common/targets/swift/ring/ring_open.h"
#include "support/ring_text.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

WRAPS(ring_open);

#define NOW_US 1700000000123456

static void add_devices(struct buf *json, int port) {
	buf_str(json, "[");
	for (int i = 1; i <= 3; i++)
		buf_fmt(json,
			"%s{\"id\": %d, \"ip\": \"10.0.0.%d\", \"port\": %d, \"replication_ip\": "
			"\"10.1.0.%d\", \"replication_port\": %d, \"device\": \"d%d\"}",
			i == 1 ? "" : ", ",
			i - 1,
			i,
			port,
			i,
			port + 1000,
			i);
	buf_str(json, "]");
}

// One partition, whose replicas are on the devices in their order.
int __wrap_ring_open(struct ring **out, const char *path, char *error, size_t error_bytes) {
	static const unsigned char ids[] = {0, 0, 1, 0, 2, 0};
	const char *name = strrchr(path, '/') + 1;
	int replicas = strcmp(name, "object-1.ring.gz") == 0 ? 2 : 3;
	struct buf json, bytes;
	struct ring_text text = {.assignments = ids, .assignment_bytes = (size_t)replicas * 2};
	int err;

	if (strcmp(name, "object-2.ring.gz") == 0) {
		snprintf(error, error_bytes, "cannot read '%s'", path);
		return -ENOENT;
	}
	buf_init(&json, 0);
	buf_str(&json, "{\"byteorder\": \"little\", \"part_shift\": 32, \"version\": 1, ");
	buf_fmt(&json, "\"replica_count\": %d, \"devs\": ", replicas);
	add_devices(&json, name[0] == 'a' ? 6202 : name[0] == 'c' ? 6201 : 6200);
	// The partitions of policy 1 become more.
	buf_str(&json, replicas == 2 ? ", \"next_part_power\": 1}" : "}");
	text.metadata = buf_text(&json);
	ring_text_v1(&bytes, &text);
	err = ring_parse(out, (unsigned char *)bytes.data, bytes.len, error, error_bytes);
	buf_fini(&json);
	buf_fini(&bytes);
	return err;
}

void reap_scene_anew(struct reap_scene *scene, bool takes_half_undeleted, const char *container) {
	const struct reap_rule rule = {
		.takes_half_undeleted = takes_half_undeleted,
		.takes_absent = !scene->probes,
	};
	struct container_record record = {.bytes = malloc(64)};

	assert_non_null(record.bytes);
	snprintf(record.bytes, 64, "AUTH_a%s", container);
	record.account = (struct name_part){record.bytes, 6};
	record.container = (struct name_part){record.bytes + 6, strlen(container)};
	record.marker = (struct name_part){record.bytes, 0};
	reap_free(scene->reap);
	assert_int_equal(reap_new(&scene->reap, scene->cluster, &rule, &record), 0);
}

int reap_scene_begin(void **state) {
	struct reap_scene *scene = calloc(1, sizeof(*scene));

	assert_non_null(scene);
	scene->conf.prefix = strdup("pre");
	scene->conf.suffix = strdup("suf");
	scene->conf.has_policy[0] = scene->conf.has_policy[1] = scene->conf.has_policy[2] = true;
	scene->cluster = cluster_new("/etc/swift", &scene->conf);
	assert_non_null(scene->cluster);
	reap_scene_anew(scene, false, "c");
	*state = scene;
	return 0;
}

int reap_scene_end(void **state) {
	struct reap_scene *scene = *state;

	reap_free(scene->reap);
	cluster_free(scene->cluster);
	swift_conf_free(&scene->conf);
	finding_clear(&scene->finding);
	free(scene);
	return 0;
}

size_t reap_scene_open(const struct reap_scene *scene) {
	struct call_plan plan;
	size_t count = 0;

	while (reap_plan_next(scene->reap, count, &plan) > 0)
		count++;
	return count;
}

static int64_t id_of(const struct reap_scene *scene, size_t index) {
	struct call_plan plan;

	assert_int_equal(reap_plan_next(scene->reap, index, &plan), 1);
	return plan.id;
}

const char *reap_scene_request(struct reap_scene *scene, size_t index) {
	struct http_request request = {0};
	size_t len;

	assert_int_equal(reap_plan_make(scene->reap, id_of(scene, index), &request), 0);
	len = (size_t
	)snprintf(scene->text, sizeof(scene->text), "%s %s\n", request.method, request.url);
	for (size_t i = 0; i < request.header_count && len < sizeof(scene->text); i++)
		len += (size_t
		)snprintf(scene->text + len, sizeof(scene->text) - len, "%s\n", request.headers[i]);
	http_request_fini(&request);
	return scene->text;
}

void reap_scene_assert_asks(struct reap_scene *scene, const char *words) {
	const char *request = reap_scene_request(scene, 0);

	if (strstr(request, words) == NULL)
		fail_msg("'%s' is not in:\n%s", words, request);
}

// What the engine would say of it before the target is asked.
static struct finding common_finding(const struct reap_answer *answer) {
	if (answer->status == 0)
		return (struct finding){.verdict = VERDICT_RETRY, .reason = REASON_TIMEOUT};
	if (answer->status >= 500)
		return (struct finding){.verdict = VERDICT_RETRY, .reason = REASON_HTTP_5XX};
	if (answer->status >= 400 && answer->status != 404)
		return (struct finding){.verdict = VERDICT_FAILED, .reason = REASON_HTTP_4XX};
	return (struct finding){.verdict = VERDICT_GO};
}

void reap_scene_answer(struct reap_scene *scene, size_t index, const struct reap_answer *answer) {
	struct http_request request = {0};
	struct http_header_hints hints = {.keep = NULL};
	struct http_answer heard = {
		.failure = answer->status == 0 ? HTTP_FAILURE_TIMEOUT : HTTP_FAILURE_NONE,
		.status = answer->status,
		.body = answer->body,
		.body_bytes = answer->body == NULL ? 0 : strlen(answer->body),
	};
	int64_t id = id_of(scene, index);

	assert_int_equal(reap_plan_make(scene->reap, id, &request), 0);
	hints.keep = request.keep;
	for (size_t i = 0; i < 5 && answer->headers[i] != NULL; i++)
		http_header_read(&hints, answer->headers[i], strlen(answer->headers[i]));
	heard.date_s = hints.date_s;
	heard.kept = (const char(*)[HTTP_KEPT_BYTES])hints.kept;
	http_request_fini(&request);
	finding_clear(&scene->finding);
	scene->finding = common_finding(answer);
	reap_take_answer(scene->reap, id, &heard, &scene->finding, NOW_US + scene->late_us);
}

void reap_scene_answers(struct reap_scene *scene, const struct reap_answer *answer, size_t count) {
	while (count-- > 0)
		reap_scene_answer(scene, 0, answer);
}

void reap_scene_is_deleted(struct reap_scene *scene) {
	static const struct reap_answer deleted = SAYS_DELETED;

	assert_int_equal(scene->reap->phase, REAP_ASK);
	while (scene->reap->phase == REAP_ASK)
		reap_scene_answer(scene, 0, &deleted);
}

bool reap_scene_unsent(struct reap_scene *scene, size_t index) {
	return reap_take_unsent(scene->reap, id_of(scene, index), NOW_US);
}

void reap_scene_assert_over(const struct reap_scene *scene, enum verdict verdict) {
	assert_int_equal(scene->reap->phase, REAP_OVER);
	assert_int_equal(reap_scene_open(scene), 0);
	assert_int_equal(scene->reap->outcome.verdict, verdict);
}
