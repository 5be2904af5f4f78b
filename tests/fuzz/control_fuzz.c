// SPDX-License-Identifier: MPL-2.0
// control_fuzz: no bytes in the state topic make the reader of pauses crash, what it does not
// understand pauses, and what it takes it can write again.
#include "common/kafka/topics/control.h"
#include "fuzz/fuzz.h"

static void write_again(const struct control *control) {
	struct pack *pack = pack_new();
	const unsigned char *data = NULL;
	struct control second;
	size_t len = 0;

	must(pack != NULL);
	must(control_pack(control, pack, &data, &len) == 0);
	must(control_unpack(&second, data, len) == 0);
	must(control_is_same(control, &second));
	pack_free(pack);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len) {
	static const uint8_t nothing = 0;
	struct control control;

	must(control_unpack(&control, len == 0 ? &nothing : bytes, len) == 0);
	if (control.fault[0] != '\0')
		must(control.is_paused);
	else
		write_again(&control);
	return 0;
}
