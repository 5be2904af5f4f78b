// SPDX-License-Identifier: MPL-2.0
// letter_out: what was asked for, on standard output.
#include "cli/dead/letter_out.h"

#include "cli/front/front.h"

#include <errno.h>
#include <stdio.h>

int letter_out_write(struct buf *text) {
	int err = text->error;

	if (err < 0)
		return front_fail(err, "a letter is too large to be shown");
	// The end of the program tells of it.
	if (text->len > 0 && fwrite(text->data, 1, text->len, stdout) != text->len)
		err = -EIO;
	buf_clear(text);
	return err;
}
