// SPDX-License-Identifier: MPL-2.0
// commit BROKERS GROUP TOPIC PARTITION OFFSET: sets what a group that nobody is in has committed,
// as Kafka's own tools do.
#include "support/admin.h"

#include <stdlib.h>

static rd_kafka_t *open_group(const char *brokers, const char *group) {
	char error[256] = "";
	rd_kafka_conf_t *conf = rd_kafka_conf_new();
	rd_kafka_t *handle;

	if (rd_kafka_conf_set(conf, "bootstrap.servers", brokers, error, sizeof(error)) !=
		    RD_KAFKA_CONF_OK ||
	    rd_kafka_conf_set(conf, "group.id", group, error, sizeof(error)) != RD_KAFKA_CONF_OK)
		admin_die(group, error);
	handle = rd_kafka_new(RD_KAFKA_CONSUMER, conf, error, sizeof(error));
	if (handle == NULL)
		admin_die(group, error);
	return handle;
}

int main(int argc, char **argv) {
	rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
	rd_kafka_resp_err_t err;
	rd_kafka_t *handle;

	if (argc != 6)
		admin_die("usage", "commit BROKERS GROUP TOPIC PARTITION OFFSET");
	handle = open_group(argv[1], argv[2]);
	rd_kafka_topic_partition_list_add(list, argv[3], (int32_t)strtol(argv[4], NULL, 10))
		->offset = strtoll(argv[5], NULL, 10);
	err = rd_kafka_commit(handle, list, 0);
	if (err != RD_KAFKA_RESP_ERR_NO_ERROR)
		admin_die(argv[2], rd_kafka_err2str(err));
	rd_kafka_topic_partition_list_destroy(list);
	rd_kafka_destroy(handle);
	return 0;
}
