// SPDX-License-Identifier: MPL-2.0
// db_library: the client library as a whole. Internal to db. Thread: any.
#pragma once

// To be called by each thread before it uses the library; cheap when it has been. 0 or -ENOMEM.
int db_library_enter(void);
