// SPDX-License-Identifier: MPL-2.0
// ledger: which pages of a pass the brokers have acknowledged, in scan order. Pure.
// Thread: scan.
#pragma once

#include "common/page.h"

#include <stddef.h>
#include <stdint.h>

struct ledger; // opaque
// Opaque: one page; lives until it is sealed, all of its messages are acknowledged, and all before
// it too.
struct ledger_page;

struct ledger *ledger_new(void); // NULL: out of memory
void ledger_free(struct ledger *ledger); // NULL is fine

// The page under way, which the next message belongs to. NULL: out of memory.
struct ledger_page *ledger_page(struct ledger *ledger);
// One message more to be acknowledged.
void ledger_sent(struct ledger *ledger, struct ledger_page *page);
void ledger_acked(struct ledger *ledger, struct ledger_page *page); // one less
// Ends the page under way; `cursor` is the position behind it. 0 or -ENOMEM.
int ledger_seal(struct ledger *ledger, const char *cursor);
// Forgets everything; no message may be under way.
void ledger_reset(struct ledger *ledger);

size_t ledger_unacked(const struct ledger *ledger); // messages
// The cursor of the last page that is acknowledged together with all pages before it; "": none.
const char *ledger_cursor(const struct ledger *ledger);
