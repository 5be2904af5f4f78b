// SPDX-License-Identifier: MPL-2.0
// absence: the database is away, and the batch threads wait for it.
#include "worker/batch/absence.h"

#include "common/base/log.h"
#include "common/handle.h"

void absence_init(struct absence *absence, struct log *log) {
	*absence = (struct absence){.log = log};
	monitor_init(&absence->monitor);
}

void absence_fini(struct absence *absence) {
	monitor_fini(&absence->monitor);
}

void absence_hurry(struct absence *absence, bool hurry) {
	monitor_lock(&absence->monitor);
	absence->hurry = hurry;
	if (!hurry)
		absence->is_told = false;
	monitor_broadcast(&absence->monitor);
	monitor_unlock(&absence->monitor);
}

bool absence_is_hurried(struct absence *absence) {
	bool hurry;

	monitor_lock(&absence->monitor);
	hurry = absence->hurry;
	monitor_unlock(&absence->monitor);
	return hurry;
}

bool absence_is_on(struct absence *absence) {
	bool is_on;

	monitor_lock(&absence->monitor);
	is_on = absence->away > 0;
	monitor_unlock(&absence->monitor);
	return is_on;
}

bool absence_nap(void *ctx, int64_t ms) {
	struct absence *absence = ctx;
	bool hurry;

	monitor_lock(&absence->monitor);
	hurry = monitor_wait_for(&absence->monitor, &absence->hurry, ms);
	monitor_unlock(&absence->monitor);
	return !hurry;
}

void absence_begin(struct absence *absence, bool *is_away, const struct handle *handle) {
	bool is_news;

	if (*is_away)
		return;
	*is_away = true;
	monitor_lock(&absence->monitor);
	absence->away++;
	is_news = !absence->is_told && !absence->hurry;
	absence->is_told = true;
	monitor_unlock(&absence->monitor);
	if (is_news)
		LOG(absence->log,
		    LOG_LEVEL_WARNING,
		    handle_is_full(handle)
			    ? "no connection to the database is left; waiting for one"
			    : "lost the database; waiting for it",
		    log_str("error", handle_error(handle)));
}

void absence_end(struct absence *absence, bool *is_away, int64_t away_ms) {
	bool is_news;

	if (!*is_away)
		return;
	*is_away = false;
	monitor_lock(&absence->monitor);
	is_news = --absence->away == 0 && away_ms > 0;
	if (is_news)
		absence->is_told = false;
	monitor_unlock(&absence->monitor);
	if (is_news)
		LOG(absence->log,
		    LOG_LEVEL_WARNING,
		    "the database is back",
		    log_int("away_ms", away_ms));
}
