// SPDX-License-Identifier: MPL-2.0
// budget: the slots of --max-records.
#include "worker/budget.h"

bool budget_take(struct budget *budget) {
	if (budget->limit > 0 && budget->taken + budget->spent >= budget->limit)
		return false;
	budget->taken++;
	return true;
}

void budget_give_back(struct budget *budget) {
	budget->taken--;
}

void budget_spend(struct budget *budget) {
	budget->taken--;
	budget->spent++;
}

bool budget_is_spent(const struct budget *budget) {
	return budget->limit > 0 && budget->spent >= budget->limit;
}
