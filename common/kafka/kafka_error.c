// SPDX-License-Identifier: MPL-2.0
// kafka_error: what an error of librdkafka or of the brokers calls for.
#include "common/kafka/kafka_error.h"

#include <errno.h>

static enum kafka_class classify_rest(rd_kafka_resp_err_t err) {
	switch (err) {
	case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
	case RD_KAFKA_RESP_ERR_INVALID_MSG:
	case RD_KAFKA_RESP_ERR_INVALID_MSG_SIZE:
	case RD_KAFKA_RESP_ERR_INVALID_RECORD:
	case RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP:
	case RD_KAFKA_RESP_ERR_INVALID_CONFIG:
	case RD_KAFKA_RESP_ERR_INVALID_PARTITIONS:
	case RD_KAFKA_RESP_ERR_INVALID_REPLICATION_FACTOR:
	case RD_KAFKA_RESP_ERR_INVALID_REQUIRED_ACKS:
	case RD_KAFKA_RESP_ERR_OFFSET_METADATA_TOO_LARGE:
	case RD_KAFKA_RESP_ERR_POLICY_VIOLATION:
	case RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE:
	case RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION:
	case RD_KAFKA_RESP_ERR_UNSUPPORTED_VERSION:
	case RD_KAFKA_RESP_ERR__BAD_MSG:
	case RD_KAFKA_RESP_ERR__INVALID_ARG:
	case RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE:
		return KAFKA_REFUSED;
	default:
		return KAFKA_RETRY;
	}
}

enum kafka_class kafka_classify(rd_kafka_resp_err_t err) {
	switch (err) {
	case RD_KAFKA_RESP_ERR_NO_ERROR:
		return KAFKA_OK;
	case RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS:
	case RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID:
	case RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION:
	case RD_KAFKA_RESP_ERR__ASSIGNMENT_LOST:
		return KAFKA_LOST;
	case RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID:
	case RD_KAFKA_RESP_ERR_PRODUCER_FENCED:
	case RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH:
	case RD_KAFKA_RESP_ERR__FENCED:
		return KAFKA_FENCED;
	case RD_KAFKA_RESP_ERR__FATAL:
	case RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER:
	case RD_KAFKA_RESP_ERR__DESTROY:
		return KAFKA_FATAL;
	case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
	case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
	case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
	case RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED:
	case RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED:
	case RD_KAFKA_RESP_ERR__AUTHENTICATION:
	case RD_KAFKA_RESP_ERR__SSL:
		return KAFKA_DENIED;
	case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
	case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
	case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
		return KAFKA_MISSING;
	default:
		return classify_rest(err);
	}
}

const char *kafka_class_name(enum kafka_class class) {
	static const char *const names[] = {
		[KAFKA_OK] = "ok",
		[KAFKA_RETRY] = "retry",
		[KAFKA_LOST] = "assignment_lost",
		[KAFKA_FENCED] = "fenced",
		[KAFKA_FATAL] = "fatal",
		[KAFKA_DENIED] = "denied",
		[KAFKA_MISSING] = "missing",
		[KAFKA_REFUSED] = "refused",
	};

	return names[class];
}

int kafka_errno(rd_kafka_resp_err_t err) {
	switch (kafka_classify(err)) {
	case KAFKA_OK:
		return 0;
	case KAFKA_MISSING:
		return -ENOENT;
	case KAFKA_DENIED:
		return -EACCES;
	default:
		return -EAGAIN;
	}
}
