// SPDX-License-Identifier: MPL-2.0
// record: what a candidate of this target is, as it is read.
#include "common/targets/dlrepo/record/record.h"

#include "common/candidate.h"
#include "common/pack/pack.h"
#include "common/targets/dlrepo/record/record_keys.h"
#include "common/targets/dlrepo/rule/layout.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

// A name is one part of a path, and leads nowhere else.
static bool is_name(const unsigned char *bytes, size_t len) {
	if (len == 0 || len > NAME_MAX || memchr(bytes, 0, len) != NULL)
		return false;
	if (memchr(bytes, '/', len) != NULL)
		return false;
	return !(bytes[0] == '.' && (len == 1 || (len == 2 && bytes[1] == '.')));
}

static bool is_path(const unsigned char *bytes, size_t len) {
	while (len > 0) {
		const unsigned char *slash = memchr(bytes, '/', len);
		size_t part = slash == NULL ? len : (size_t)(slash - bytes);

		if (!is_name(bytes, part))
			return false;
		if (slash == NULL)
			return true;
		bytes += part + 1;
		len -= part + 1;
	}
	return false;
}

static int copy(char **out, const unsigned char *bytes, size_t len) {
	*out = strndup((const char *)bytes, len);
	return *out == NULL ? -ENOMEM : 0;
}

static int read_name(const struct unpack *unpack, const char *key, char **out) {
	const unsigned char *bytes;
	size_t len;

	if (unpack_bin(unpack, key, &bytes, &len) < 0 || !is_name(bytes, len) || bytes[0] == '.')
		return -EBADMSG;
	return copy(out, bytes, len);
}

static int read_tag(struct record_tag *tag, const struct unpack *unpack) {
	int64_t seconds, nanoseconds;
	int err = read_name(unpack, RECORD_BRANCH, &tag->branch);

	if (err == 0)
		err = read_name(unpack, RECORD_NAME, &tag->tag);
	if (err < 0)
		return err;
	if (unpack_bool(unpack, RECORD_RELEASED, &tag->is_released) < 0 ||
	    unpack_int(unpack, RECORD_STAMP_S, &seconds) < 0 ||
	    unpack_int(unpack, RECORD_STAMP_NS, &nanoseconds) < 0)
		return -EBADMSG;
	tag->stamp = (struct timespec){.tv_sec = (time_t)seconds, .tv_nsec = (long)nanoseconds};
	return 0;
}

// Each has its length in one byte before it.
static size_t count_names(const unsigned char *bytes, size_t len) {
	size_t count = 0;

	while (len > 0) {
		size_t name = bytes[0];

		if (len < 1 + name || !is_name(bytes + 1, name))
			return 0;
		bytes += 1 + name;
		len -= 1 + name;
		count++;
	}
	return count;
}

// The end of each is where the length of the next one was.
static int read_names(struct record_files *files, const unsigned char *bytes, size_t len) {
	size_t count = count_names(bytes, len), at = 0;

	if (count == 0)
		return -EBADMSG;
	files->names = calloc(count, sizeof(*files->names));
	files->text = malloc(len + 1);
	if (files->names == NULL || files->text == NULL)
		return -ENOMEM;
	memcpy(files->text, bytes, len);
	for (; files->count < count; files->count++) {
		files->names[files->count] = files->text + at + 1;
		at += (size_t)1 + bytes[at];
		files->text[at] = '\0';
	}
	return 0;
}

static int read_files(struct record_files *files, const struct unpack *unpack) {
	const unsigned char *bytes;
	size_t len;
	int err;

	if (unpack_bin(unpack, RECORD_DIR, &bytes, &len) < 0 || !is_path(bytes, len))
		return -EBADMSG;
	err = copy(&files->dir, bytes, len);
	if (err < 0)
		return err;
	if (!layout_is_below(files->dir, BLOBS_DIR) && !layout_is_below(files->dir, UPLOADS_DIR))
		return -EBADMSG;
	if (unpack_bin(unpack, RECORD_NAMES, &bytes, &len) < 0)
		return -EBADMSG;
	return read_names(files, bytes, len);
}

static int read_kind(struct record *out, const struct unpack *unpack, const char *kind) {
	if (strcmp(kind, RECORD_KIND_TAG) == 0)
		return read_tag(&out->tag, unpack);
	if (strcmp(kind, RECORD_KIND_FILES) != 0)
		return -EBADMSG;
	out->kind = RECORD_FILES;
	return read_files(&out->files, unpack);
}

int record_read(struct record *out, const struct candidate *candidate) {
	struct unpack *unpack;
	char kind[16];
	int err = unpack_open(&unpack, candidate->data, candidate->data_bytes);

	*out = (struct record){.kind = RECORD_TAG};
	if (err < 0)
		return err;
	err = unpack_str(unpack, RECORD_KIND, kind, sizeof(kind)) < 0
		? -EBADMSG
		: read_kind(out, unpack, kind);
	unpack_close(unpack);
	if (err < 0)
		record_fini(out);
	return err;
}

void record_fini(struct record *record) {
	free(record->files.names);
	free(record->files.text);
	free(record->files.dir);
	free(record->tag.branch);
	free(record->tag.tag);
	*record = (struct record){.kind = RECORD_TAG};
}
