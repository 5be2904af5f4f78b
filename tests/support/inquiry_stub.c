// SPDX-License-Identifier: MPL-2.0
// inquiry_stub: an inquiry without a thread.
#include "support/inquiry_stub.h"

#include "support/test.h"
#include "worker/inquiry/inquiry.h"

#include <stddef.h>

int inquiry_stub_asked;
static struct inquiry_setup question; // of the last that was made
static bool is_answered;

WRAPS(inquiry_new);
WRAPS(inquiry_free);
WRAPS(inquiry_start);
WRAPS(inquiry_is_out);
WRAPS(inquiry_take);

void inquiry_stub_reset(void) {
	inquiry_stub_asked = 0;
	is_answered = false;
}

int __wrap_inquiry_new(struct inquiry **out, const struct inquiry_setup *setup) {
	question = *setup;
	*out = NULL;
	return 0;
}

void __wrap_inquiry_free(struct inquiry *inquiry) {
	(void)inquiry;
}

void __wrap_inquiry_start(struct inquiry *inquiry) {
	(void)inquiry;
	inquiry_stub_asked++;
	is_answered = question.ask(question.ctx);
}

bool __wrap_inquiry_is_out(const struct inquiry *inquiry) {
	(void)inquiry;
	return is_answered;
}

bool __wrap_inquiry_take(struct inquiry *inquiry) {
	bool was_answered = is_answered;

	(void)inquiry;
	is_answered = false;
	return was_answered;
}
