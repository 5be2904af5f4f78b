// SPDX-License-Identifier: MPL-2.0
// db_clock: is the database's clock the same as ours?
#include "common/db/db_clock.h"

#include "common/base/clock.h"
#include "common/db/db.h"
#include "common/db/db_result.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <time.h>

static void write_time(int64_t wall_ms, char *out, size_t out_bytes) {
	time_t seconds = (time_t)(wall_ms / 1000);
	struct tm parts;

	if (gmtime_r(&seconds, &parts) == NULL || strftime(out, out_bytes, "%FT%TZ", &parts) == 0)
		snprintf(out, out_bytes, "%" PRId64 " ms", wall_ms);
}

int db_clock_check(struct db *db, int64_t most_ms, char *error, size_t error_bytes) {
	static const char sql[] = "SELECT CAST(ROUND(UNIX_TIMESTAMP(NOW(3)) * 1000) AS SIGNED)";
	struct db_result *result;
	char ours[32];
	char theirs[32];
	int64_t before_ms = clock_wall_ms();
	int64_t database_ms;
	int err = db_select(db, sql, &result);

	if (err < 0) {
		snprintf(error, error_bytes, "cannot read the database's clock: %s", db_error(db));
		return err;
	}
	database_ms = db_result_next(result) ? db_result_int(result, 0) : 0;
	db_result_free(result);
	if (database_ms - before_ms <= most_ms && database_ms - before_ms >= -most_ms)
		return 0;
	write_time(before_ms, ours, sizeof(ours));
	write_time(database_ms, theirs, sizeof(theirs));
	snprintf(
		error,
		error_bytes,
		"the clocks are more than %" PRId64
		" s apart: here it is %s, in the database %s; set the wrong one right",
		most_ms / 1000,
		ours,
		theirs
	);
	return -ERANGE;
}
