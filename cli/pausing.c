// SPDX-License-Identifier: MPL-2.0
// pausing: a command rests as long as an operator has paused its target.
#include "cli/pausing.h"

#include "cli/front/front.h"
#include "cli/front/orders.h"
#include "cli/show/show_control.h"
#include "common/base/log.h"
#include "common/kafka/topics/control_watch.h"
#include "common/target/target.h"

// As long as others wait for the brokers before the start.
enum { KNOWN_MS = 15 * 1000 };

int pausing_open(
	struct pausing *pausing,
	const struct front *front,
	const struct kafka_options *kafka,
	struct orders *orders
) {
	char error[2048] = "cannot follow the state topic";
	int err = control_watch_open(
		&pausing->watch, kafka, front->target->name, front->log, error, sizeof(error)
	);

	pausing->orders = orders;
	pausing->log = front->log;
	if (err == 0)
		err = control_watch_wait(pausing->watch, KNOWN_MS, error, sizeof(error));
	return err < 0 ? front_fail(err, error) : 0;
}

void pausing_close(struct pausing *pausing) {
	control_watch_close(pausing->watch);
	pausing->watch = NULL;
}

int pausing_fd(const struct pausing *pausing) {
	return control_watch_fd(pausing->watch);
}

static void tell_pause(const struct pausing *pausing) {
	const struct control *control = &pausing->control;
	char since[MOMENT_BYTES];

	if (control->fault[0] != '\0')
		LOG(pausing->log,
		    LOG_LEVEL_WARNING,
		    "paused: the state topic has a record that is not understood; purgefleet "
		    "resume takes it away",
		    log_str("error", control->fault));
	else
		LOG(pausing->log,
		    LOG_LEVEL_INFO,
		    "paused: nothing new is begun; purgefleet resume goes on, SIGTERM ends",
		    log_str("reason", control->reason[0] == '\0' ? NULL : control->reason),
		    log_str("since", show_control_since(control, since)),
		    log_str("by", control->who[0] == '\0' ? NULL : control->who));
}

static void obey(struct pausing *pausing, const struct control *control) {
	bool was_paused = pausing->is_obeyed && pausing->control.is_paused;

	pausing->is_obeyed = true;
	pausing->control = *control;
	if (control->is_paused)
		tell_pause(pausing);
	else if (was_paused)
		LOG(pausing->log,
		    LOG_LEVEL_INFO,
		    pausing->orders->is_quiet ? "the pause is over; SIGCONT goes on"
					      : "the pause is over: going on");
	orders_pause(pausing->orders, control->is_paused);
}

void pausing_obey(struct pausing *pausing) {
	struct control control;

	control_watch_look(pausing->watch, &control);
	if (!pausing->is_obeyed || !control_is_same(&control, &pausing->control))
		obey(pausing, &control);
}
