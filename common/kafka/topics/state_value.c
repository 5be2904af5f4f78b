// SPDX-License-Identifier: MPL-2.0
// state_value: a value of the state topic that tells its version.
#include "common/kafka/topics/state_value.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

static void say_fault(
	const struct state_value_form *form, int64_t version, char fault[STATE_VALUE_FAULT_BYTES]
) {
	if (version > form->version)
		snprintf(
			fault,
			STATE_VALUE_FAULT_BYTES,
			"%s is of version %" PRId64 ", and this program knows %d",
			form->what,
			version,
			form->version
		);
	else
		snprintf(fault, STATE_VALUE_FAULT_BYTES, "%s cannot be decoded", form->what);
}

int state_value_read(
	const struct state_value_form *form,
	const void *bytes,
	size_t len,
	void *out,
	char fault[STATE_VALUE_FAULT_BYTES]
) {
	struct unpack *unpack = NULL;
	int64_t version = 0;
	int err = unpack_open(&unpack, bytes, len);

	if (err == -ENOMEM)
		return err;
	if (err == 0)
		err = unpack_int(unpack, "v", &version);
	if (err == 0)
		err = version == form->version ? form->fields(out, unpack) : -EPROTO;
	unpack_close(unpack);
	if (err < 0)
		say_fault(form, version, fault);
	return err;
}

int state_value_text(const struct unpack *unpack, const char *key, char *out, size_t out_bytes) {
	int err = unpack_str(unpack, key, out, out_bytes);

	if (err < 0)
		out[0] = '\0';
	return err == -ENOENT ? 0 : err;
}
