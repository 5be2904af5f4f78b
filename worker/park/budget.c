// SPDX-License-Identifier: MPL-2.0
// budget: the tickets of --max-records.
#include "worker/park/budget.h"

bool budget_take(struct budget *budget, int64_t rows) {
	if (budget->limit > 0 && rows > budget->limit - budget->taken - budget->spent)
		return false;
	budget->taken += rows;
	return true;
}

void budget_give_back(struct budget *budget, int64_t rows) {
	budget->taken -= rows;
}

void budget_spend(struct budget *budget, int64_t rows) {
	budget->taken -= rows;
	budget->spent += rows;
}

bool budget_is_spent(const struct budget *budget) {
	return budget->limit > 0 && budget->spent >= budget->limit;
}
