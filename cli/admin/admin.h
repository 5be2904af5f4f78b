// SPDX-License-Identifier: MPL-2.0
// admin: the endpoint of `--admin`: shows by HTTP how a process stands. The loop copies its numbers
// there now and then, and nobody else reads what is the loop's. Thread: loop.
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct admin; // opaque
struct front;
struct letter_numbers;
struct orders;
struct pass_report;
struct producer;
struct publisher;
struct publisher_counts;
struct source;
struct worker;

// Where it is to look. All of it outlives the admin; NULL: the process has no such part, and what
// is not made yet is NULL there.
struct admin_setup {
	const struct front *front;
	const char *command; // static text
	// As address_parse; NULL: no endpoint, and the admin is NULL.
	const char *address;
	const struct orders *orders;
	struct worker *const *worker;
	struct source *const *source;
	struct producer *const *producer;
	struct publisher *const *publisher;
	const bool *pass_running; // with a producer
	const bool *is_standby; // with a publisher
	// Who reaches the endpoint may ask for a pass: see admin_take_trigger.
	bool has_trigger;
};

// 0, or a negative errno after the error was told.
int admin_open(struct admin **out, const struct admin_setup *setup);
void admin_close(struct admin *admin); // NULL is fine, here and below

// The loop made a step. Copies the numbers when the last copy is old enough.
void admin_serve(struct admin *admin, int64_t now_ms);
// Polls readable when a pass was asked for; -1: there is no endpoint.
int admin_fd(const struct admin *admin);
// Was a pass asked for since the last call? is_short: only short ones were.
bool admin_take_trigger(struct admin *admin, bool *is_short);
// The dead letters were counted.
void admin_note_letters(struct admin *admin, const struct letter_numbers *letters);
// A pass has ended; `counts`: of its publisher, NULL: there is none.
void admin_note_pass(
	struct admin *admin,
	const struct pass_report *report,
	const struct publisher_counts *counts,
	bool succeeded,
	int64_t duration_ms
);
