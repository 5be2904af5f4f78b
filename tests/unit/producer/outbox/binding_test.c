// SPDX-License-Identifier: MPL-2.0
// binding_test: topics belong to one database. Brokers and database are stood in for.
#include "common/kafka/topics/kafka_state.h"
#include "common/target/target_scanner.h"
#include "producer/outbox/binding.h"
#include "support/test.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

// What the stand-ins answer, and what they were told.
struct world {
	const char *scope; // of the database
	int identify_err;
	char bound[LAYOUT_SCOPE_BYTES]; // "": to none
	int state_err;
	int binds;
	bool may_name;
};
static struct world world;

WRAPS(kafka_state_bind);
WRAPS(kafka_state_layout);
WRAPS(kafka_state_error);

int __wrap_kafka_state_layout(struct kafka_state *state, int64_t timeout_ms, struct layout *out) {
	(void)state;
	(void)timeout_ms;
	*out = (struct layout){.range_width = 10};
	snprintf(out->scope, sizeof(out->scope), "%s", world.bound);
	return world.state_err;
}

int __wrap_kafka_state_bind(
	struct kafka_state *state, const char *scope, int64_t timeout_ms, struct layout *out
) {
	world.binds++;
	if (world.bound[0] == '\0')
		snprintf(world.bound, sizeof(world.bound), "%s", scope);
	__wrap_kafka_state_layout(state, timeout_ms, out);
	return strcmp(world.bound, scope) == 0 ? world.state_err : -ESTALE;
}

const char *__wrap_kafka_state_error(const struct kafka_state *state) {
	(void)state;
	return "the brokers do not answer";
}

static int identify(
	const void *config, struct handle *handle, bool may_name, char *out, size_t out_bytes
) {
	(void)config;
	(void)handle;
	world.may_name = may_name;
	snprintf(out, out_bytes, "%s", world.scope);
	return world.identify_err;
}

static const struct target_scanner named = {.named = "farm", .identify = identify};
static const struct target_scanner nameless = {.identify = NULL};

static char error[256];

static int check(const struct binding *binding) {
	struct layout layout;
	int err;

	error[0] = '\0';
	err = binding_check(binding, NULL, &layout, error, sizeof(error));
	if (err == 0)
		assert_int_equal(layout.range_width, 10);
	return err;
}

static void topics_are_bound_to_the_first_database(void **state) {
	const struct binding binding = {.scanner = &named};

	(void)state;
	world = (struct world){.scope = "orchard"};
	assert_int_equal(check(&binding), 0);
	assert_string_equal(world.bound, "orchard");
	assert_int_equal(check(&binding), 0);
}

static void topics_of_another_database_are_refused(void **state) {
	const struct binding binding = {.scanner = &named};

	(void)state;
	world = (struct world){.scope = "orchard", .bound = "garden"};
	assert_int_equal(check(&binding), -EINVAL);
	assert_string_equal(
		error,
		"these topics belong to the farm 'garden', this one is 'orchard'; give each "
		"its own --topic-prefix"
	);
	assert_string_equal(world.bound, "garden");
	assert_false(world.may_name);
}

static void what_has_no_name_gets_none_for_topics_of_another_one(void **state) {
	const struct binding binding = {.scanner = &named};

	(void)state;
	world = (struct world){.scope = "", .identify_err = -ENOENT, .bound = "garden"};
	assert_int_equal(check(&binding), -EINVAL);
	assert_non_null(strstr(error, "'(without a name yet)'"));
	assert_false(world.may_name);
	assert_int_equal(world.binds, 0);
}

static void a_dry_run_binds_nothing(void **state) {
	const struct binding binding = {.scanner = &named, .dryrun = true};

	(void)state;
	world = (struct world){.scope = "orchard"};
	assert_int_equal(check(&binding), 0);
	assert_false(world.may_name);
	snprintf(world.bound, sizeof(world.bound), "garden");
	assert_int_equal(check(&binding), -EINVAL);
	assert_int_equal(world.binds, 0);
}

static void a_dry_run_does_without_a_name(void **state) {
	const struct binding binding = {.scanner = &named, .dryrun = true};

	(void)state;
	world = (struct world){.scope = "nobody named it", .identify_err = -ENOENT};
	assert_int_equal(check(&binding), 0);
	snprintf(world.bound, sizeof(world.bound), "garden");
	assert_int_equal(check(&binding), -EINVAL);
	assert_non_null(strstr(error, "'(without a name yet)'"));
}

static void a_target_without_a_name_of_its_database_binds_nothing(void **state) {
	const struct binding binding = {.scanner = &nameless};

	(void)state;
	world = (struct world){.bound = "garden"};
	assert_int_equal(check(&binding), 0);
	assert_int_equal(world.binds, 0);
}

static void a_database_that_was_lost_is_told_by_who_connects_again(void **state) {
	const struct binding binding = {.scanner = &named};

	(void)state;
	world = (struct world){.scope = "", .identify_err = -ENOTCONN};
	assert_int_equal(check(&binding), -ENOTCONN);
	assert_string_equal(error, "");
	assert_int_equal(world.binds, 0);
}

static void a_database_without_a_name_is_told_in_the_targets_words(void **state) {
	const struct binding binding = {.scanner = &named};

	(void)state;
	world = (struct world){.scope = "no orchard here", .identify_err = -ENOENT};
	assert_int_equal(check(&binding), -ENOENT);
	assert_string_equal(error, "no orchard here");
}

static void brokers_that_do_not_answer_bind_nothing(void **state) {
	const struct binding binding = {.scanner = &named};

	(void)state;
	world = (struct world){.scope = "orchard", .state_err = -EAGAIN};
	assert_int_equal(check(&binding), -EAGAIN);
	assert_string_equal(error, "the brokers do not answer");
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(topics_are_bound_to_the_first_database),
		cmocka_unit_test(topics_of_another_database_are_refused),
		cmocka_unit_test(what_has_no_name_gets_none_for_topics_of_another_one),
		cmocka_unit_test(a_dry_run_binds_nothing),
		cmocka_unit_test(a_dry_run_does_without_a_name),
		cmocka_unit_test(a_target_without_a_name_of_its_database_binds_nothing),
		cmocka_unit_test(a_database_that_was_lost_is_told_by_who_connects_again),
		cmocka_unit_test(a_database_without_a_name_is_told_in_the_targets_words),
		cmocka_unit_test(brokers_that_do_not_answer_bind_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
