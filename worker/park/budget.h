// SPDX-License-Identifier: MPL-2.0
// budget: the tickets of --max-records, one a row that may be purged. They are taken before
// anything is sent and given back when the rows fail, so that exactly so many are purged. Pure.
// Thread: loop.
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct budget {
	int64_t limit; // 0: none
	int64_t taken; // held by tasks
	int64_t spent; // purged
};

// False: not so many tickets are free now.
bool budget_take(struct budget *budget, int64_t rows);
void budget_give_back(struct budget *budget, int64_t rows);
void budget_spend(struct budget *budget, int64_t rows); // taken tickets were used up
bool budget_is_spent(const struct budget *budget); // nothing more will be purged
