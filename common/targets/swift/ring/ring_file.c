// SPDX-License-Identifier: MPL-2.0
// ring_file: all that is in a gzip file.
#include "common/targets/swift/ring/ring_file.h"

#include "common/base/words.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

enum { INPUT_BYTES = 64 * 1024, FIRST_BYTES = 256 * 1024 };

// Tells zlib that there is a head and an end as gzip has them, and the largest window.
static const int gzip_window_bits = 16 + MAX_WBITS;

struct inflation {
	const char *path;
	struct words words;
	size_t bound;
	int fd;
	z_stream stream;
	unsigned char *data;
	// Bytes that `data` has room for; stream.total_out of them are there.
	size_t room;
	unsigned char input[INPUT_BYTES];
};

static int damaged(const struct inflation *in, const char *what) {
	return words_say(
		&in->words, -EINVAL, "%s: %s; copy it again from where it was made", in->path, what
	);
}

static int failed(const struct inflation *in, const char *verb, int err) {
	return words_say(
		&in->words,
		err,
		"%s: cannot %s: %s; is it there, and may this user read it?",
		in->path,
		verb,
		strerror(-err)
	);
}

static int no_memory(const struct inflation *in) {
	return words_say(&in->words, -ENOMEM, "%s: out of memory; give it more", in->path);
}

// A pipe would keep a reader waiting.
static int open_regular(struct inflation *in) {
	struct stat stat;

	in->fd = open(in->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (in->fd < 0 || fstat(in->fd, &stat) < 0)
		return failed(in, "open", -errno);
	if (!S_ISREG(stat.st_mode))
		return words_say(
			&in->words, -EINVAL, "%s: no regular file; name the ring's file", in->path
		);
	return 0;
}

static int too_large(const struct inflation *in) {
	return words_say(
		&in->words,
		-EFBIG,
		"%s: more than %zu bytes when inflated; is it the right file?",
		in->path,
		in->bound
	);
}

// Room for one byte more than the bound at most, so that what is too large shows.
static int make_room(struct inflation *in) {
	size_t room = in->room == 0 ? FIRST_BYTES : in->room * 2;
	unsigned char *data;

	if (in->stream.total_out > in->bound)
		return too_large(in);
	if (room > in->bound)
		room = in->bound + 1;
	data = realloc(in->data, room);
	if (data == NULL)
		return no_memory(in);
	in->data = data;
	in->room = room;
	return 0;
}

// Reads more of the file when all before was inflated. 0, with nothing there at its end.
static int read_more(struct inflation *in) {
	ssize_t len;

	if (in->stream.avail_in > 0)
		return 0;
	len = read(in->fd, in->input, sizeof(in->input));
	if (len < 0)
		return failed(in, "read", -errno);
	in->stream.next_in = in->input;
	in->stream.avail_in = (uInt)len;
	return 0;
}

// Inflates what was read, as far as there is room. 1 at the end of the member.
static int inflate_some(struct inflation *in) {
	size_t free_bytes = in->room - in->stream.total_out;

	in->stream.next_out = in->data + in->stream.total_out;
	in->stream.avail_out = (uInt)free_bytes;
	switch (inflate(&in->stream, Z_NO_FLUSH)) {
	case Z_STREAM_END:
		return 1;
	case Z_OK:
	case Z_BUF_ERROR:
		return 0;
	case Z_MEM_ERROR:
		return no_memory(in);
	default:
		return damaged(
			in,
			in->stream.total_in == 0 || in->stream.msg == NULL ? "no gzip file"
									   : in->stream.msg
		);
	}
}

// 1 at the end of the member.
static int advance(struct inflation *in) {
	int err = in->stream.total_out == in->room ? make_room(in) : 0;

	if (err == 0)
		err = read_more(in);
	if (err < 0)
		return err;
	if (in->stream.avail_in == 0)
		return damaged(in, in->stream.total_in == 0 ? "it is empty" : "it is cut short");
	return inflate_some(in);
}

// Swift reads one member and never sees what is behind it.
static int check_end(struct inflation *in) {
	int err = read_more(in);

	if (err == 0 && in->stream.avail_in > 0)
		err = damaged(in, "something stands behind its end");
	if (err == 0 && in->stream.total_out > in->bound)
		err = too_large(in);
	return err;
}

static int run(struct inflation *in) {
	int err = open_regular(in);

	if (err < 0)
		return err;
	if (inflateInit2(&in->stream, gzip_window_bits) != Z_OK)
		return no_memory(in);
	while (err == 0)
		err = advance(in);
	if (err > 0)
		err = check_end(in);
	inflateEnd(&in->stream);
	return err;
}

int ring_file_read(
	const char *path,
	size_t bound,
	unsigned char **out,
	size_t *bytes,
	char *error,
	size_t error_bytes
) {
	struct inflation *in = calloc(1, sizeof(*in));
	int err;

	*out = NULL;
	*bytes = 0;
	if (in == NULL)
		return words_say(
			&(struct words){error, error_bytes},
			-ENOMEM,
			"%s: out of memory; give it more",
			path
		);
	in->path = path;
	in->words = (struct words){error, error_bytes};
	in->bound = bound;
	in->fd = -1;
	err = run(in);
	if (in->fd >= 0)
		close(in->fd);
	if (err == 0) {
		*out = in->data;
		*bytes = in->stream.total_out;
	} else {
		free(in->data);
	}
	free(in);
	return err;
}
