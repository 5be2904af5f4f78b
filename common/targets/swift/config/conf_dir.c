// SPDX-License-Identifier: MPL-2.0
// conf_dir: the files of a configuration that is a directory, as Swift reads it.
#include "common/targets/swift/config/conf_dir.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static int is_conf(const struct dirent *entry) {
	static const char ending[] = ".conf";
	size_t len = strlen(entry->d_name), ending_len = sizeof(ending) - 1;

	return entry->d_name[0] != '.' && len >= ending_len &&
		strcmp(entry->d_name + len - ending_len, ending) == 0;
}

// As Python sorts them, which is not as the locale does.
static int by_bytes(const struct dirent **one, const struct dirent **other) {
	return strcmp((*one)->d_name, (*other)->d_name);
}

static int add(struct conf_dir *dir, char *path) {
	if (path == NULL)
		return -ENOMEM;
	dir->paths[dir->count++] = path;
	return 0;
}

static char *join(const char *directory, const char *name) {
	char *path = NULL;

	return asprintf(&path, "%s/%s", directory, name) < 0 ? NULL : path;
}

static int list(struct conf_dir *dir, const char *path) {
	struct dirent **entries;
	int count = scandir(path, &entries, is_conf, by_bytes);
	int err = count < 0 ? -errno : count == 0 ? -ENOENT : 0;

	if (count > 0)
		dir->paths = calloc((size_t)count, sizeof(dir->paths[0]));
	if (count > 0 && dir->paths == NULL)
		err = -ENOMEM;
	for (int i = 0; i < count; i++) {
		if (err == 0)
			err = add(dir, join(path, entries[i]->d_name));
		free(entries[i]);
	}
	if (count >= 0)
		free(entries);
	return err;
}

int conf_dir_list(struct conf_dir *out, const char *path) {
	struct stat file;
	int err;

	*out = (struct conf_dir){.count = 0};
	if (stat(path, &file) == 0 && S_ISDIR(file.st_mode)) {
		err = list(out, path);
	} else {
		out->paths = calloc(1, sizeof(out->paths[0]));
		err = out->paths == NULL ? -ENOMEM : add(out, strdup(path));
	}
	if (err < 0)
		conf_dir_free(out);
	return err;
}

void conf_dir_free(struct conf_dir *dir) {
	for (size_t i = 0; dir->paths != NULL && i < dir->count; i++)
		free(dir->paths[i]);
	free(dir->paths);
	*dir = (struct conf_dir){.count = 0};
}
