// SPDX-License-Identifier: MPL-2.0
// labelled: the samples of the series that have more than one. Labels have few values: names of the
// program's own, and at most WORKER_NODES_MAX nodes. None is of a record. Pure. Thread: any.
#pragma once

#include "cli/admin/sample.h"

#include <stddef.h>
#include <stdint.h>

// One sample with these labels besides `target`; nothing when its value is not known.
void labelled_put(
	const struct series *series,
	const struct series_sink *sink,
	const struct series_label *labels,
	size_t count,
	int64_t value
);

// As series.each.
void labelled_build(const struct series *series, const struct series_sink *sink);
void labelled_ended(const struct series *series, const struct series_sink *sink);
void labelled_answers(const struct series *series, const struct series_sink *sink);
void labelled_left(const struct series *series, const struct series_sink *sink);
void labelled_in_flight(const struct series *series, const struct series_sink *sink);
void labelled_queued(const struct series *series, const struct series_sink *sink);
void labelled_stopped(const struct series *series, const struct series_sink *sink);
void labelled_open(const struct series *series, const struct series_sink *sink);
void labelled_expired(const struct series *series, const struct series_sink *sink);
void labelled_held(const struct series *series, const struct series_sink *sink);
void labelled_letters(const struct series *series, const struct series_sink *sink);
void labelled_lag(const struct series *series, const struct series_sink *sink);
