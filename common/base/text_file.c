// SPDX-License-Identifier: MPL-2.0
// text_file: a whole file of text, which may have secrets.
#include "common/base/text_file.h"

#include <errno.h>
#include <stdio.h>

int text_file_load(const char *path, char *text, size_t size, size_t *len) {
	FILE *file = fopen(path, "re");
	int err = 0;

	if (file == NULL)
		return -errno;
	setvbuf(file, NULL, _IONBF, 0); // where a secret would stay behind
	errno = 0;
	*len = fread(text, 1, size - 1, file);
	if (ferror(file))
		err = errno != 0 ? -errno : -EIO;
	else if (*len == size - 1)
		err = -EFBIG;
	text[*len] = '\0';
	fclose(file);
	return err;
}
