// SPDX-License-Identifier: MPL-2.0
// ca_file: can a file tell which certificates to trust?
#include "common/http/ca_file.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/x509_vfy.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

// 0 or -errno.
static int open_for_a_moment(const char *file) {
	struct stat st;
	int fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	int err = 0;

	if (fd < 0 || fstat(fd, &st) < 0)
		err = -errno;
	else if (S_ISDIR(st.st_mode))
		err = -EISDIR;
	if (fd >= 0)
		close(fd);
	return err;
}

int ca_file_check(const char *file, char *error, size_t error_bytes) {
	int err = open_for_a_moment(file);
	X509_STORE *store;
	int loaded;

	if (err < 0) {
		snprintf(error, error_bytes, "is '%s': %s", file, strerror(-err));
		return -EINVAL;
	}
	store = X509_STORE_new();
	if (store == NULL) {
		snprintf(error, error_bytes, "out of memory");
		return -ENOMEM;
	}
	loaded = X509_STORE_load_locations(store, file, NULL);
	X509_STORE_free(store);
	ERR_clear_error();
	if (loaded == 1)
		return 0;
	snprintf(error, error_bytes, "is '%s': no certificate in PEM format in it", file);
	return -EINVAL;
}
