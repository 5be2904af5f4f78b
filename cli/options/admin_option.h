// SPDX-License-Identifier: MPL-2.0
// admin_option: the option of commands that show how they stand. Thread: main.
#pragma once

#include "common/conf/conf_row.h"

struct admin_option { // filled by conf
	// As address_parse; NULL: nothing is shown.
	char *address;
};

enum { ADMIN_OPTION_ROWS = 1 };
extern const struct conf_row admin_option_rows[ADMIN_OPTION_ROWS];
