// SPDX-License-Identifier: MPL-2.0
// elsewhere: options that a command does not have.
#include "cli/options/elsewhere.h"

#include "common/kafka/kafka.h"
#include "common/target/target.h"
#include "common/target/target_front.h"

const struct conf_group elsewhere_kafka[ELSEWHERE_KAFKA] = {
	{.rows = kafka_option_rows, .count = KAFKA_OPTION_ROWS},
};

struct conf_group elsewhere_target(const struct target *target) {
	return (struct conf_group){
		.rows = target->front->options, .count = target->front->option_count};
}
