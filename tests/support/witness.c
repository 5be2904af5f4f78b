// SPDX-License-Identifier: MPL-2.0
// witness: the take side of the queue in memory, which lends its candidates and remembers the last
// fate.
#include "support/witness.h"

#include "common/queue_memory.h"
#include "support/engine.h"

#include <stdio.h>

static struct witness *of(struct queue_take *side) {
	return (struct witness *)side;
}

static size_t take(struct queue_take *side, struct candidate **out, size_t max) {
	struct witness *witness = of(side);
	size_t count = witness->memory->ops->take(witness->memory, out, max);

	for (size_t i = 0; i < count; i++)
		out[i]->origin.lease = &witness->lease;
	return count;
}

static int fd_of(const struct queue_take *side) {
	const struct witness *witness = (const struct witness *)side;

	return witness->memory->ops->fd(witness->memory);
}

static void finish(struct queue_take *side, struct candidate *candidate, const struct fate *fate) {
	struct witness *witness = of(side);

	witness->finished++;
	witness->wordless += fate->verdict == VERDICT_FAILED && fate->message[0] == '\0';
	witness->fate = *fate;
	snprintf(witness->message, sizeof(witness->message), "%s", fate->message);
	witness->fate.message = witness->message;
	witness->memory->ops->finish(witness->memory, candidate, fate);
}

static void stop(struct queue_take *side) {
	of(side)->memory->ops->stop(of(side)->memory);
}

static const struct queue_take_ops ops = {
	.take = take,
	.fd = fd_of,
	.finish = finish,
	.stop = stop,
};

void witness_watch(struct witness *witness, struct engine *engine) {
	*witness = (struct witness){.side.ops = &ops};
	witness->memory = queue_memory_take_side(engine->queue);
	engine->take = &witness->side;
}
