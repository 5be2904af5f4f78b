// SPDX-License-Identifier: MPL-2.0
// name: names of branches, tags and users as dlrepo finds them. Pure. Thread: any.
#pragma once

#include <stdbool.h>

// Can dlrepo reach something of this name? It looks for all in lower case, as Unicode has it. Bytes
// that are no UTF-8 have none.
bool name_is_reachable(const char *name);
