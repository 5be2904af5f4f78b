// SPDX-License-Identifier: MPL-2.0
// oslo: the configuration files of an OpenStack service, in the order in which oslo.config reads
// them, so that what is read later counts. Thread: main, before others start.
#pragma once

#include "common/conf/conf.h"
#include "common/text/ini_file.h"

#include <stdbool.h>

// Reads each of `paths`, a directory by its files *.conf in the order of their names. With
// `is_glance` the places where glance-manage looks by itself go before: for files unless `paths`
// has one, for directories unless it has one. Returns as ini_file_read.
int oslo_read(
	const struct conf_list *paths,
	bool is_glance,
	ini_take take,
	void *ctx,
	char *error,
	size_t error_bytes
);
