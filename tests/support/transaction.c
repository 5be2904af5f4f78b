// SPDX-License-Identifier: MPL-2.0
// transaction BROKERS TOPIC PARTITION: a record in a transaction that stays open until standard
// input ends, and is taken back then. Says "open" once it is.
#include "support/admin.h"

#include <stdio.h>
#include <stdlib.h>

enum { ANSWER_MS = 10 * 1000 };

static rd_kafka_t *open_producer(const char *brokers) {
	rd_kafka_conf_t *conf = rd_kafka_conf_new();
	char error[256] = "";
	rd_kafka_t *handle;

	if (rd_kafka_conf_set(conf, "bootstrap.servers", brokers, error, sizeof(error)) !=
		    RD_KAFKA_CONF_OK ||
	    rd_kafka_conf_set(conf, "transactional.id", "of-a-test", error, sizeof(error)) !=
		    RD_KAFKA_CONF_OK)
		admin_die(brokers, error);
	handle = rd_kafka_new(RD_KAFKA_PRODUCER, conf, error, sizeof(error));
	if (handle == NULL)
		admin_die(brokers, error);
	return handle;
}

static void need(rd_kafka_error_t *error, const char *what) {
	if (error != NULL)
		admin_die(what, rd_kafka_error_string(error));
}

int main(int argc, char **argv) {
	rd_kafka_t *handle;

	if (argc != 4)
		admin_die("usage", "transaction BROKERS TOPIC PARTITION");
	handle = open_producer(argv[1]);
	need(rd_kafka_init_transactions(handle, ANSWER_MS), "init");
	need(rd_kafka_begin_transaction(handle), "begin");
	if (__extension__ rd_kafka_producev(
		    handle,
		    RD_KAFKA_V_TOPIC(argv[2]),
		    RD_KAFKA_V_PARTITION((int32_t)strtol(argv[3], NULL, 10)),
		    RD_KAFKA_V_VALUE((void *)"x", 1),
		    RD_KAFKA_V_END
	    ) != RD_KAFKA_RESP_ERR_NO_ERROR ||
	    rd_kafka_flush(handle, ANSWER_MS) != RD_KAFKA_RESP_ERR_NO_ERROR)
		admin_die(argv[2], "cannot be written to in time");
	puts("open");
	fflush(stdout);
	while (getchar() != EOF)
		;
	need(rd_kafka_abort_transaction(handle, ANSWER_MS), "abort");
	rd_kafka_destroy(handle);
	return 0;
}
