// SPDX-License-Identifier: MPL-2.0
// range_option: --range-start and --range-end.
#include "cli/options/range_option.h"

#include "cli/front/front.h"
#include "common/conf/conf.h"

#include <errno.h>

int range_option_check(const struct conf *conf, int64_t start, int64_t end) {
	if (conf_is_set(conf, "range-start") && conf_is_set(conf, "range-end") && start >= end)
		return front_fail(-EINVAL, "'--range-start' must be less than '--range-end'");
	return 0;
}
