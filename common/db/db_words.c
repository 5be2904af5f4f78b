// SPDX-License-Identifier: MPL-2.0
// db_words: the server's words about a failure, without the data of rows that they quote.
//
// Design notes: the server does not escape what it quotes, cuts long values, and speaks many
// languages. So quotes are read by what stands around them, and where that leaves a doubt more is
// blanked, not less.
#include "common/db/db_words.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#define BLANK "\xe2\x80\xa6" // …

struct sink {
	char *out;
	size_t room; // without the end
};

static void put(struct sink *sink, const char *text, size_t len) {
	if (len > sink->room)
		len = sink->room;
	memcpy(sink->out, text, len);
	sink->out += len;
	sink->room -= len;
}

static bool is_quote(char c) {
	return c == '\'' || c == '"' || c == '`';
}

static bool is_word(char c) {
	return isalnum((unsigned char)c) || c == '_' || (unsigned char)c >= 0x80;
}

// Ends a piece without quotes.
static bool is_separator(char c) {
	return c == '\0' || is_quote(c) || isspace((unsigned char)c) || strchr("()<>[]{},;:=", c);
}

// The quote that ends what `text` begins with, or the end of the text. An apostrophe, a doubled or
// an escaped quote does not end it.
static const char *find_end(const char *text) {
	char quote = *text++;

	if (text[0] == quote && text[1] != quote)
		return text;
	for (; *text != '\0'; text++) {
		if ((text[0] == '\\' && text[1] != '\0') || (text[0] == quote && text[1] == quote))
			text++;
		else if (text[0] == quote && !is_word(text[1]))
			return text;
	}
	return text;
}

static bool holds_at(const char *text, size_t len) {
	return memchr(text, '@', len) != NULL;
}

// Is `at`, behind a quote, the beginning of an address's host?
static bool goes_on_as_address(const char *at) {
	return at[0] == '@' && !is_quote(at[1]) && !is_separator(at[1]);
}

static const char *put_quoted(struct sink *sink, const char *text) {
	const char *end = find_end(text);

	if (*end == '\0') {
		put(sink, text, 1);
		put(sink, BLANK, strlen(BLANK));
		return end;
	}
	if (holds_at(text, (size_t)(end - text)) || goes_on_as_address(end + 1)) {
		put(sink, text, 1);
		put(sink, BLANK, strlen(BLANK));
		put(sink, end, 1);
	} else {
		put(sink, text, (size_t)(end + 1 - text));
	}
	return end + 1;
}

// A piece without quotes: not a single @, as between the halves of an account, nor @@ before a
// variable's name.
static bool is_address(const char *text, size_t len) {
	size_t skip = strncmp(text, "@@", 2) == 0 ? 2 : 0;

	return len > 1 && holds_at(text + skip, len - skip);
}

static const char *put_bare(struct sink *sink, const char *text) {
	size_t len = 0;

	// An apostrophe within a word is part of it.
	while (!is_separator(text[len]) ||
	       (is_quote(text[len]) && len > 0 && is_word(text[len - 1]) && is_word(text[len + 1])))
		len++;
	if (is_address(text, len))
		put(sink, BLANK, strlen(BLANK));
	else
		put(sink, text, len);
	return text + len;
}

static void put_words(struct sink *sink, const char *begin) {
	const char *text = begin;

	while (*text != '\0') {
		if (is_quote(*text) && (text == begin || !is_word(text[-1]))) {
			text = put_quoted(sink, text);
		} else if (is_separator(*text)) {
			put(sink, text++, 1);
		} else {
			text = put_bare(sink, text);
		}
	}
}

static bool is_duplicate(unsigned number) {
	return number == 1062 || number == 1586;
}

static bool quotes_value(unsigned number) {
	switch (number) {
	case 1292: // truncated incorrect value
	case 1300: // invalid character string
	case 1366: // incorrect value for a column
	case 1367: // illegal value while parsing
	case 1411: // incorrect value for a function
	case 1525: // incorrect value
	case 3988: // cannot convert a string
		return true;
	default:
		return is_duplicate(number);
	}
}

// Where the name of a key begins that ends the text, else the end of the text. `from` is the
// value's first quote.
static const char *find_key(const char *from) {
	const char *end = from + strlen(from);
	const char *begin;

	if (end[-1] != '\'' || end - 1 == from)
		return end;
	begin = end - 2;
	while (begin > from && (is_word(*begin) || *begin == '.' || *begin == '-'))
		begin--;
	// Of the value there must be at least its two quotes.
	if (*begin != '\'' || begin == from ||
	    memchr(from + 1, '\'', (size_t)(begin - from - 1)) == NULL)
		return end;
	return begin;
}

// Where the words go on after the value that begins with the quote `from`; the end of the text when
// that is not sure.
static const char *find_value_end(unsigned number, const char *from) {
	const char *text_end = from + strlen(from);
	const char *end = is_duplicate(number) ? find_key(from) : text_end;

	if (is_duplicate(number) && end == text_end)
		return text_end;
	while (end[-1] != '\'')
		end--;
	return end == from + 1 || is_word(*end) ? text_end : end;
}

void db_words_copy(char *out, size_t out_bytes, unsigned number, const char *words) {
	struct sink sink = {out, out_bytes - 1};
	const char *value = quotes_value(number) ? strchr(words, '\'') : NULL;

	if (value != NULL) {
		put(&sink, words, (size_t)(value - words));
		put(&sink, "'" BLANK "'", strlen(BLANK) + 2);
		words = find_value_end(number, value);
	}
	put_words(&sink, words);
	out[out_bytes - 1 - sink.room] = '\0';
}
