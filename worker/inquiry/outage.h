// SPDX-License-Identifier: MPL-2.0
// outage: when to tell that the brokers have trouble, and that it is over. Pure: no clock.
// Thread: the owner's.
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct outage { // zeroed: there was none
	// Trouble was noted, and no answer came since.
	bool is_on;
	bool is_told;
	bool is_asked; // whether they answer
	bool was_told; // one before
	int64_t since_ms;
	int64_t noted_ms; // the last time
	int64_t told_ms;
};

void outage_note(struct outage *outage, int64_t now_ms); // the library has told of trouble
// Is it to be told now? Once for each outage: at once, or when it lasts, if another one was told
// within a minute.
bool outage_tell(struct outage *outage, int64_t now_ms);
// Are the brokers to be asked now?
bool outage_ask(struct outage *outage, int64_t now_ms);
// They are; is that to be told?
bool outage_answered(struct outage *outage);
