// SPDX-License-Identifier: MPL-2.0
// node_book: what a node was told to do and what it was asked. Thread: any (one lock inside).
#pragma once

#include "support/node.h"

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/queue.h>

struct step_entry;

STAILQ_HEAD(step_list, step_entry);

struct node_book {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct step_list script,
		// The first default counts; steps live as long as the book.
		defaults;
	bool recording;
	char **records; // each a head, cut into texts
	size_t record_count, record_size;
	size_t requests, connections, inflight, inflight_max;
};

void node_book_init(struct node_book *book);
void node_book_fini(struct node_book *book);

// Writes down a request by its head. Returns what to do with it.
const struct node_step *node_book_begin(struct node_book *book, const char *head, size_t bytes);
// A request has its answer or will have none.
void node_book_end(struct node_book *book);
void node_book_connected(struct node_book *book);

void node_book_script(struct node_book *book, const struct node_step *step);
void node_book_default(struct node_book *book, const struct node_step *step);
void node_book_record_nothing(struct node_book *book);

size_t node_book_read(struct node_book *book, const size_t *counter);
bool node_book_wait(struct node_book *book, size_t requests);
// As node_request_method and so on.
const char *node_book_method(struct node_book *book, size_t index);
const char *node_book_target(struct node_book *book, size_t index);
const char *node_book_header(struct node_book *book, size_t index, const char *name);

// Ends the test program with `what` and errno unless `fine`.
void node_must(bool fine, const char *what);
