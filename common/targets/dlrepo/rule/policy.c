// SPDX-License-Identifier: MPL-2.0
// policy: how many tags of a branch stay.
#include "common/targets/dlrepo/rule/policy.h"

#include <errno.h>
#include <jansson.h>

static int64_t limit_of(const json_t *object, const char *field) {
	const json_t *value = json_object_get(object, field);

	if (json_is_true(value))
		return 1;
	if (!json_is_integer(value) || json_integer_value(value) < 0)
		return 0;
	return (int64_t)json_integer_value(value);
}

int policy_parse(const char *text, size_t len, struct policy *out) {
	json_error_t error;
	json_t *value;
	int err = 0;

	*out = (struct policy){0};
	value = json_loadb(text, len, JSON_DECODE_ANY | JSON_ALLOW_NUL, &error);
	if (value == NULL)
		return json_error_code(&error) == json_error_out_of_memory ? -ENOMEM : -EINVAL;
	if (json_is_object(value)) {
		out->daily_max = limit_of(value, "max_daily_tags");
		out->released_max = limit_of(value, "max_released_tags");
	} else {
		err = -EINVAL;
	}
	json_decref(value);
	return err;
}
