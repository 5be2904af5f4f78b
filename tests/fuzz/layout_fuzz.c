// SPDX-License-Identifier: MPL-2.0
// layout_fuzz: no bytes in the state topic make the reader of layouts crash, and what it takes it
// can write again.
#include "common/kafka/topics/topics.h"
#include "fuzz/fuzz.h"

#include <errno.h>
#include <string.h>

static void write_again(const struct layout *layout) {
	struct pack *pack = pack_new();
	const unsigned char *data = NULL;
	struct layout second;
	size_t len = 0;

	must(pack != NULL);
	must(layout->range_width > 0);
	must(layout_pack(layout, pack, &data, &len) == 0);
	must(layout_unpack(&second, data, len) == 0);
	must(second.range_width == layout->range_width);
	must(strcmp(second.scope, layout->scope) == 0);
	pack_free(pack);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len) {
	struct layout layout;
	int err = layout_unpack(&layout, bytes, len);

	must(err == 0 || err == -EBADMSG);
	if (err == 0)
		write_again(&layout);
	return 0;
}
