// SPDX-License-Identifier: MPL-2.0
// outage: when to tell that the brokers have trouble, and that it is over.
#include "worker/inquiry/outage.h"

// Connections break one by one: whoever asks at once may get an answer over the last of them.
enum { ASK_AFTER_MS = 1000, LASTING_MS = 5 * 1000, REPEAT_MS = 60 * 1000 };

void outage_note(struct outage *outage, int64_t now_ms) {
	if (!outage->is_on) {
		outage->is_on = true;
		outage->is_told = false;
		outage->since_ms = now_ms;
	}
	outage->is_asked = false;
	outage->noted_ms = now_ms;
}

bool outage_tell(struct outage *outage, int64_t now_ms) {
	bool is_repeated = outage->was_told && now_ms - outage->told_ms < REPEAT_MS;

	if (!outage->is_on || outage->is_told ||
	    (is_repeated && now_ms - outage->since_ms < LASTING_MS))
		return false;
	outage->is_told = outage->was_told = true;
	outage->told_ms = now_ms;
	return true;
}

bool outage_ask(struct outage *outage, int64_t now_ms) {
	if (!outage->is_on || outage->is_asked || now_ms - outage->noted_ms < ASK_AFTER_MS)
		return false;
	outage->is_asked = true;
	return true;
}

bool outage_answered(struct outage *outage) {
	if (!outage->is_on || !outage->is_asked)
		return false;
	outage->is_on = false;
	return outage->is_told;
}
