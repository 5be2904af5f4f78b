// SPDX-License-Identifier: MPL-2.0
// db_words_test: what the server says about a failure, and what of it is not passed on.
#include "common/db/db_words.h"

#include <string.h>

#include "support/test.h"

struct example {
	unsigned number;
	const char *words;
	const char *expected;
};

static void check(const struct example *examples, size_t count) {
	char out[512];

	for (size_t i = 0; i < count; i++) {
		db_words_copy(out, sizeof(out), examples[i].number, examples[i].words);
		if (strcmp(out, examples[i].expected) != 0)
			fail_msg(
				"%s\nbecame %s\nnot    %s",
				examples[i].words,
				out,
				examples[i].expected
			);
	}
}

#define CHECK(examples) check(examples, sizeof(examples) / sizeof((examples)[0]))

static void keeps_words_without_data(void **state) {
	static const char *const words[] = {
		"",
		"Deadlock found when trying to get lock; try restarting transaction",
		"Access denied for user 'test'@'127.0.0.1' (using password: YES)",
		"Access denied for user ''@'localhost' to database 'tokenserver'",
		"DELETE command denied to user 'purger'@'%' for table `tokenserver`.`users`",
		"Table 'tokenserver.users' doesn't exist",
		"Can't connect to server on '127.0.0.1' (115)",
		"The users' table 'users' can't be read",
		"Unknown system variable '' and @@global.sql_mode",
		"a foreign key constraint fails (`t`.`h`, CONSTRAINT `h_1` FOREIGN KEY (`uid`))",
		"BIGINT UNSIGNED value is out of range in '(`t`.`nodes`.`current_load` - 1)'",
		"You have an error in your SQL syntax; near 'FROM users' at line 1",
		"Acc\xc3\xa8s refus\xc3\xa9 pour l'utilisateur: 'test'@'127.0.0.1'",
		"not this one",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		check(&(struct example){1644, words[i], words[i]}, 1);
}

static void blanks_a_duplicate_entry_but_not_its_key(void **state) {
	static const struct example examples[] = {
		{1062,
		 "Duplicate entry 'a.b@example.com' for key 'email'",
		 "Duplicate entry '…' for key 'email'"},
		{1062,
		 "Duplicate entry '7-0123456789abcdef' for key 'users.PRIMARY'",
		 "Duplicate entry '…' for key 'users.PRIMARY'"},
		{1062, "Duplicate entry '' for key 'k'", "Duplicate entry '…' for key 'k'"},
		{1062,
		 "Duplicate entry 'o'hara' for key 'mine' for key 'email'",
		 "Duplicate entry '…' for key 'email'"},
		{1062,
		 "Duplicate entry 'o''hara\\' for key 'email'",
		 "Duplicate entry '…' for key 'email'"},
		{1586,
		 "Doppelter Eintrag 'x y' für Schlüssel 'email'",
		 "Doppelter Eintrag '…' für Schlüssel 'email'"},
		// What is no name is not a key.
		{1062, "Duplicate entry 'a' for key 'of john doe'", "Duplicate entry '…'"},
		{1062, "Duplicate entry 'a' for key 'b@c'", "Duplicate entry '…'"},
		// Cut in the middle.
		{1062, "Duplicate entry 'a' for key 'em", "Duplicate entry '…'"},
		{1062, "Duplicate entry 'o'hara and", "Duplicate entry '…'"},
		{1062, "Duplicate entry 'secret'", "Duplicate entry '…'"},
		{1062, "Duplicate entry 'very'secret'", "Duplicate entry '…'"},
		{1062, "Duplicate entry '", "Duplicate entry '…'"},
		{1062, "Duplicate entry", "Duplicate entry"},
	};

	(void)state;
	CHECK(examples);
}

static void blanks_values_that_are_refused(void **state) {
	static const struct example examples[] = {
		{1366,
		 "Incorrect string value: '\\xE4secret' for column `t`.`users`.`email` at row 1",
		 "Incorrect string value: '…' for column `t`.`users`.`email` at row 1"},
		{1366,
		 "Incorrect integer value: 'a' b' for column 'uid' at row 1",
		 "Incorrect integer value: '…' at row 1"},
		{1292,
		 "Truncated incorrect DOUBLE value: 'secret'",
		 "Truncated incorrect DOUBLE value: '…'"},
		{1292,
		 "Truncated incorrect DOUBLE value: 'secr",
		 "Truncated incorrect DOUBLE value: '…'"},
		{1292,
		 "Truncated incorrect DOUBLE value: 'it's secr",
		 "Truncated incorrect DOUBLE value: '…'"},
		{1300,
		 "Invalid utf8mb4 character string: 'secret'",
		 "Invalid utf8mb4 character string: '…'"},
	};

	(void)state;
	CHECK(examples);
}

static void blanks_whatever_quotes_an_address(void **state) {
	static const struct example examples[] = {
		{1644, "kept 'a@b' there", "kept '…' there"},
		{1644, "kept \"a@b\" there", "kept \"…\" there"},
		{1644, "kept `a@b` there", "kept `…` there"},
		{1644, "'a@b'", "'…'"},
		{1644, "('a@b','c','@')", "('…','c','…')"},
		{1644, "'john's own@b' stays", "'…' stays"},
		{1644, "'o''hara@b' stays", "'…' stays"},
		{1644, "'o\\'hara@b' stays", "'…' stays"},
		{1644, "\"john doe\"@example.com stays", "\"…\"… stays"},
		// Where a piece ends is not sure: more is blanked.
		{1064, "near 'VALUES (\"john\", 'a@b')' at line 1", "near '…')'…"},
		// An account that is an address.
		{1045,
		 "denied for user 'a@b'@'10.0.0.1' (x)",
		 "denied for user '…'@'10.0.0.1' (x)"},
	};

	(void)state;
	CHECK(examples);
}

static void blanks_what_is_cut_off_in_its_quotes(void **state) {
	static const struct example examples[] = {
		{1644, "kept 'very.priv", "kept '…"},
		{1644, "kept 'very.private@exam", "kept '…"},
		{1644, "kept \"very", "kept \"…"},
		{1644, "kept `very", "kept `…"},
		{1644, "kept 'x\\' and on", "kept '…"},
		{1644, "kept '", "kept '…"},
	};

	(void)state;
	CHECK(examples);
}

static void blanks_an_address_without_quotes(void **state) {
	static const struct example examples[] = {
		{1644, "a.b+c@example.com is kept", "… is kept"},
		{1644, "kept: <a@b>, mailto:c@d; e@f", "kept: <…>, mailto:…; …"},
		{1644, "kept o'hara@example.com", "kept …"},
		{1644, "kept \xc3\xa4@b", "kept …"},
		{1644, "kept 'x'y@example.com", "kept '…"},
		{1644, "a @ b", "a @ b"},
	};

	(void)state;
	CHECK(examples);
}

// No way of cutting a text short brings back what was blanked in the whole.
static void never_passes_on_an_address_however_it_is_cut(void **state) {
	static const char
		words[] = "kept 'it''s \"o'hara@example.com\"' of a@b, 'c\\'d@e' `f@g`@'h'";
	char cut[sizeof(words)], out[512];

	(void)state;
	for (size_t len = 0; len < sizeof(words); len++) {
		static const char *const secrets[] = {"hara@", "example", "a@b", "d@e", "f@g"};

		memcpy(cut, words, len);
		cut[len] = '\0';
		db_words_copy(out, sizeof(out), 1644, cut);
		for (size_t i = 0; i < sizeof(secrets) / sizeof(secrets[0]); i++) {
			if (strstr(out, secrets[i]) != NULL)
				fail_msg("%s\nbecame %s", cut, out);
		}
	}
}

// All short texts of letters, quotes and what else matters.
static void never_passes_on_an_address_however_it_is_quoted(void **state) {
	static const char alphabet[] = "a@'\"\\ (";
	enum { LEN = 7, LETTERS = sizeof(alphabet) - 1 };
	char words[LEN + 1] = "", out[64];
	unsigned long cases = 1;

	(void)state;
	for (size_t i = 0; i < LEN; i++)
		cases *= LETTERS;
	for (unsigned long n = 0; n < cases; n++) {
		unsigned long rest = n;

		for (size_t i = 0; i < LEN; i++, rest /= LETTERS)
			words[i] = alphabet[rest % LETTERS];
		db_words_copy(out, sizeof(out), 1644, words);
		if (strstr(out, "a@a") != NULL)
			fail_msg("%s\nbecame %s", words, out);
	}
}

static void fits_into_any_room(void **state) {
	static const char words[] = "Duplicate entry 'a@b' for key 'email'";
	char out[64];

	(void)state;
	for (size_t room = 1; room < sizeof(out); room++) {
		memset(out, '#', sizeof(out));
		db_words_copy(out, room, 1062, words);
		assert_true(strlen(out) < room);
		if (room < sizeof(out) - 1)
			assert_int_equal(out[room], '#');
	}
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keeps_words_without_data),
		cmocka_unit_test(blanks_a_duplicate_entry_but_not_its_key),
		cmocka_unit_test(blanks_values_that_are_refused),
		cmocka_unit_test(blanks_whatever_quotes_an_address),
		cmocka_unit_test(blanks_what_is_cut_off_in_its_quotes),
		cmocka_unit_test(blanks_an_address_without_quotes),
		cmocka_unit_test(never_passes_on_an_address_however_it_is_cut),
		cmocka_unit_test(never_passes_on_an_address_however_it_is_quoted),
		cmocka_unit_test(fits_into_any_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
