// SPDX-License-Identifier: MPL-2.0
// request: has the target make the request of a call. Thread: loop.
#pragma once

#include "common/http/http_message.h"
#include "worker/task/call.h"
#include "worker/task/shift.h"

// Asks target_calls.make, with the time of now and fresh random bytes. 0, and *out is the caller's
// to free (http_request_fini, on error too); -EAGAIN: no random bytes; or what make says, with
// words in the task's finding.
int request_make(const struct shift *shift, struct call *call, struct http_request *out);
