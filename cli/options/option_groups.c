// SPDX-License-Identifier: MPL-2.0
// option_groups: groups of options that several commands have.
#include "cli/options/option_groups.h"

#include "cli/front/front.h"
#include "common/kafka/kafka.h"
#include "common/target/target.h"
#include "common/target/target_front.h"

struct conf_group option_group_target(const struct target *target, void *config) {
	return (struct conf_group){
		.title = target->name,
		.rows = target->front->options,
		.count = target->front->option_count,
		.base = config,
	};
}

struct conf_group option_group_kafka(struct kafka_options *kafka) {
	return (struct conf_group){
		.title = "Kafka",
		.rows = kafka_option_rows,
		.count = KAFKA_OPTION_ROWS,
		.base = kafka,
	};
}

struct conf_group option_group_log(struct front_log *log) {
	return (struct conf_group){
		.title = "log", .rows = front_log_rows, .count = FRONT_LOG_ROWS, .base = log};
}
