// SPDX-License-Identifier: MPL-2.0
// db_library: the client library as a whole.
//
// Design notes. The library is set up once in a process, by whoever opens the first connection. It
// also keeps data for each thread that uses it: a thread enters on its first call and the key's
// destructor leaves when the thread ends, so that it does not matter which thread closes which
// handle last.
#include "common/db/db_library.h"

#include <errno.h>
#include <mysql.h>
#include <pthread.h>
#include <stdbool.h>

static pthread_once_t db_library_once = PTHREAD_ONCE_INIT;
static pthread_key_t db_library_key;
static bool db_library_works;

static void db_library_leave(void *unused) {
	(void)unused;
	mysql_thread_end();
}

static void db_library_init(void) {
	db_library_works = mysql_library_init(0, NULL, NULL) == 0 &&
		pthread_key_create(&db_library_key, db_library_leave) == 0;
}

int db_library_enter(void) {
	pthread_once(&db_library_once, db_library_init);
	if (!db_library_works)
		return -ENOMEM;
	if (pthread_getspecific(db_library_key))
		return 0;
	if (mysql_thread_init() || pthread_setspecific(db_library_key, &db_library_key))
		return -ENOMEM;
	return 0;
}
