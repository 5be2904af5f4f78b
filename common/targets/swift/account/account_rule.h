// SPDX-License-Identifier: MPL-2.0
// account_rule: is an account to be emptied? Pure. Thread: any.
//
// Source: AccountReaper and AccountBroker.is_status_deleted of Swift 2.38.3.
#pragma once

#include <stdbool.h>
#include <stdint.h>

// What its database says.
struct account_standing {
	const char *status;
	const char *put_timestamp;
	const char *delete_timestamp;
	int64_t containers;
	// Of rows that are not in the database yet.
	int64_t pending_bytes;
};

struct account_terms {
	int64_t now_us;
	int64_t delay_s;
	int64_t warn_after_s; // besides the delay
};

enum account_due {
	ACCOUNT_LIVE,
	// There is nothing to do any more.
	ACCOUNT_EMPTY,
	ACCOUNT_YOUNG, // deleted too short a time ago
	ACCOUNT_DUE,
	// It is deleted, and its time is not understood.
	ACCOUNT_ODD,
};

// What is pending may be containers: an account that has only those is due, too.
enum account_due account_rule(
	const struct account_standing *standing, const struct account_terms *terms
);
// Was it deleted so long ago that it should be empty? Of one that is due.
bool account_is_overdue(const struct account_standing *standing, const struct account_terms *terms);
