// SPDX-License-Identifier: MPL-2.0
// owner: whose are the topics now? Thread: loop. Owner: the source.
#pragma once

#include "worker/member/member.h"

#include <stdbool.h>
#include <stdint.h>

// Opaque; NULL is fine everywhere: nobody asks.
struct owner;

// The member must outlive it. 0, -ENOMEM, -EAGAIN.
int owner_new(struct owner **out, struct member *member);
// Waits for the look that is out.
void owner_free(struct owner *owner);
void owner_look(struct owner *owner); // soon; nothing waits for it
// At once; until it is known nothing is taken.
void owner_doubt(struct owner *owner);
// The same, but nothing looks wrong: it does not last.
void owner_wait(struct owner *owner);
bool owner_is_doubted(const struct owner *owner);
bool owner_lasts(const struct owner *owner, int64_t now_ms); // it has been for 15 seconds
void owner_serve(struct owner *owner, int64_t now_ms);
