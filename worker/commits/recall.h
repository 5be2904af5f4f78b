// SPDX-License-Identifier: MPL-2.0
// recall: does the group still have what we committed? Thread: loop. Owner: the source.
#pragma once

#include "worker/commits/offsets.h"
#include "worker/inquiry/faults.h"

#include <stdbool.h>
#include <stdint.h>

struct recall; // opaque

// Both must outlive it, and the member's consumer. 0, -ENOMEM, -EAGAIN.
int recall_new(struct recall **out, struct offsets *offsets, struct faults *faults);
// Waits for the question that is out, at most five seconds; NULL is fine.
void recall_free(struct recall *recall);
// Asks the group what it has, until it answers; no commit may be out, and none is sent meanwhile.
// False when we committed nothing that it could have forgotten.
bool recall_ask(struct recall *recall, int64_t now_ms);
// The same, even then: does it answer?
void recall_greet(struct recall *recall, int64_t now_ms);
void recall_hurry(struct recall *recall); // it is to be asked soon
// Although nothing is to be committed.
bool recall_is_due(const struct recall *recall, int64_t now_ms);
bool recall_is_asking(const struct recall *recall);
int64_t recall_asked_ms(const struct recall *recall); // when it was asked last
// Why it did not say of all what it has; NO_ERROR: it did.
rd_kafka_resp_err_t recall_unsure(const struct recall *recall);
// Did the group not say yet what it had when we began?
bool recall_is_curious(const struct recall *recall);
// Was it asked after the last commit?
bool recall_is_current(const struct recall *recall);
// Was it asked when all was at rest, and nothing moved since?
bool recall_is_settled(const struct recall *recall);
// Did it answer? Then logs that are others are taken from their beginning. *err: of the answer.
bool recall_answered(struct recall *recall, rd_kafka_resp_err_t *err);
