// SPDX-License-Identifier: MPL-2.0
// stage_wait: waits until the workers have finished a stage.
//
// Design notes
// - What two looks prove is said in standing.c. Between them lies the pause of whoever waits.
// - A look that told nothing is none: unknown is waited out, as long as the limit allows.
#include "producer/outbox/stage_wait.h"

#include "common/base/clock.h"
#include "producer/outbox/delivery.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

void stage_wait_init(
	struct stage_wait *wait,
	const struct kafka_options *kafka,
	const char *target,
	struct delivery *delivery,
	struct log *log
) {
	standing_look_init(&wait->look, kafka, target, wait->topic, log);
	wait->news = (struct stage_news){.log = log, .group = wait->look.group};
	wait->delivery = delivery;
}

void stage_wait_fini(struct stage_wait *wait) {
	standing_fini(&wait->before);
	standing_fini(&wait->now);
	standing_look_fini(&wait->look);
}

void stage_wait_begin(struct stage_wait *wait) {
	standing_fini(&wait->before);
	standing_fini(&wait->now);
	wait->began_ms = clock_mono_ms();
	stage_news_begin(&wait->news);
}

int64_t stage_wait_lag(const struct stage_wait *wait) {
	return standing_left(&wait->now, wait->topic);
}

// Nothing is under way, unless the topic took it along when it was made anew.
static int end(struct stage_wait *wait, int64_t waited_ms) {
	int err = delivery_compare(wait->delivery, wait->now.ends);

	if (err == 0)
		stage_news_end(&wait->news, waited_ms);
	return err;
}

static int end_late(struct stage_wait *wait, int64_t waited_ms) {
	char left[STAGE_WORDS_BYTES], why[STAGE_WORDS_BYTES + KAFKA_NAME_BYTES + 200];

	if (!wait->order_is_needed) {
		stage_news_late(&wait->news, &wait->now, wait->look.why, waited_ms);
		return 0;
	}
	stage_news_words(&wait->now, wait->look.why, left);
	snprintf(
		why,
		sizeof(why),
		"the workers did not finish this one within %" PRId64 " s: %s; see whether workers "
		"of group '%s' run and why records wait, or give a longer --stage-wait",
		wait->limit_ms / 1000,
		left,
		wait->look.group
	);
	return delivery_fail(wait->delivery, -ETIME, "begin the next stage of", why);
}

int stage_wait_step(struct stage_wait *wait) {
	int64_t limit_ms = wait->limit_ms, now_ms, waited_ms;
	int err;

	standing_fini(&wait->before);
	wait->before = wait->now;
	wait->now = (struct standing){.commits = NULL};
	err = standing_look_take(&wait->look, &wait->now);
	err = delivery_judge(wait->delivery, err, wait->look.why);
	if (err < 0)
		return err;
	now_ms = clock_mono_ms();
	waited_ms = now_ms - wait->began_ms;
	if (standing_proves_the_end(&wait->before, &wait->now))
		return end(wait, waited_ms);
	if (limit_ms > 0 && waited_ms >= limit_ms)
		return end_late(wait, waited_ms);
	stage_news_wait(&wait->news, &wait->now, wait->look.why, waited_ms, now_ms);
	return 1;
}
