// SPDX-License-Identifier: MPL-2.0
// layout: how a repository lies in its directory.
// Source: dlrepo-layout(7) of dlrepo 0.44.
// Pure. Thread: any.
#pragma once

#include <stdbool.h>

// Below the root.
#define BRANCHES_DIR "branches"
#define PRODUCTS_DIR "products"
#define USERS_DIR "users"
#define BLOBS_DIR ".blobs"
#define UPLOADS_DIR ".uploads"
// Of a branch.
#define POLICY_FILE ".cleanup_policy"
// Of a tag; products have a stamp too.
#define STAMP_FILE ".stamp"
#define LOCKED_FILE ".locked"
#define RELEASED_FILE ".released"
// Of a job.
#define PRODUCT_LINK ".product"
// Of a user.
#define USAGE_FILE ".disk_usage"

// Is `path` the directory `top`, or something below it?
bool layout_is_below(const char *path, const char *top);
