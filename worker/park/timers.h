// SPDX-License-Identifier: MPL-2.0
// timers: what waits for a time, the earliest due first. Thread: loop. Owner: park.
#pragma once

#include "worker/task/timer.h"

#include <stddef.h>
#include <stdint.h>

struct timers { // zero it before use
	struct timer **heap;
	size_t count;
	size_t size;
};

void timers_fini(struct timers *timers); // does not free what waits
int timers_add(struct timers *timers, struct timer *timer); // 0 or -ENOMEM
void timers_remove(struct timers *timers, struct timer *timer); // it waits there
struct timer *timers_take_due(struct timers *timers, int64_t now_ms); // NULL: none is due
struct timer *timers_take_any(struct timers *timers); // NULL: empty
int64_t timers_next_ms(const struct timers *timers); // INT64_MAX: empty
