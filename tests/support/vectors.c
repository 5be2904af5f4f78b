// SPDX-License-Identifier: MPL-2.0
// vectors: signed requests with every value on the way, from tests/data.
#include "support/vectors.h"

const struct vector vectors[] = {
#include "vectors.inc"
};
const size_t vector_count = sizeof(vectors) / sizeof(vectors[0]);
