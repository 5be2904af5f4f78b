// SPDX-License-Identifier: MPL-2.0
// topics_check: are the topics that a command needs there, and do they keep what is put into them?
// Thread: main.
#pragma once

#include "cli/topics/retry_topics.h"

#include <stdbool.h>

struct front;
struct kafka_options;

// Each topic must be there, we must be allowed to Describe it, and its cleanup.policy must do no
// harm; of other settings that may do some it is warned. *retention_ms: for how long the candidates
// are kept, as in retention.h. 0, or a negative errno after the error was told, with the remedy.
// Both block, for a bounded time. `dryrun`: nothing will be written.
int topics_check_produce(
	const struct front *front,
	const struct kafka_options *kafka,
	bool dryrun,
	int64_t *retention_ms
);
// As a replay works, which reads no retry topic and writes dead letters; has_audit: and an audit.
int topics_check_replay(
	const struct front *front,
	const struct kafka_options *kafka,
	bool has_audit,
	int64_t *retention_ms
);
// The same for all that works. Finds the retry topics as well: the tiers, which must be there, and
// others.
int topics_check_work(
	const struct front *front,
	const struct kafka_options *kafka,
	bool has_audit,
	const struct topic_tiers *tiers,
	struct retry_topics *retries,
	int64_t *retention_ms
);
