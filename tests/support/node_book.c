// SPDX-License-Identifier: MPL-2.0
// node_book: what a node was told to do and what it was asked.
#include "support/node_book.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

enum { WAIT_MAX_S = 10 };

struct step_entry {
	STAILQ_ENTRY(step_entry) link;
	struct node_step step; // its texts are owned
	char *target, *headers, *body;
	int left; // -1: for ever
};

void node_must(bool fine, const char *what) {
	if (fine)
		return;
	perror(what);
	abort();
}

static char *copy_of(const char *text) {
	char *copy = text ? strdup(text) : NULL;
	node_must(!text || copy, "text");
	return copy;
}

static struct step_entry *step_new(const struct node_step *step) {
	struct step_entry *entry = calloc(1, sizeof(*entry));
	node_must(entry != NULL, "step");
	entry->target = copy_of(step->target);
	entry->headers = copy_of(step->headers);
	entry->body = copy_of(step->body);
	entry->left = step->times == 0 ? 1 : step->times;
	entry->step = *step;
	entry->step.target = entry->target;
	entry->step.headers = entry->headers;
	entry->step.body = entry->body;
	return entry;
}

static void steps_free(struct step_list *list) {
	struct step_entry *entry;
	while ((entry = STAILQ_FIRST(list)) != NULL) {
		STAILQ_REMOVE_HEAD(list, link);
		free(entry->target);
		free(entry->headers);
		free(entry->body);
		free(entry);
	}
}

void node_book_init(struct node_book *book) {
	*book = (struct node_book){.recording = true};
	STAILQ_INIT(&book->script);
	STAILQ_INIT(&book->defaults);
	struct step_entry *entry = step_new(&(struct node_step){0});
	STAILQ_INSERT_HEAD(&book->defaults, entry, link);
	node_must(pthread_mutex_init(&book->lock, NULL) == 0, "lock");
	node_must(pthread_cond_init(&book->changed, NULL) == 0, "condition");
}

void node_book_fini(struct node_book *book) {
	for (size_t i = 0; i < book->record_count; i++)
		free(book->records[i]);
	free(book->records);
	steps_free(&book->script);
	steps_free(&book->defaults);
	pthread_cond_destroy(&book->changed);
	pthread_mutex_destroy(&book->lock);
}

// --- requests

// Method, target, version and each header line become texts of their own.
static char *split_head(const char *head, size_t bytes) {
	char *copy = malloc(bytes + 1);
	node_must(copy != NULL, "record");
	memcpy(copy, head, bytes);
	copy[bytes] = '\0';
	for (char *c = copy; c < copy + bytes; c++) {
		if (*c == '\r')
			*c = '\0';
	}
	for (int i = 0; i < 2; i++) {
		char *space = strchr(i == 0 ? copy : copy + strlen(copy) + 1, ' ');
		if (space)
			*space = '\0';
	}
	return copy;
}

static void record(struct node_book *book, const char *head, size_t bytes) {
	if (book->record_count == book->record_size) {
		size_t size = book->record_size * 2 + 64;
		char **records = realloc(book->records, size * sizeof(records[0]));
		node_must(records != NULL, "records");
		book->records = records;
		book->record_size = size;
	}
	book->records[book->record_count++] = split_head(head, bytes);
}

static bool step_fits(const struct step_entry *entry, const char *target, size_t bytes) {
	if (entry->left == 0)
		return false;
	if (!entry->target)
		return true;
	size_t len = strlen(entry->target);
	return len <= bytes && memcmp(target, entry->target, len) == 0;
}

static const struct node_step *take_step(struct node_book *book, const char *head, size_t bytes) {
	const char *space = memchr(head, ' ', bytes);
	const char *target = space ? space + 1 : head + bytes;
	struct step_entry *entry;

	STAILQ_FOREACH (entry, &book->script, link) {
		if (!step_fits(entry, target, (size_t)(head + bytes - target)))
			continue;
		if (entry->left > 0)
			entry->left--;
		return &entry->step;
	}
	return &STAILQ_FIRST(&book->defaults)->step;
}

const struct node_step *node_book_begin(struct node_book *book, const char *head, size_t bytes) {
	pthread_mutex_lock(&book->lock);
	const struct node_step *step = take_step(book, head, bytes);
	if (book->recording)
		record(book, head, bytes);
	book->requests++;
	if (++book->inflight > book->inflight_max)
		book->inflight_max = book->inflight;
	pthread_cond_broadcast(&book->changed);
	pthread_mutex_unlock(&book->lock);
	return step;
}

void node_book_end(struct node_book *book) {
	pthread_mutex_lock(&book->lock);
	book->inflight--;
	pthread_mutex_unlock(&book->lock);
}

void node_book_connected(struct node_book *book) {
	pthread_mutex_lock(&book->lock);
	book->connections++;
	pthread_mutex_unlock(&book->lock);
}

// --- orders

void node_book_script(struct node_book *book, const struct node_step *step) {
	struct step_entry *entry = step_new(step);
	pthread_mutex_lock(&book->lock);
	STAILQ_INSERT_TAIL(&book->script, entry, link);
	pthread_mutex_unlock(&book->lock);
}

void node_book_default(struct node_book *book, const struct node_step *step) {
	struct step_entry *entry = step_new(step);
	pthread_mutex_lock(&book->lock);
	STAILQ_INSERT_HEAD(&book->defaults, entry, link);
	pthread_mutex_unlock(&book->lock);
}

void node_book_record_nothing(struct node_book *book) {
	pthread_mutex_lock(&book->lock);
	book->recording = false;
	pthread_mutex_unlock(&book->lock);
}

// --- questions

size_t node_book_read(struct node_book *book, const size_t *counter) {
	pthread_mutex_lock(&book->lock);
	size_t value = *counter;
	pthread_mutex_unlock(&book->lock);
	return value;
}

bool node_book_wait(struct node_book *book, size_t requests) {
	struct timespec end;
	clock_gettime(CLOCK_REALTIME, &end);
	end.tv_sec += WAIT_MAX_S;

	int err = 0;
	pthread_mutex_lock(&book->lock);
	while (book->requests < requests && err == 0)
		err = pthread_cond_timedwait(&book->changed, &book->lock, &end);
	bool enough = book->requests >= requests;
	pthread_mutex_unlock(&book->lock);
	return enough;
}

const char *node_book_method(struct node_book *book, size_t index) {
	pthread_mutex_lock(&book->lock);
	const char *found = index < book->record_count ? book->records[index] : NULL;
	pthread_mutex_unlock(&book->lock);
	return found;
}

static const char *next_text(const char *text) {
	return text + strlen(text) + 1;
}

const char *node_book_target(struct node_book *book, size_t index) {
	const char *method = node_book_method(book, index);
	return method ? next_text(method) : NULL;
}

const char *node_book_header(struct node_book *book, size_t index, const char *name) {
	const char *target = node_book_target(book, index);
	if (!target)
		return NULL;

	size_t len = strlen(name);
	// "\n" and a header line, or "\n".
	const char *line = next_text(next_text(target));
	for (; line[1] != '\0'; line = next_text(line)) {
		const char *field = line + 1;
		if (strncasecmp(field, name, len) != 0 || field[len] != ':')
			continue;
		return field + len + 1 + strspn(field + len + 1, " ");
	}
	return NULL;
}
