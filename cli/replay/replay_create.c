// SPDX-License-Identifier: MPL-2.0
// replay_create: makes a replay.
#include "cli/replay/replay_create.h"

#include "cli/front/front.h"
#include "cli/replay/edge.h"
#include "cli/replay/replay_find.h"
#include "cli/replay/spans.h"
#include "cli/topics/scope.h"
#include "common/base/clock.h"
#include "common/conf/conf.h"
#include "common/handle.h"
#include "common/kafka/kafka.h"
#include "common/kafka/topics/kafka_state.h"
#include "common/kafka/topics/replay.h"
#include "common/kafka/topics/replays.h"
#include "common/kafka/topics/topics.h"
#include "common/pack/pack.h"
#include "common/target/target.h"
#include "common/target/target_remover.h"
#include "common/text/moment.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct edges {
	struct edge from;
	struct edge to;
};

// --- what is wanted

static int read_edge(const char *option, const char *text, int64_t now_ms, struct edge *out) {
	int err = edge_parse(out, text, now_ms);

	if (err == -EINVAL)
		fprintf(stderr,
			"purgefleet: '%s' wants " EDGE_WANTS "; '%s' is none\n",
			option,
			text);
	return err;
}

static int read_edges(const struct replay_options *options, int64_t now_ms, struct edges *out) {
	int err = read_edge("--from", options->from, now_ms, &out->from);

	out->to.kind = EDGE_END;
	if (err == 0 && options->to != NULL)
		err = read_edge("--to", options->to, now_ms, &out->to);
	return err;
}

static void note_words(char out[REPLAY_WORDS_BYTES], const struct edge *edge, const char *text) {
	char moment[MOMENT_BYTES];

	if (edge->kind == EDGE_TIME)
		moment_format(edge->time_ms, moment);
	snprintf(
		out,
		REPLAY_WORDS_BYTES,
		"%s",
		edge->kind == EDGE_END            ? "end"
			: edge->kind == EDGE_TIME ? moment
						  : text
	);
}

static void note_wish(
	const struct replay_command *command, const struct edges *edges, struct replay *replay
) {
	const struct replay_options *options = &command->options;
	char usual[REPLAY_GROUP_BYTES];

	snprintf(replay->id, sizeof(replay->id), "%s", options->id);
	replay->created_ms = clock_wall_ms();
	kafka_group_name(&command->kafka, command->front.target->name, usual, sizeof(usual));
	replay_group(usual, replay->id, replay->created_ms, replay->group);
	note_words(replay->from, &edges->from, options->from);
	note_words(replay->to, &edges->to, options->to);
	replay->has_range_start = conf_is_set(command->front.conf, "range-start");
	replay->has_range_end = conf_is_set(command->front.conf, "range-end");
	replay->range_start = options->range_start;
	replay->range_end = options->range_end;
	if (options->node != NULL)
		snprintf(replay->node, sizeof(replay->node), "%s", options->node);
}

// --- may it be?

// The records name rows of one database, and what lies on its nodes.
static int check_scope(struct replay_command *command, struct replay *replay) {
	struct scope scope = {.kafka = &command->kafka};
	struct layout layout;
	int err = scope_find(&command->front, &scope);

	if (err < 0)
		return err;
	err = kafka_state_layout(command->state, REPLAY_STATE_MS, &layout);
	if (err < 0)
		return front_fail(err, kafka_state_error(command->state));
	if (strcmp(layout.scope, scope.name) != 0) {
		fprintf(stderr,
			"purgefleet: the topics hold candidates of %s%s, this is '%s'; check the "
			"database or --topic-prefix\n",
			layout.scope[0] == '\0' ? "no database yet" : "the database ",
			layout.scope,
			scope.name);
		return -ESTALE;
	}
	snprintf(replay->scope, sizeof(replay->scope), "%s", layout.scope);
	return 0;
}

static int check_node(const struct front *front, struct replay *replay) {
	struct handle *handle = NULL;
	char error[512];
	int found = 0;
	int err;

	if (front->target->remover->find_node == NULL)
		return front_fail(-EINVAL, "this target has no nodes; leave '--node' out");
	err = handle_new(
		&handle, front->target->handle_kind, front->location, error, sizeof(error)
	);
	if (err < 0)
		return front_fail(err, error);
	err = handle_open(handle);
	if (err == 0)
		found = front->target->remover->find_node(
			front->config, handle, replay->node, &replay->node_id
		);
	if (err < 0 || found < 0) {
		err = err < 0 ? err : found;
		fprintf(stderr, "purgefleet: cannot look for the node: %s\n", handle_error(handle));
	} else if (found == 0) {
		fprintf(stderr,
			"purgefleet: the database has no node '%s'; '--node' is the text of the "
			"column node\n",
			replay->node);
		err = -ENOENT;
	}
	handle_free(handle);
	return err;
}

static int check_id(struct replay_command *command) {
	struct replays replays = {.count = 0};
	int err = replays_read(&replays, command->state, REPLAY_STATE_MS);

	if (err < 0)
		front_fail(err, kafka_state_error(command->state));
	else if (replays_find(&replays, command->options.id) != NULL) {
		fprintf(stderr,
			"purgefleet: there is a replay '%s' already; give another --id, or drop "
			"it: purgefleet replay %s drop --id %s\n",
			command->options.id,
			command->front.target->name,
			command->options.id);
		err = -EEXIST;
	}
	replays_fini(&replays);
	return err;
}

// --- make it

static int find_spans(
	struct replay_command *command, const struct edges *edges, struct replay *replay
) {
	const struct spans_wish wish = {
		.kafka = &command->kafka,
		.log = command->front.log,
		.topic = command->topic,
		.from = &edges->from,
		.to = &edges->to,
	};
	char error[1600] = "out of memory";
	int err = spans_find(replay, &wish, error, sizeof(error));

	if (err < 0)
		return front_fail(err, error);
	if (replay_records(replay) > 0)
		return 0;
	fprintf(stderr,
		"purgefleet: there is nothing to replay: %s has no record from %s to %s\n",
		command->topic,
		replay->from,
		replay->to);
	return -ENOENT;
}

static int write_down(struct replay_command *command, const struct replay *replay) {
	char key[REPLAY_KEY_BYTES];
	struct pack *pack = pack_new();
	const unsigned char *data = NULL;
	size_t len = 0;
	int err = pack == NULL ? -ENOMEM : replay_pack(replay, pack, &data, &len);

	replay_key(replay->id, key);
	if (err == -EMSGSIZE)
		front_fail(err, "the topic has more partitions than a replay can be about");
	else if (err == 0) {
		err = kafka_state_put(command->state, key, data, len, REPLAY_STATE_MS);
		if (err < 0)
			front_fail(err, kafka_state_error(command->state));
	}
	pack_free(pack);
	return err;
}

// Somebody else may have made one of that id at the same time: the last one counts.
static int check_made(struct replay_command *command, const struct replay *made) {
	struct replay found;
	int err = replay_find(
		&found, command->state, command->front.target->name, command->options.id
	);

	if (err == 0 && strcmp(found.group, made->group) != 0) {
		fprintf(stderr,
			"purgefleet: another replay '%s' was made at the same time, and that one "
			"counts\n",
			made->id);
		err = -EEXIST;
	}
	replay_fini(&found);
	return err;
}

static void tell_deleted(const struct replay *replay) {
	if (replay->deleted < 0)
		printf("deleted:     unknown: where the log begins later than %s, retention may "
		       "have taken records that belonged to it\n",
		       replay->from);
	else if (replay->deleted > 0)
		printf("deleted:     %" PRId64
		       " records that belonged to it; retention has taken them\n",
		       replay->deleted);
}

static void tell_made(const struct replay_command *command, const struct replay *replay) {
	size_t partitions = 0;

	for (size_t i = 0; i < replay->count; i++)
		partitions += replay->spans[i].start < replay->spans[i].end;
	printf("replay %s:\n", replay->id);
	printf("from:        %s\nto:          %s\n", replay->from, replay->to);
	printf("records:     at most %" PRId64 ", in %zu of %zu partitions\n",
	       replay_records(replay),
	       partitions,
	       replay->count);
	tell_deleted(replay);
	if (replay->has_range_start)
		printf("only uids:   greater than %" PRId64 "\n", replay->range_start);
	if (replay->has_range_end)
		printf("only uids:   less than %" PRId64 "\n", replay->range_end);
	if (replay->node[0] != '\0')
		printf("only node:   %s\n", replay->node);
	printf("group:       %s\n", replay->group);
	printf("to do it:    purgefleet work %s --replay %s\n",
	       command->front.target->name,
	       replay->id);
}

static int make(struct replay_command *command, struct replay *replay) {
	struct edges edges = {.from = {.kind = EDGE_BEGINNING}};
	int err = read_edges(&command->options, clock_wall_ms(), &edges);

	if (err == 0) {
		note_wish(command, &edges, replay);
		err = check_scope(command, replay);
	}
	if (err == 0 && replay->node[0] != '\0')
		err = check_node(&command->front, replay);
	if (err == 0)
		err = check_id(command);
	if (err == 0)
		err = find_spans(command, &edges, replay);
	if (err == 0)
		err = write_down(command, replay);
	if (err == 0)
		err = check_made(command, replay);
	edge_fini(&edges.from);
	edge_fini(&edges.to);
	return err;
}

int replay_create(struct replay_command *command) {
	struct replay replay = {.count = 0};
	int err;

	// What it removes is in the database alone.
	if (command->front.target->calls == NULL)
		return front_fail(
			-EINVAL,
			"this target has nothing on nodes that could come back; what is in the "
			"database again is found by `purgefleet produce` with --full"
		);
	if (command->options.from == NULL)
		return front_fail(-EINVAL, "replay: give --from, which wants " EDGE_WANTS);
	err = make(command, &replay);
	if (err == 0)
		tell_made(command, &replay);
	replay_fini(&replay);
	return err;
}
