// SPDX-License-Identifier: MPL-2.0
// show_control: a pause in words, as operators read it.
#include "cli/show/show_control.h"

#include <stdio.h>

const char *show_control_since(const struct control *control, char out[MOMENT_BYTES]) {
	if (control->since_ms < 0)
		return NULL;
	moment_format(control->since_ms / 1000 * 1000, out);
	return out;
}

const char *show_control(const struct control *control, char out[SHOW_CONTROL_BYTES]) {
	char room[MOMENT_BYTES];
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
