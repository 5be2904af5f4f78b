// SPDX-License-Identifier: MPL-2.0
// backlog_test: a backlog of millions passes through producer, queue and worker in memory that does
// not grow.
#include "support/test.h"

#include "support/engine.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
// They keep what was freed for a while.
enum { BACKLOG_ROWS = 200 * 1000, GROWTH_MAX_MIB = 512 };
#else
enum { BACKLOG_ROWS = 5 * 1000 * 1000, GROWTH_MAX_MIB = 32 };
#endif

static int64_t resident_bytes(void) {
	FILE *file = fopen("/proc/self/statm", "re");
	char line[128];
	char *at = line;

	assert_non_null(file);
	assert_non_null(fgets(line, sizeof(line), file));
	fclose(file);
	(void)strtoll(at, &at, 10); // the size of all
	return strtoll(at, &at, 10) * sysconf(_SC_PAGESIZE);
}

static void millions_of_rows_need_no_more_memory_than_thousands(void **state) {
	(void)state;
	struct engine *engine = malloc(sizeof(*engine));
	int64_t early = 0;
	int64_t most = 0;

	assert_non_null(engine);
	engine_init(engine, BACKLOG_ROWS);
	engine->worker_options.window = 4096;
	engine->worker_options.batch_rows = 500;
	engine->producer_options.page_rows = 1000;
	engine_open(engine);
	// The book of the fake target itself has a byte for each row, used from the start.
	for (int64_t i = 0; i < BACKLOG_ROWS; i++)
		engine->fake.removed[i] = 1;
	for (int64_t i = 0; i < BACKLOG_ROWS; i++)
		engine->fake.removed[i] = 0;
	engine_start_pass(engine);
	while (!engine_is_done(engine)) {
		engine_step(engine);
		if (engine_tally(engine)->purged < BACKLOG_ROWS / 20)
			early = resident_bytes();
		else if (engine_tally(engine)->purged % 64 == 0 && resident_bytes() > most)
			most = resident_bytes();
	}
	assert_int_equal(engine_tally(engine)->purged, BACKLOG_ROWS);
	assert_int_equal(engine->fake.removed_count, BACKLOG_ROWS);
	assert_int_equal(engine->fake.removed_twice, 0);
	assert_true(early > 0);
	assert_true((most - early) >> 20 < GROWTH_MAX_MIB);
	printf("resident: %lld KiB early, %lld KiB at most\n",
	       (long long)early / 1024,
	       (long long)most / 1024);
	engine_close(engine);
	free(engine);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(millions_of_rows_need_no_more_memory_than_thousands),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
