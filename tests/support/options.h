// SPDX-License-Identifier: MPL-2.0
// options: options to try the parser with.
#pragma once

#include "common/conf/conf.h"

struct options {
	bool force;
	bool verbose;
	int64_t max_records;
	int64_t range_start;
	int64_t port;
	double share;
	char *node;
	int node_keys;
	int64_t interval_ms;
	int64_t grace_ms;
	int64_t timeout_ms;
	struct conf_list allow;
	char *secret;
	char *secret_file;
	char *ignored;
};

extern const struct conf_row first_rows[];
extern const size_t first_row_count;
extern const struct conf_row second_rows[];
extern const size_t second_row_count; // the last one is hidden

enum { WORDS_MAX = 12, WORD_BYTES = 128 };

struct fixture {
	struct options options;
	struct conf *conf;
	char words[WORDS_MAX][WORD_BYTES]; // that a parser may overwrite
	char *argv[WORDS_MAX];
	char error[512];
};

// Parses `line`, cut at spaces, with what else `input` says.
int parse_input(struct fixture *fixture, const char *line, struct conf_input input);

// Parses `line` where one word is the secret.
int parse(struct fixture *fixture, const char *line);
void parse_well(struct fixture *fixture, const char *line); // or the test fails
void refused(const char *line, const char *error); // with these words and nothing filled
