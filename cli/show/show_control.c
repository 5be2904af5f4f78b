// SPDX-License-Identifier: MPL-2.0
// show_control: a pause in words, as operators read it.
#include "cli/show/show_control.h"

#include <stdio.h>
#include <time.h>

const char *show_control_since(const struct control *control, char out[SHOW_CONTROL_SINCE_BYTES]) {
	time_t since_s = (time_t)(control->since_ms / 1000);
	struct tm parts;

	if (control->since_ms < 0 || gmtime_r(&since_s, &parts) == NULL ||
	    strftime(out, SHOW_CONTROL_SINCE_BYTES, "%Y-%m-%dT%H:%M:%SZ", &parts) == 0)
		return NULL;
	return out;
}

const char *show_control(const struct control *control, char out[SHOW_CONTROL_BYTES]) {
	char room[SHOW_CONTROL_SINCE_BYTES];
	const char *since = show_control_since(control, room);

	if (!control->is_paused)
		return "running";
	if (control->fault[0] != '\0')
		snprintf(
			out,
			SHOW_CONTROL_BYTES,
			"paused by a record that is not understood: %s",
			control->fault
		);
	else
		snprintf(
			out,
			SHOW_CONTROL_BYTES,
			"paused%s%s%s%s%s%s",
			since == NULL ? "" : " since ",
			since == NULL ? "" : since,
			control->who[0] == '\0' ? "" : " by ",
			control->who,
			control->reason[0] == '\0' ? "" : ": ",
			control->reason
		);
	return out;
}
