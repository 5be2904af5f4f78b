// SPDX-License-Identifier: MPL-2.0
// tour: a pass over the devices of this node, as far as it has come. Thread: scan; blocks.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct page;
struct pass;
struct swift_config;
struct tour; // opaque

// 0; -EPERM and others with words in `error`; -ENOMEM.
int tour_open(
	struct tour **out,
	const struct swift_config *config,
	const struct pass *pass,
	char *error,
	size_t error_bytes
);
void tour_close(struct tour *tour); // NULL is fine

// Puts candidates into the page until it has so many, or there is something else to do. Sets
// end_of_pass. 0; -EPERM with words: nothing here can be trusted; -ENOMEM.
int tour_walk(struct tour *tour, struct page *page, size_t most, char *error, size_t error_bytes);

// What there is to tell when all of it is done: of accounts, and at last of the pass. False:
// nothing more.
bool tour_take_line(struct tour *tour, bool *is_warning, char *out, size_t out_bytes);
