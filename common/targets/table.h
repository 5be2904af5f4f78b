// SPDX-License-Identifier: MPL-2.0
// table: the kinds of cleanup there are. Pure. Thread: any.
#pragma once

struct target;
struct target_alias;

extern const struct target *const targets[]; // by name, ends with NULL

const struct target *target_find(const char *name); // NULL: none
// As conf_env_of, for options that every target has: what one of the targets says.
const char *target_env_of(const char *option);
// The target whose alias this program name is. NULL: none, and *alias is untouched.
const struct target *target_find_alias(const char *program, const struct target_alias **alias);
