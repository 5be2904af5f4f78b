// SPDX-License-Identifier: MPL-2.0
// surplus: which tags of a branch are beyond its policy. Pure. Thread: any.
//
// Source: ArtifactRepository._cleanup_tags of dlrepo 0.44.
#pragma once

#include "common/targets/dlrepo/rule/policy.h"

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

struct tag {
	// Bytes, not always UTF-8. Owner: who made the list.
	char *name;
	// Last change of the tag's .stamp; zero: it has none.
	struct timespec stamp;
	bool is_released;
	// It stays and is not counted.
	bool is_locked;
	bool is_surplus; // set by surplus_mark
};

// Sorts the tags, newest first, and marks those that go. Released and other tags are counted
// apart. Of equals those whose name is less count as newer.
void surplus_mark(struct tag *tags, size_t count, const struct policy *policy);
