// SPDX-License-Identifier: MPL-2.0
// hindrance: something that keeps a worker from its work until an operator mends it, and when to
// tell of it.
#include "worker/inquiry/hindrance.h"

enum { REPEAT_MS = 60 * 1000, OVER_MS = 3 * 1000, LASTING_MS = 15 * 1000 };

static enum hindrance_news begin(struct hindrance *hindrance, int64_t now_ms) {
	*hindrance = (struct hindrance){
		.is_on = true, .since_ms = now_ms, .seen_ms = now_ms, .told_ms = now_ms};
	return HINDRANCE_TELL;
}

enum hindrance_news hindrance_look(struct hindrance *hindrance, bool is_there, int64_t now_ms) {
	if (is_there && !hindrance->is_on)
		return begin(hindrance, now_ms);
	if (!hindrance->is_on)
		return HINDRANCE_NO_NEWS;
	if (!is_there) {
		hindrance->is_on = now_ms - hindrance->seen_ms < OVER_MS;
		return hindrance->is_on ? HINDRANCE_NO_NEWS : HINDRANCE_OVER;
	}
	hindrance->seen_ms = now_ms;
	if (now_ms - hindrance->told_ms < REPEAT_MS)
		return HINDRANCE_NO_NEWS;
	hindrance->told_ms = now_ms;
	return HINDRANCE_TELL;
}

bool hindrance_lasts(const struct hindrance *hindrance, bool is_there, int64_t now_ms) {
	return hindrance->is_on && is_there && now_ms - hindrance->since_ms >= LASTING_MS;
}
