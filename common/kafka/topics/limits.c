// SPDX-License-Identifier: MPL-2.0
// limits: how much a whole fleet may do at once, as a worker told it, and as the state topic keeps
// it.
#include "common/kafka/topics/limits.h"

#include "common/kafka/topics/state_value.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { LIMITS_VERSION = 1, THOUSAND = 1000 };
_Static_assert((int)LIMITS_FAULT_BYTES == (int)STATE_VALUE_FAULT_BYTES, "it is copied");
static const int64_t number_most = (int64_t)1 << 53;

int64_t limits_of_rate(double per_s) {
	int64_t thousandths = (int64_t)(per_s * THOUSAND + 0.5);

	return per_s > 0 && thousandths == 0 ? 1 : thousandths;
}

const char *limits_rate(int64_t thousandths, char out[LIMITS_RATE_BYTES]) {
	int rest = (int)(thousandths % THOUSAND);
	int len = snprintf(
		out, LIMITS_RATE_BYTES, "%" PRId64 ".%03d", thousandths / THOUSAND, rest
	);

	while (out[len - 1] == '0')
		out[--len] = '\0';
	if (out[len - 1] == '.')
		out[len - 1] = '\0';
	return out;
}

int limits_pack(
	const struct limits *limits, struct pack *pack, const unsigned char **data, size_t *len
) {
	pack_reset(pack, 6);
	pack_int(pack, "v", LIMITS_VERSION);
	pack_int(pack, "max_rate", limits->max_rate);
	pack_int(pack, "node_rate", limits->node_rate);
	pack_int(pack, "node_inflight", limits->node_inflight);
	pack_int(pack, "told", limits->told_ms);
	pack_str(pack, "who", limits->who[0] == '\0' ? NULL : limits->who);
	return pack_data(pack, data, len);
}

static int read_number(const struct unpack *unpack, const char *key, int64_t least, int64_t *out) {
	int err = unpack_int(unpack, key, out);

	return err == 0 && (*out < least || *out > number_most) ? -EPROTO : err;
}

static int read_fields(void *ctx, const struct unpack *unpack) {
	struct limits *out = ctx;
	int err = read_number(unpack, "max_rate", 0, &out->max_rate);

	if (err == 0)
		err = read_number(unpack, "node_rate", 0, &out->node_rate);
	if (err == 0)
		err = read_number(unpack, "node_inflight", 1, &out->node_inflight);
	if (err == 0)
		err = read_number(unpack, "told", 1, &out->told_ms);
	if (err == 0)
		err = state_value_text(unpack, "who", out->who, sizeof(out->who));
	out->is_told = err == 0;
	return err;
}

int limits_unpack(struct limits *out, const void *bytes, size_t len) {
	static const struct state_value_form form = {
		.what = "the record", .version = LIMITS_VERSION, .fields = read_fields};
	char fault[STATE_VALUE_FAULT_BYTES];
	int err;

	*out = (struct limits){.is_told = false};
	if (bytes == NULL)
		return 0;
	err = state_value_read(&form, bytes, len, out, fault);
	if (err == -ENOMEM)
		return err;
	if (err < 0) {
		*out = (struct limits){.is_told = false};
		memcpy(out->fault, fault, sizeof(out->fault));
	}
	return 0;
}

bool limits_are_same(const struct limits *a, const struct limits *b) {
	return a->is_told == b->is_told && a->max_rate == b->max_rate &&
		a->node_rate == b->node_rate && a->node_inflight == b->node_inflight;
}
