// SPDX-License-Identifier: MPL-2.0
// admin_option: the option of commands that show how they stand.
#include "cli/options/admin_option.h"

#include "cli/admin/address.h"

const struct conf_row admin_option_rows[ADMIN_OPTION_ROWS] = {
	{.name = "admin",
	 .exact = true,
	 .kind = CONF_STRING,
	 .offset = offsetof(struct admin_option, address),
	 .meta = "HOST:PORT",
	 .help = "show there by HTTP how it stands (/metrics, /livez, /readyz, /status), and "
		 "take POST /trigger where passes may be asked for, without "
		 "encryption and to anybody; HOST is 127.0.0.1 when not given; off when not given "
		 "at all",
	 .wants = address_wants},
};
