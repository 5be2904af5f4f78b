// SPDX-License-Identifier: MPL-2.0
// dlrepo_record_types_test: a record whose map lacks something or has another type is not read.
#include "support/test.h"

#include "common/candidate.h"
#include "common/pack/pack.h"
#include "common/targets/dlrepo/record/record.h"
#include "common/targets/dlrepo/record/record_keys.h"

#include <errno.h>
#include <string.h>

// What a field of the map is; the first is what a scan writes.
enum form { FORM_RIGHT, FORM_NONE, FORM_STR, FORM_INT, FORM_BOOL, FORM_BIN, FORM_NIL, FORMS };

struct field {
	const char *key;
	enum form right;
	const char *text; // of a string, or bytes
};

static const struct field tag_fields[] = {
	{RECORD_KIND, FORM_STR, RECORD_KIND_TAG},
	{RECORD_BRANCH, FORM_BIN, "main"},
	{RECORD_NAME, FORM_BIN, "t1"},
	{RECORD_RELEASED, FORM_BOOL, ""},
	{RECORD_STAMP_S, FORM_INT, ""},
	{RECORD_STAMP_NS, FORM_INT, ""},
};

static const struct field files_fields[] = {
	{RECORD_KIND, FORM_STR, RECORD_KIND_FILES},
	{RECORD_DIR, FORM_BIN, ".blobs/sha256/e3"},
	{RECORD_NAMES, FORM_BIN, "\1a"},
};

static void put(struct pack *pack, const struct field *field, enum form form) {
	switch (form == FORM_RIGHT ? field->right : form) {
	case FORM_STR:
		pack_str(pack, field->key, field->text);
		break;
	case FORM_INT:
		pack_int(pack, field->key, 7);
		break;
	case FORM_BOOL:
		pack_bool(pack, field->key, true);
		break;
	case FORM_BIN:
		pack_bin(pack, field->key, field->text, strlen(field->text));
		break;
	case FORM_NIL:
		pack_str(pack, field->key, NULL);
		break;
	default:
		pack_int(pack, "unknown", 1); // in its place
		break;
	}
}

static int read_bytes(const unsigned char *data, size_t len) {
	const struct candidate candidate = {.data = (unsigned char *)data, .data_bytes = len};
	struct record record;
	int err = record_read(&record, &candidate);

	record_fini(&record);
	return err;
}

// All of the fields as they should be, but for the wrong-th.
static int read_with(const struct field *fields, size_t count, size_t wrong, enum form form) {
	struct pack *pack = pack_new();
	const unsigned char *data;
	size_t len;
	int err;

	pack_reset(pack, (uint32_t)count);
	for (size_t i = 0; i < count; i++)
		put(pack, &fields[i], i == wrong ? form : FORM_RIGHT);
	assert_int_equal(pack_data(pack, &data, &len), 0);
	err = read_bytes(data, len);
	pack_free(pack);
	return err;
}

static void assert_all_are_needed(const struct field *fields, size_t count) {
	for (size_t i = 0; i < count; i++) {
		for (enum form form = FORM_RIGHT; form < FORMS; form++) {
			bool is_right = form == FORM_RIGHT || form == fields[i].right;

			if (read_with(fields, count, i, form) != (is_right ? 0 : -EBADMSG))
				fail_msg("'%s' as form %d", fields[i].key, (int)form);
		}
	}
}

static void each_field_has_to_be_there_and_of_its_type(void **state) {
	(void)state;
	assert_all_are_needed(tag_fields, sizeof(tag_fields) / sizeof(tag_fields[0]));
	assert_all_are_needed(files_fields, sizeof(files_fields) / sizeof(files_fields[0]));
}

static int read_kind(const char *kind) {
	struct field fields[sizeof(tag_fields) / sizeof(tag_fields[0])];

	memcpy(fields, tag_fields, sizeof(fields));
	fields[0].text = kind;
	return read_with(fields, sizeof(fields) / sizeof(fields[0]), 0, FORM_RIGHT);
}

static void a_kind_that_is_not_known_is_refused(void **state) {
	(void)state;
	assert_int_equal(read_kind("tag"), 0);
	assert_int_equal(read_kind("files"), -EBADMSG); // it lacks what files have
	assert_int_equal(read_kind(""), -EBADMSG);
	assert_int_equal(read_kind("TAG"), -EBADMSG);
	assert_int_equal(read_kind("a kind of more bytes than any"), -EBADMSG);
}

static void a_record_that_is_cut_anywhere_is_refused(void **state) {
	struct pack *pack = pack_new();
	const unsigned char *data;
	size_t len;

	(void)state;
	pack_reset(pack, sizeof(files_fields) / sizeof(files_fields[0]));
	for (size_t i = 0; i < sizeof(files_fields) / sizeof(files_fields[0]); i++)
		put(pack, &files_fields[i], FORM_RIGHT);
	assert_int_equal(pack_data(pack, &data, &len), 0);
	assert_int_equal(read_bytes(data, len), 0);
	for (size_t cut = 0; cut < len; cut++)
		assert_int_equal(read_bytes(data, cut), -EBADMSG);
	pack_free(pack);
}

static void what_is_no_map_is_refused(void **state) {
	(void)state;
	assert_int_equal(read_bytes((const unsigned char *)"", 0), -EBADMSG);
	assert_int_equal(read_bytes((const unsigned char *)"\x80", 1), -EBADMSG); // empty
	assert_int_equal(read_bytes((const unsigned char *)"\x90", 1), -EBADMSG);
	assert_int_equal(read_bytes((const unsigned char *)"\xc1", 1), -EBADMSG);
	assert_int_equal(read_bytes((const unsigned char *)"{\"kind\":\"tag\"}", 14), -EBADMSG);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_field_has_to_be_there_and_of_its_type),
		cmocka_unit_test(a_kind_that_is_not_known_is_refused),
		cmocka_unit_test(a_record_that_is_cut_anywhere_is_refused),
		cmocka_unit_test(what_is_no_map_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
