// SPDX-License-Identifier: MPL-2.0
// products: takes the links that lead from products to a job away.
// Thread: any; blocks as the file system does.
#pragma once

#include <stddef.h>

// job_fd: the directory of a job that was moved out of its branch, so that links to its formats
// lead to nothing. Its link .product says which version of a product it is of. Removes there the
// links that lead to nothing, the version itself when only its .stamp is left, and the directories
// above that are empty then. 0, also when there is no product; -EBADMSG: .product leads out of
// products; or another negative errno, with the path in `where`.
// Source: Job._cleanup_product_tree of dlrepo 0.44.
//
// products_check only says whether that could be: of a job that is still in its branch. 0, or the
// same errors.
int products_check(int root, int job_fd, char *where, size_t where_bytes);
int products_unlink(int root, int job_fd, char *where, size_t where_bytes);
