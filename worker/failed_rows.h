// SPDX-License-Identifier: MPL-2.0
// failed_rows: rows that stay though their task is done. Thread: loop.
#pragma once

#include "worker/task/shift.h"
#include "worker/task/task.h"

// Of a task that is done: names and counts its rows that could not be removed.
void failed_rows_report(struct shift *shift, struct task *task);
