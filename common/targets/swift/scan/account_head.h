// SPDX-License-Identifier: MPL-2.0
// account_head: has the account server of a device say how an account stands, which also merges
// what is pending in its database. Thread: scan; blocks.
#pragma once

#include "common/targets/swift/backend/backend_answer.h"
#include "common/targets/swift/backend/backend_url.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct account_head; // opaque

// 0, -ENOMEM or -EINVAL.
int account_head_open(struct account_head **out);
void account_head_close(struct account_head *head); // NULL is fine

struct account_said {
	enum account_answer answer;
	char words[160]; // why, of ACCOUNT_DOES_NOT_TELL
	bool is_silent; // nothing was heard
};

// 0 and *out; -ENOMEM; -EIO. A server that was silent twice in a row is not asked any more.
int account_head_ask(
	struct account_head *head,
	const struct backend_place *place,
	const struct name_part *account,
	struct account_said *out
);
