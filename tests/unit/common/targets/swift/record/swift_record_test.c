// SPDX-License-Identifier: MPL-2.0
// swift_record_test: containers as the queue carries them.
#include "support/test.h"

#include "common/candidate.h"
#include "common/pack/pack.h"
#include "common/page.h"
#include "common/targets/swift/record/container_record.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const struct container_moment moment = {.deleted_ms = 5000, .seen_ms = 7000};
static const struct name_part account = {"AUTH_a", 6};
static const struct name_part odd = {"\0versions\0v\xC3\xA9 x", 15};

static struct candidate *put(struct page *page, const struct name_part *container) {
	page_init(page);
	assert_int_equal(container_record_put(page, &moment, &account, container), 0);
	assert_int_equal(page->count, 1);
	return page->first;
}

static void assert_name(struct name_part name, struct name_part expected) {
	assert_int_equal(name.len, expected.len);
	assert_memory_equal(name.bytes, expected.bytes, expected.len);
}

static void is_read_as_it_was_put(void **state) {
	struct page page;
	const struct candidate *candidate = put(&page, &odd);
	struct container_record record;

	(void)state;
	assert_string_equal(candidate->id, "AUTH_a/%00versions%00v%C3%A9%20x");
	assert_int_equal(candidate->at, 5000);
	assert_int_equal(candidate->seen_ms, 7000);
	assert_int_equal(candidate->checked_mono_ms, 0);
	assert_int_equal(container_record_read(&record, candidate), 0);
	assert_name(record.account, account);
	assert_name(record.container, odd);
	assert_int_equal(record.marker.len, 0);
	container_record_fini(&record);
	page_fini(&page);
}

static void goes_on_behind_its_marker(void **state) {
	struct page page;
	const struct candidate *candidate = put(&page, &odd);
	struct container_record record, again;
	struct candidate copy = *candidate;

	(void)state;
	assert_int_equal(container_record_read(&record, candidate), 0);
	record.marker = (struct name_part){"o\0 1", 4};
	assert_int_equal(container_record_pack(&record, &copy.data, &copy.data_bytes), 0);
	assert_int_equal(container_record_read(&again, &copy), 0);
	assert_name(again.container, odd);
	assert_name(again.marker, record.marker);
	free(copy.data);
	container_record_fini(&again);
	container_record_fini(&record);
	page_fini(&page);
}

static void goes_on_with_its_source(void **state) {
	struct page page;
	const struct candidate *candidate = put(&page, &odd);
	struct container_record record, again;
	struct candidate copy = *candidate;

	(void)state;
	assert_int_equal(container_record_read(&record, candidate), 0);
	assert_int_equal(record.source.account.len, 0);
	record.source = (struct record_source){
		.account = {".shards_AUTH_a", 14},
		.container = {"c-1", 3},
		.server = -1,
		.policy = 2,
	};
	assert_int_equal(container_record_pack(&record, &copy.data, &copy.data_bytes), 0);
	assert_int_equal(container_record_read(&again, &copy), 0);
	assert_name(again.account, account);
	assert_name(again.source.account, record.source.account);
	assert_name(again.source.container, record.source.container);
	assert_int_equal(again.source.server, -1);
	assert_int_equal(again.source.policy, 2);
	free(copy.data);
	container_record_fini(&again);
	// A name with a slash would be another one.
	record.source.container = (struct name_part){"c/1", 3};
	assert_int_equal(container_record_pack(&record, &copy.data, &copy.data_bytes), 0);
	assert_int_equal(container_record_read(&again, &copy), -EBADMSG);
	free(copy.data);
	container_record_fini(&record);
	page_fini(&page);
}

static void a_long_name_has_a_short_id_of_its_own(void **state) {
	char one[256], other[256];
	struct page page;
	char *id;
	int64_t key;

	(void)state;
	memset(one, ' ', sizeof(one));
	memset(other, ' ', sizeof(other));
	other[255] = 'x';
	id = strdup(put(&page, &(struct name_part){one, sizeof(one)})->id);
	key = page.first->key;
	page_fini(&page);
	put(&page, &(struct name_part){other, sizeof(other)});
	assert_true(strlen(id) < 512);
	assert_string_not_equal(page.first->id, id);
	assert_int_not_equal(page.first->key, key);
	assert_true(key >= 0 && page.first->key >= 0);
	free(id);
	page_fini(&page);
}

static void what_cannot_be_a_container_is_refused(void **state) {
	static const struct {
		const char *account, *container;
	} rows[] = {{"", "c"}, {"a", ""}, {"a/b", "c"}, {"a", "c/d"}, {"a", "/"}};
	struct container_record record;
	struct pack *pack = pack_new();

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const unsigned char *data;
		struct candidate candidate = {0};

		pack_reset(pack, 3);
		pack_bin(pack, "account", rows[i].account, strlen(rows[i].account));
		pack_bin(pack, "container", rows[i].container, strlen(rows[i].container));
		pack_bin(pack, "marker", "", 0);
		assert_int_equal(pack_data(pack, &data, &candidate.data_bytes), 0);
		candidate.data = (unsigned char *)data;
		assert_int_equal(container_record_read(&record, &candidate), -EBADMSG);
		assert_null(record.bytes);
	}
	pack_free(pack);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(is_read_as_it_was_put),
		cmocka_unit_test(goes_on_behind_its_marker),
		cmocka_unit_test(goes_on_with_its_source),
		cmocka_unit_test(a_long_name_has_a_short_id_of_its_own),
		cmocka_unit_test(what_cannot_be_a_container_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
