// SPDX-License-Identifier: MPL-2.0
// orders: what the operator orders by signals.
#include "cli/front/orders.h"

#include "cli/front/front.h"
#include "cli/front/signals.h"
#include "common/base/log.h"

#include <signal.h>
#include <unistd.h>

int orders_open(struct orders *orders) {
	orders->fd = signals_open();
	return orders->fd < 0 ? front_fail(orders->fd, "cannot take signals") : 0;
}

void orders_close(struct orders *orders) {
	if (orders->fd >= 0)
		close(orders->fd);
}

static void stop(struct orders *orders, int64_t now_ms) {
	if (orders->stopping)
		orders->actions->cut_off(orders->ctx, false);
	orders_end(orders, now_ms);
	LOG(orders->log, LOG_LEVEL_INFO, orders->actions->stop_words);
	orders->actions->stop(orders->ctx);
}

bool orders_rest(const struct orders *orders) {
	return orders->is_quiet || orders->is_paused;
}

static void quiet(struct orders *orders, bool suspends) {
	bool rested = orders_rest(orders);

	LOG(orders->log, LOG_LEVEL_INFO, orders->actions->quiet_words);
	orders->is_quiet = true;
	orders->is_still = false;
	orders->suspends = suspends;
	if (!rested)
		orders->actions->quiet(orders->ctx);
}

// It comes with the TERM of systemd too, and is not told then.
static void go_on(struct orders *orders) {
	if (!orders->stopping)
		LOG(orders->log,
		    LOG_LEVEL_INFO,
		    orders->is_paused ? "SIGCONT: going on once the pause is over"
				      : "SIGCONT: going on");
	orders->is_quiet = false;
	orders->suspends = false;
	if (!orders->is_paused)
		orders->actions->resume(orders->ctx);
}

void orders_pause(struct orders *orders, bool is_paused) {
	bool rested = orders_rest(orders);

	if (orders->stopping)
		return;
	orders->is_paused = is_paused;
	if (!orders->is_quiet)
		orders->is_still = false;
	if (!rested && orders->is_paused)
		orders->actions->quiet(orders->ctx);
	else if (rested && !orders_rest(orders))
		orders->actions->resume(orders->ctx);
}

void orders_note_still(struct orders *orders, bool is_still, int64_t waiting) {
	if (!is_still || !orders_rest(orders) || orders->is_still || orders->stopping)
		return;
	orders->is_still = true;
	LOG(orders->log,
	    LOG_LEVEL_INFO,
	    "quiet: nothing is in work any more",
	    waiting < 0 ? log_str("waiting", NULL) : log_int("waiting", waiting),
	    log_bool("process_stops", orders->suspends));
	if (orders->suspends)
		raise(SIGSTOP);
}

static void carry_out(struct orders *orders, enum signals_wish wish, int64_t now_ms) {
	const struct orders_actions *actions = orders->actions;

	switch (wish) {
	case SIGNALS_NOTHING:
		break;
	case SIGNALS_STOP:
		stop(orders, now_ms);
		break;
	case SIGNALS_QUIET:
	case SIGNALS_SUSPEND:
		quiet(orders, wish == SIGNALS_SUSPEND);
		break;
	case SIGNALS_RESUME:
		go_on(orders);
		break;
	case SIGNALS_RELOAD:
		if (actions->reload == NULL || !actions->reload(orders->ctx))
			LOG(orders->log,
			    LOG_LEVEL_INFO,
			    "SIGHUP: there is nothing to reload; going on");
		break;
	case SIGNALS_LEAVE:
		if (actions->leave == NULL) {
			LOG(orders->log,
			    LOG_LEVEL_INFO,
			    "SIGUSR2: there is no group to leave; going on");
			break;
		}
		actions->leave(orders->ctx);
		if (!orders->stopping)
			stop(orders, now_ms);
		break;
	case SIGNALS_SCAN:
		if (actions->scan != NULL)
			actions->scan(orders->ctx);
		break;
	}
}

void orders_obey(struct orders *orders, int64_t now_ms) {
	enum signals_wish wish;

	while ((wish = signals_read(orders->fd)) != SIGNALS_NOTHING)
		carry_out(orders, wish, now_ms);
}

void orders_end(struct orders *orders, int64_t now_ms) {
	orders->stopping = true;
	orders->deadline_ms = now_ms + orders->drain_timeout_ms;
}

void orders_keep_deadline(const struct orders *orders, int64_t now_ms) {
	if (orders->stopping && now_ms > orders->deadline_ms)
		orders->actions->cut_off(orders->ctx, true);
}
