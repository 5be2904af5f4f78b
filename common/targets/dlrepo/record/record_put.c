// SPDX-License-Identifier: MPL-2.0
// record_put: writes what a scan found.
//
// Design notes
// - A record of files is one step for the worker: so many that a step is worth its cost, so few
//   that the records of a large repository take little memory while they wait.
#include "common/targets/dlrepo/record/record_put.h"

#include "common/base/buf.h"
#include "common/candidate.h"
#include "common/pack/pack.h"
#include "common/page.h"
#include "common/targets/dlrepo/record/record_id.h"
#include "common/targets/dlrepo/record/record_keys.h"
#include "common/targets/dlrepo/rule/surplus.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FILES_MOST = 250, NAMES_BYTES = 24 * 1024, LENGTH_MOST = 255 };

static int put(struct page *page, const struct pack *pack, struct candidate *like) {
	const unsigned char *data;
	int err = pack_data(pack, &data, &like->data_bytes);

	if (err < 0)
		return err;
	like->data = (unsigned char *)data; // page_add copies it
	return page_add(page, like);
}

int record_put_tag(
	struct page *page,
	const struct record_moment *moment,
	const char *branch,
	const struct tag *tag
) {
	struct pack *pack = pack_new();
	struct candidate like = {
		.at = (int64_t)tag->stamp.tv_sec * 1000 + tag->stamp.tv_nsec / 1000000,
		.seen_ms = moment->wall_ms,
		// What was published is judged again before the first request.
		.checked_mono_ms = tag->is_released ? 0 : moment->mono_ms,
	};
	char id[RECORD_ID_TEXT_BYTES];
	int err;

	if (pack == NULL)
		return -ENOMEM;
	like.id = id;
	like.key = record_id(branch, tag->name, id);
	pack_reset(pack, 6);
	pack_str(pack, RECORD_KIND, RECORD_KIND_TAG);
	pack_bin(pack, RECORD_BRANCH, branch, strlen(branch));
	pack_bin(pack, RECORD_NAME, tag->name, strlen(tag->name));
	pack_bool(pack, RECORD_RELEASED, tag->is_released);
	pack_int(pack, RECORD_STAMP_S, (int64_t)tag->stamp.tv_sec);
	pack_int(pack, RECORD_STAMP_NS, tag->stamp.tv_nsec);
	err = put(page, pack, &like);
	pack_free(pack);
	return err;
}

struct record_writer {
	struct pack *pack;
	char *dir; // NULL: nothing was added
	struct buf names;
	size_t count;
	int64_t oldest_ms;
};

struct record_writer *record_writer_new(void) {
	struct record_writer *writer = calloc(1, sizeof(*writer));

	if (writer == NULL)
		return NULL;
	buf_init(&writer->names, 0);
	writer->pack = pack_new();
	if (writer->pack == NULL) {
		record_writer_free(writer);
		return NULL;
	}
	return writer;
}

static void begin_anew(struct record_writer *writer) {
	free(writer->dir);
	writer->dir = NULL;
	buf_clear(&writer->names);
	writer->count = 0;
}

void record_writer_free(struct record_writer *writer) {
	if (writer == NULL)
		return;
	begin_anew(writer);
	buf_fini(&writer->names);
	pack_free(writer->pack);
	free(writer);
}

bool record_writer_is_full(const struct record_writer *writer, const char *dir, const char *name) {
	if (writer->count == 0)
		return false;
	return writer->count == FILES_MOST || writer->names.len + 1 + strlen(name) > NAMES_BYTES ||
		strcmp(writer->dir, dir) != 0;
}

int record_writer_add(
	struct record_writer *writer, const char *dir, const char *name, int64_t changed_ms
) {
	size_t len = strnlen(name, LENGTH_MOST);
	const unsigned char length = (unsigned char)len;

	if (writer->dir == NULL) {
		writer->dir = strdup(dir);
		writer->oldest_ms = changed_ms;
	}
	if (writer->dir == NULL)
		return -ENOMEM;
	buf_add(&writer->names, &length, 1);
	buf_add(&writer->names, name, len);
	writer->count++;
	if (changed_ms < writer->oldest_ms)
		writer->oldest_ms = changed_ms;
	return writer->names.error;
}

static int put_files(
	struct record_writer *writer, struct page *page, const struct record_moment *moment
) {
	struct candidate like = {
		.at = writer->oldest_ms,
		.seen_ms = moment->wall_ms,
		.checked_mono_ms = moment->mono_ms,
	};
	char id[RECORD_ID_TEXT_BYTES], first[LENGTH_MOST + 1];

	// The first name stands for the others.
	snprintf(
		first,
		sizeof(first),
		"%.*s",
		(int)(unsigned char)writer->names.data[0],
		writer->names.data + 1
	);
	like.id = id;
	like.key = record_id(writer->dir, first, id);
	pack_reset(writer->pack, 3);
	pack_str(writer->pack, RECORD_KIND, RECORD_KIND_FILES);
	pack_bin(writer->pack, RECORD_DIR, writer->dir, strlen(writer->dir));
	pack_bin(writer->pack, RECORD_NAMES, writer->names.data, writer->names.len);
	return put(page, writer->pack, &like);
}

int record_writer_put(
	struct record_writer *writer, struct page *page, const struct record_moment *moment
) {
	int err = writer->count == 0 ? 0 : put_files(writer, page, moment);

	begin_anew(writer);
	return err;
}
