// SPDX-License-Identifier: MPL-2.0
// whole_file: all that a file says, which may have secrets.
#include "common/base/whole_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// Reads until the end of the file, or until there are `bound` bytes.
static int fill(struct whole_file *file, int fd, size_t bound) {
	while (file->len < bound) {
		ssize_t len = read(fd, file->text + file->len, bound - file->len);

		if (len < 0)
			return -errno;
		if (len == 0)
			return 0;
		file->len += (size_t)len;
	}
	return -EFBIG;
}

int whole_file_read(struct whole_file *out, const char *path, size_t bound) {
	struct whole_file file = {.len = 0};
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int err = fd < 0 ? -errno : 0;

	*out = file;
	if (err < 0)
		return err;
	file.text = malloc(bound + 1);
	err = file.text == NULL ? -ENOMEM : fill(&file, fd, bound);
	close(fd);
	if (err < 0) {
		whole_file_free(&file);
		return err;
	}
	file.text[file.len] = '\0';
	*out = file;
	return 0;
}

void whole_file_free(struct whole_file *file) {
	if (file->text != NULL)
		explicit_bzero(file->text, file->len);
	free(file->text);
	*file = (struct whole_file){.len = 0};
}
