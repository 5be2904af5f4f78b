// SPDX-License-Identifier: MPL-2.0
// put BROKERS TOPIC PARTITION STAMP_MS < VALUE: a record with the time stamp of another time, which
// kcat cannot make. Returns when a broker has it.
#include "support/admin.h"

#include <stdio.h>
#include <stdlib.h>

enum { VALUE_BYTES_MAX = 64 * 1024, FLUSH_MS = 10 * 1000 };

static void hear(rd_kafka_t *handle, const rd_kafka_message_t *message, void *opaque) {
	(void)handle;
	(void)opaque;
	if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR)
		admin_die("refused", rd_kafka_err2str(message->err));
}

int main(int argc, char **argv) {
	static char value[VALUE_BYTES_MAX];
	struct admin admin;
	size_t len;

	if (argc != 5)
		admin_die("usage", "put BROKERS TOPIC PARTITION STAMP_MS < VALUE");
	len = fread(value, 1, sizeof(value), stdin);
	admin = admin_open(argv[1], hear);
	if (__extension__ rd_kafka_producev(
		    admin.handle,
		    RD_KAFKA_V_TOPIC(argv[2]),
		    RD_KAFKA_V_PARTITION((int32_t)strtol(argv[3], NULL, 10)),
		    RD_KAFKA_V_TIMESTAMP(strtoll(argv[4], NULL, 10)),
		    RD_KAFKA_V_KEY("0", 1),
		    RD_KAFKA_V_VALUE(value, len),
		    RD_KAFKA_V_END
	    ) != RD_KAFKA_RESP_ERR_NO_ERROR ||
	    rd_kafka_flush(admin.handle, FLUSH_MS) != RD_KAFKA_RESP_ERR_NO_ERROR)
		admin_die(argv[2], "cannot be written to in time");
	admin_close(&admin);
	return 0;
}
