// SPDX-License-Identifier: MPL-2.0
// show_pass: tells what a pass that publishes came to: a line of the log, and the plan of a dry run
// for people.
// Thread: loop.
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct log;
struct pass_report;
struct publisher;
struct publisher_counts;

struct show_pass_facts {
	const struct pass_report *report;
	const struct publisher_counts *counts;
	int64_t duration_ms;
	bool failed;
	bool dryrun;
};

void show_pass_end(struct log *log, const struct show_pass_facts *facts);
void show_pass_plan(FILE *out, const struct pass_report *report, struct publisher *publisher);
