// SPDX-License-Identifier: MPL-2.0
// softdelete: rows that an application marked deleted long ago and never removed. Thread: any.
#pragma once

struct target;

extern const struct target target_softdelete;
