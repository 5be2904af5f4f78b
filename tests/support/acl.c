// SPDX-License-Identifier: MPL-2.0
// acl BROKERS allow|deny|forget PRINCIPAL (TYPE NAME OPERATION)...: what a principal may do, by the
// brokers' authorizer. TYPE is topic, group or cluster (whose NAME is kafka-cluster); OPERATION as
// Kafka's documents have it (Read, DescribeConfigs). Returns when the authorizer of a broker has
// it; with several brokers the others may still be a moment behind.
#include "support/admin.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { LOOK_AGAIN_MS = 20 };

struct binding {
	rd_kafka_ResourceType_t type;
	const char *name;
	const char *principal;
	rd_kafka_AclOperation_t operation;
};

static rd_kafka_ResourceType_t read_type(const char *word) {
	if (strcmp(word, "topic") == 0)
		return RD_KAFKA_RESOURCE_TOPIC;
	if (strcmp(word, "group") == 0)
		return RD_KAFKA_RESOURCE_GROUP;
	if (strcmp(word, "cluster") != 0)
		admin_die("no such type", word);
	return RD_KAFKA_RESOURCE_BROKER; // the protocol's number of the cluster
}

static rd_kafka_AclOperation_t read_operation(const char *word) {
	static const struct {
		const char *word;
		rd_kafka_AclOperation_t operation;
	} all[] = {
		{"Alter", RD_KAFKA_ACL_OPERATION_ALTER},
		{"AlterConfigs", RD_KAFKA_ACL_OPERATION_ALTER_CONFIGS},
		{"Create", RD_KAFKA_ACL_OPERATION_CREATE},
		{"Delete", RD_KAFKA_ACL_OPERATION_DELETE},
		{"Describe", RD_KAFKA_ACL_OPERATION_DESCRIBE},
		{"DescribeConfigs", RD_KAFKA_ACL_OPERATION_DESCRIBE_CONFIGS},
		{"IdempotentWrite", RD_KAFKA_ACL_OPERATION_IDEMPOTENT_WRITE},
		{"Read", RD_KAFKA_ACL_OPERATION_READ},
		{"Write", RD_KAFKA_ACL_OPERATION_WRITE},
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (strcasecmp(all[i].word, word) == 0)
			return all[i].operation;
	admin_die("no such operation", word);
}

static rd_kafka_AclBindingFilter_t *filter_of(
	const struct binding *binding, rd_kafka_AclPermissionType_t permission
) {
	char error[256];

	return rd_kafka_AclBindingFilter_new(
		binding->type,
		binding->name,
		RD_KAFKA_RESOURCE_PATTERN_LITERAL,
		binding->principal,
		"*",
		binding->operation,
		permission,
		error,
		sizeof(error)
	);
}

static bool is_there(
	const struct admin *admin,
	const struct binding *binding,
	rd_kafka_AclPermissionType_t permission
) {
	rd_kafka_AclBindingFilter_t *filter = filter_of(binding, permission);
	rd_kafka_event_t *event;
	size_t count = 0;

	rd_kafka_DescribeAcls(admin->handle, filter, NULL, admin->queue);
	event = admin_wait_for(admin, RD_KAFKA_EVENT_DESCRIBEACLS_RESULT);
	rd_kafka_DescribeAcls_result_acls(rd_kafka_event_DescribeAcls_result(event), &count);
	rd_kafka_event_destroy(event);
	rd_kafka_AclBinding_destroy(filter);
	return count > 0;
}

static void give(
	const struct admin *admin,
	const struct binding *binding,
	rd_kafka_AclPermissionType_t permission
) {
	char error[256];
	rd_kafka_AclBinding_t *acl = rd_kafka_AclBinding_new(
		binding->type,
		binding->name,
		RD_KAFKA_RESOURCE_PATTERN_LITERAL,
		binding->principal,
		"*",
		binding->operation,
		permission,
		error,
		sizeof(error)
	);
	const rd_kafka_acl_result_t **results;
	rd_kafka_event_t *event;
	size_t count = 0;

	if (acl == NULL)
		admin_die("no such right", error);
	rd_kafka_CreateAcls(admin->handle, &acl, 1, NULL, admin->queue);
	event = admin_wait_for(admin, RD_KAFKA_EVENT_CREATEACLS_RESULT);
	results = rd_kafka_CreateAcls_result_acls(rd_kafka_event_CreateAcls_result(event), &count);
	if (count != 1 || rd_kafka_acl_result_error(results[0]) != NULL)
		admin_die(
			"cannot give",
			count == 1 ? rd_kafka_error_string(rd_kafka_acl_result_error(results[0]))
				   : "no result"
		);
	rd_kafka_event_destroy(event);
	rd_kafka_AclBinding_destroy(acl);
	while (!is_there(admin, binding, permission))
		rd_kafka_poll(admin->handle, LOOK_AGAIN_MS);
}

static void forget(const struct admin *admin, const struct binding *binding) {
	rd_kafka_AclBindingFilter_t *filter = filter_of(binding, RD_KAFKA_ACL_PERMISSION_TYPE_ANY);

	rd_kafka_DeleteAcls(admin->handle, &filter, 1, NULL, admin->queue);
	rd_kafka_event_destroy(admin_wait_for(admin, RD_KAFKA_EVENT_DELETEACLS_RESULT));
	rd_kafka_AclBinding_destroy(filter);
	while (is_there(admin, binding, RD_KAFKA_ACL_PERMISSION_TYPE_ANY))
		rd_kafka_poll(admin->handle, LOOK_AGAIN_MS);
}

static void obey(const struct admin *admin, const char *order, const struct binding *binding) {
	if (strcmp(order, "allow") == 0)
		give(admin, binding, RD_KAFKA_ACL_PERMISSION_TYPE_ALLOW);
	else if (strcmp(order, "deny") == 0)
		give(admin, binding, RD_KAFKA_ACL_PERMISSION_TYPE_DENY);
	else if (strcmp(order, "forget") == 0)
		forget(admin, binding);
	else
		admin_die("no such order", order);
}

int main(int argc, char **argv) {
	struct admin admin;

	if (argc < 4 || (argc - 4) % 3 != 0)
		admin_die(
			"usage", "acl BROKERS allow|deny|forget PRINCIPAL (TYPE NAME OPERATION)..."
		);
	admin = admin_open(argv[1], NULL);
	for (int i = 4; i < argc; i += 3)
		obey(&admin,
		     argv[2],
		     &(struct binding){
			     .type = read_type(argv[i]),
			     .name = argv[i + 1],
			     .principal = argv[3],
			     .operation = read_operation(argv[i + 2])});
	admin_close(&admin);
	return 0;
}
