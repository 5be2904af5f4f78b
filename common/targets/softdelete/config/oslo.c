// SPDX-License-Identifier: MPL-2.0
// oslo: the configuration files of an OpenStack service.
#include "common/targets/softdelete/config/oslo.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct reading {
	ini_take take;
	void *ctx;
	char *error;
	size_t error_bytes;
};

static bool is_dir(const char *path) {
	struct stat status;

	return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

static int fail(const struct reading *reading, const char *path, int err) {
	snprintf(reading->error, reading->error_bytes, "cannot read %s: %s", path, strerror(-err));
	return err;
}

static int read_file(const struct reading *reading, const char *path) {
	return ini_file_read(
		path,
		INI_FILE_OSLO,
		reading->take,
		reading->ctx,
		reading->error,
		reading->error_bytes
	);
}

static int is_conf(const struct dirent *entry) {
	const char *dot = strrchr(entry->d_name, '.');

	return entry->d_name[0] != '.' && dot != NULL && strcmp(dot, ".conf") == 0;
}

// Not alphasort: it would go by the locale.
static int compare(const struct dirent **a, const struct dirent **b) {
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int read_dir(const struct reading *reading, const char *dir) {
	struct dirent **entries = NULL;
	int count = scandir(dir, &entries, is_conf, compare);
	int err = count < 0 ? fail(reading, dir, -errno) : 0;
	char path[PATH_MAX];

	for (int i = 0; i < count; i++) {
		int len = snprintf(path, sizeof(path), "%s/%s", dir, entries[i]->d_name);

		if (err == 0)
			err = len < (int)sizeof(path) ? read_file(reading, path)
						      : fail(reading, dir, -ENAMETOOLONG);
		free(entries[i]);
	}
	free(entries);
	return err;
}

static int read_path(const struct reading *reading, const char *path) {
	return is_dir(path) ? read_dir(reading, path) : read_file(reading, path);
}

static const char *home(void) {
	const char *dir = getenv("HOME");
	const struct passwd *user = dir == NULL ? getpwuid(getuid()) : NULL;

	return user == NULL ? dir : user->pw_dir;
}

// The first place that has such a name.
static int read_place(const struct reading *reading, const char *name, const char *ending) {
	const struct {
		const char *root, *dir;
	} places[] = {
		{home(), "/.glance"},
		{home(), ""},
		{"", "/etc/glance"},
		{"", "/etc"},
		{getenv("SNAP_COMMON"), "/etc/glance"},
		{getenv("SNAP"), "/etc/glance"},
	};
	char path[PATH_MAX];

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		if (places[i].root == NULL)
			continue;
		snprintf(
			path, sizeof(path), "%s%s/%s%s", places[i].root, places[i].dir, name, ending
		);
		if (access(path, F_OK) == 0)
			return read_path(reading, path);
	}
	return 0;
}

// glance-manage asks for the places of each of two programs, and each brings the common one along.
static int read_places(const struct reading *reading, const char *ending) {
	static const char *const names[] = {"glance", "glance-api", "glance", "glance-manage"};
	int err = 0;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]) && err == 0; i++)
		err = read_place(reading, names[i], ending);
	return err;
}

int oslo_read(
	const struct conf_list *paths,
	bool is_glance,
	ini_take take,
	void *ctx,
	char *error,
	size_t error_bytes
) {
	const struct reading reading = {take, ctx, error, error_bytes};
	bool has_file = false, has_dir = false;
	int err = 0;

	error[0] = '\0';
	for (size_t i = 0; i < paths->count; i++) {
		has_dir |= is_dir(paths->items[i]);
		has_file |= !is_dir(paths->items[i]);
	}
	if (is_glance && !has_file)
		err = read_places(&reading, ".conf");
	if (is_glance && !has_dir && err == 0)
		err = read_places(&reading, ".conf.d");
	for (size_t i = 0; i < paths->count && err == 0; i++)
		err = read_path(&reading, paths->items[i]);
	return err;
}
