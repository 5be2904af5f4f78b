// SPDX-License-Identifier: MPL-2.0
// due: when may a record of a retry topic be tried?
//
// Design notes
// - Stamps of the brokers are compared with the brokers' time, which the stamps of our own
//   hand-overs tell: see docs/decisions/013. Each partition keeps its own, for its leader is who
//   stamps.
// - Ours stands in as long as we handed nothing over. What we hand over tells the time before it is
//   tried again.
#include "worker/handover/due.h"

#include "common/base/clock.h"
#include "worker/member/broker_clock.h"

static int64_t brokers_ms(const struct due *due, const struct holding *holding, int64_t now_ms) {
	if (holding->clock.is_known)
		return broker_clock_now(&holding->clock, now_ms);
	if (due->clock.is_known)
		return broker_clock_now(&due->clock, now_ms);
	return handover_is_busy(due->handover) ? BROKER_TIME_UNKNOWN : clock_wall_ms();
}

void due_note_read(
	const struct due *due, struct holding *holding, const rd_kafka_message_t *message
) {
	int64_t now_ms = clock_mono_ms();
	int64_t stamp_ms = rd_kafka_message_timestamp(message, NULL);
	int64_t believed_ms = brokers_ms(due, holding, now_ms);

	holding->wait = (struct broker_wait){.stamp_ms = stamp_ms, .read_ms = now_ms};
	if (believed_ms != BROKER_TIME_UNKNOWN && stamp_ms > believed_ms) // they are ahead of that
		broker_clock_set(&holding->clock, stamp_ms, now_ms);
}

void due_note_handed_over(struct due *due, struct holding *holding, int64_t stamp_ms) {
	int64_t now_ms = clock_mono_ms();

	if (stamp_ms < 0)
		return;
	broker_clock_set(&due->clock, stamp_ms, now_ms);
	if (holding != NULL)
		broker_clock_set(&holding->clock, stamp_ms, now_ms);
}

int64_t due_left_ms(const struct due *due, const struct holding *holding, int64_t now_ms) {
	return holding->claim.is_retry
		? broker_wait_left_ms(
			  &holding->wait,
			  due->member->setup->retries[holding->retry].delay_ms,
			  brokers_ms(due, holding, now_ms),
			  now_ms
		  )
		: 0;
}
