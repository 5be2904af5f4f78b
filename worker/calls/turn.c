// SPDX-License-Identifier: MPL-2.0
// turn: tells that a node is not used any more as it was, or is again.
#include "worker/calls/turn.h"

#include "common/base/clock.h"
#include "common/base/log.h"

enum { NODES_TOLD_MAX = 100 };

int64_t turn_our_clock_ahead_s(const struct http_answer *answer) {
	return answer->date_s == 0 ? 0 : clock_wall_ms() / 1000 - answer->date_s;
}

// The node's requests fail for good; how, says the last of them.
static const char *words_of(enum http_failure failure) {
	switch (failure) {
	case HTTP_FAILURE_CONNECT:
		return "connections to the node fail; probing it until one works";
	case HTTP_FAILURE_TIMEOUT:
		return "node does not answer in time; probing it until it does";
	default:
		return "node answers with nothing but errors; probing it until it works";
	}
}

static void log_stopped(
	struct log *log, const struct turn *turn, const struct http_answer *answer
) {
	int64_t again_ms = turn->probe_ms;

	LOG(log,
	    LOG_LEVEL_ERROR,
	    turn->denied_words,
	    log_str("node", turn->node),
	    log_int("status", answer->status),
	    log_int("our_clock_ahead_s", turn_our_clock_ahead_s(answer)),
	    log_bool("node_told_its_time", answer->date_s != 0),
	    again_ms == 0 ? log_str("asked_again_in_s", NULL)
			  : log_int("asked_again_in_s", again_ms / 1000));
}

void turn_tell(
	struct log *log,
	enum lane_turn what,
	const struct turn *turn,
	const struct http_answer *answer
) {
	int64_t rest_ms = turn->away_most_ms;

	switch (what) {
	case LANE_SAME:
		break;
	case LANE_STOPPED:
		log_stopped(log, turn, answer);
		break;
	case LANE_OPENED:
		LOG(log,
		    LOG_LEVEL_WARNING,
		    words_of(answer->failure),
		    log_str("node", turn->node),
		    log_str("error", turn->words),
		    rest_ms == 0 ? log_str("rows_wait_at_most_s", NULL)
				 : log_int("rows_wait_at_most_s", rest_ms / 1000));
		break;
	case LANE_BACK:
		LOG(log, LOG_LEVEL_INFO, "node is in use again", log_str("node", turn->node));
		break;
	}
}

void turn_tell_postponed(struct log *log, const struct lanes *lanes) {
	size_t told = 0;

	for (size_t i = 0; i < lanes_count(lanes); i++) {
		const struct lane_entry *entry = lanes_at(lanes, i);

		if (entry->postponed == 0)
			continue;
		if (told++ == NODES_TOLD_MAX) {
			LOG(log, LOG_LEVEL_WARNING, "more nodes have rows that are postponed");
			return;
		}
		LOG(log,
		    LOG_LEVEL_WARNING,
		    "rows of this node are postponed: a later run does them",
		    log_str("node", entry->origin),
		    log_int("rows", entry->postponed));
	}
}
