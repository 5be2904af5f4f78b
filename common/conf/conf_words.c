// SPDX-License-Identifier: MPL-2.0
// conf_words: the words of the command line.
#include "common/conf/conf_words.h"

#include "common/conf/conf_match.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct word_reader {
	struct conf *conf;
	const struct conf_input *input;
	const struct words *note;
	int next; // index in argv
	size_t words; // taken so far
	// The first one; the rest is read on, for secrets and --help.
	int err;
	bool is_help;
	bool is_version;
};

static void complain(struct word_reader *words, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void complain(struct word_reader *words, const char *format, ...) {
	va_list args;

	if (words->err != 0)
		return;
	words->err = -EINVAL;
	if (words->note->bytes == 0)
		return;
	va_start(args, format);
	vsnprintf(words->note->text, words->note->bytes, format, args);
	va_end(args);
}

static void wipe(char *text) {
	memset(text, 'x', strlen(text));
}

static void give(struct word_reader *words, struct conf_slot *slot, char *text, bool is_no) {
	const struct conf_given given = {.slot = slot, .source = CONF_FROM_WORDS, .is_no = is_no};
	int err = conf_give(words->conf, &given, text, text == NULL ? 0 : strlen(text));

	if (text != NULL && slot->row->secret)
		wipe(text);
	if (err != 0 && words->err == 0)
		words->err = err;
}

static void fail_unmatched(
	struct word_reader *words, const struct conf_match *match, const char *name, size_t len
) {
	struct conf_shown shown = conf_show(name, len);
	const char *nearest = conf_slots_nearest(words->conf, name, len);

	if (match->count > 1)
		complain(
			words,
			"option '--%s' could be one of: %s; write it in full",
			shown.text,
			match->names
		);
	else if (nearest != NULL)
		complain(words, "unknown option '--%s'; did you mean '--%s'?", shown.text, nearest);
	else
		complain(words, "unknown option '--%s'; see --help", shown.text);
}

// `value` is what came with the option, or NULL. An option that lost its value must not take the
// next option for it: `--override-node --dryrun` would run for real.
static bool is_option(const struct conf *conf, const char *word) {
	if (strncmp(word, "--", 2) != 0)
		return false;
	return strcmp(word, "--help") == 0 || strcmp(word, "--version") == 0 ||
		conf_find(conf, word + 2, strlen(word + 2)) != NULL;
}

static void take_option(struct word_reader *words, const struct conf_match *match, char *value) {
	const char *name = match->slot->row->name;

	if (match->slot->row->kind == CONF_FLAG) {
		if (match->is_no && value != NULL)
			complain(words, "'--no-%s' takes no value", name);
		else
			give(words, match->slot, value, match->is_no);
		return;
	}
	if (value == NULL && words->next < words->input->argc) {
		value = words->input->argv[words->next];
		if (is_option(words->conf, value)) {
			complain(
				words,
				"'--%s' needs a value; write '--%s=%s' if that is meant",
				name,
				name,
				conf_show(value, strlen(value)).text
			);
			return;
		}
		words->next++;
	}
	if (value == NULL)
		complain(words, "'--%s' needs a value", name);
	else
		give(words, match->slot, value, false);
}

// `--name.KEY=VALUE` or `--name.KEY VALUE`; false: no row has such a name.
static bool read_pair(struct word_reader *words, const char *name, size_t len, char *value) {
	struct conf_given given = {.source = CONF_FROM_WORDS};
	size_t name_len = 0;
	int err;

	given.slot = conf_find_pairs(words->conf, name, len, &name_len);
	if (given.slot == NULL)
		return false;
	if (value == NULL && words->next < words->input->argc)
		value = words->input->argv[words->next++];
	if (value == NULL) {
		complain(words, "'--%s' needs a value", conf_show(name, len).text);
		return true;
	}
	err = conf_give_pair(words->conf, &given, name + name_len, len - name_len, value);
	if (given.slot->row->secret)
		wipe(value);
	if (err != 0 && words->err == 0)
		words->err = err;
	return true;
}

// A flag that one of `words` sets may have dashes as well: --once, or its first letter: -o.
static struct conf_slot *find_worded(
	const struct word_reader *words, const char *name, size_t len, bool is_letter
) {
	const char *const *names = words->input->words;

	for (size_t i = 0; names != NULL && names[i] != NULL; i++) {
		struct conf_slot *slot = conf_find(words->conf, names[i], strlen(names[i]));
		const char *word = slot == NULL ? NULL : slot->row->word;

		if (word != NULL && strncmp(word, name, len) == 0 &&
		    (is_letter || word[len] == '\0'))
			return slot;
	}
	return NULL;
}

static void read_long(struct word_reader *words, char *word) {
	char *name = word + 2;
	size_t len = strcspn(name, "=");
	char *value = name[len] == '=' ? name + len + 1 : NULL;
	struct conf_match match;

	if (read_pair(words, name, len, value))
		return;
	if (strcmp(word, "--version") == 0 && conf_find(words->conf, name, len) == NULL) {
		words->is_version = true;
		return;
	}
	match = (struct conf_match){.slot = find_worded(words, name, len, false), .count = 1};
	if (match.slot == NULL)
		match = conf_match_name(words->conf, name, len);
	if (match.count == 1 && conf_match_is_cut_too_far(&match)) {
		complain(
			words,
			"option '--%s' is written in full, for it decides what may go: '%s'",
			conf_show(name, len).text,
			match.names
		);
		if (value != NULL)
			wipe(value);
	} else if (match.count != 1) {
		fail_unmatched(words, &match, name, len);
		// Perhaps a secret behind a misspelt name.
		if (value != NULL)
			wipe(value);
	} else if (match.slot == NULL) {
		words->is_help = true;
	} else {
		take_option(words, &match, value);
	}
}

static struct conf_slot *find_letter(const struct word_reader *words, char letter) {
	const struct conf *conf = words->conf;

	for (size_t i = 0; i < conf->slot_count; i++)
		if (conf->slots[i].row->letter == letter)
			return &conf->slots[i];
	return find_worded(words, &letter, 1, true);
}

// `-v`, `-vh`, `-o value`, `-ovalue`
static void read_letters(struct word_reader *words, char *word) {
	for (char *letter = word + 1; *letter != '\0'; letter++) {
		struct conf_match match = {.slot = find_letter(words, *letter), .count = 1};

		if (match.slot == NULL && *letter == 'h') {
			words->is_help = true;
			continue;
		}
		if (match.slot == NULL) {
			complain(
				words, "unknown option '-%s'; see --help", conf_show(letter, 1).text
			);
			wipe(letter);
			return;
		}
		if (match.slot->row->kind != CONF_FLAG) {
			take_option(words, &match, letter[1] == '\0' ? NULL : letter + 1);
			return;
		}
		take_option(words, &match, NULL);
	}
}

static struct conf_slot *find_row(const struct conf *conf, const char *name) {
	return name == NULL ? NULL : conf_find(conf, name, strlen(name));
}

// One of several words that fill a row each.
static void read_one_of_words(struct word_reader *words, char *word) {
	const char *const *names = words->input->words;
	struct conf_slot *slot = find_row(words->conf, names[words->words]);

	if (slot == NULL) {
		complain(words, "unexpected word '%s'", conf_show(word, strlen(word)).text);
		return;
	}
	if (slot->row->word != NULL && strcmp(word, slot->row->word) != 0) {
		complain(
			words,
			"unexpected word '%s'; only '%s' may stand there",
			conf_show(word, strlen(word)).text,
			slot->row->word
		);
		return;
	}
	words->words++;
	give(words, slot, slot->row->word == NULL ? word : NULL, false);
}

// A flag without its dashes, or a dash that some editor made long: taken for a secret it would be
// the wrong one.
static bool looks_like_option(const struct conf *conf, const char *word) {
	static const char en_dash[] = "\xe2\x80\x93", em_dash[] = "\xe2\x80\x94";
	const struct conf_slot *slot = conf_find(conf, word, strlen(word));

	return (slot != NULL && slot->row->kind == CONF_FLAG) ||
		strncmp(word, en_dash, sizeof(en_dash) - 1) == 0 ||
		strncmp(word, em_dash, sizeof(em_dash) - 1) == 0;
}

static void refuse_word(struct word_reader *words, char *word) {
	const char *hint = words->input->word_hint;

	if (hint == NULL) {
		complain(words, "unexpected word '%s'", conf_show(word, strlen(word)).text);
		return;
	}
	complain(words, "unexpected word number %zu: %s", ++words->words, hint);
	wipe(word);
}

static void read_positional(struct word_reader *words, char *word) {
	struct conf_slot *slot = find_row(words->conf, words->input->positional);

	if (words->input->words != NULL) {
		read_one_of_words(words, word);
		return;
	}
	if (slot == NULL) {
		refuse_word(words, word);
		return;
	}
	if (words->words == 0 && slot->row->secret && looks_like_option(words->conf, word)) {
		complain(
			words,
			"the word '%s' looks like an option; write it with '--', or '--%s=%s' if "
			"that is meant",
			conf_show(word, strlen(word)).text,
			slot->row->name,
			conf_show(word, strlen(word)).text
		);
		return;
	}
	if (words->words == 0) {
		words->words++;
		give(words, slot, word, false);
		return;
	}
	if (slot->row->secret) {
		complain(words, "more than one word given as '%s'", slot->row->name);
		wipe(word);
		return;
	}
	complain(
		words,
		"more than one word given as '%s': '%s'",
		slot->row->name,
		conf_show(word, strlen(word)).text
	);
}

static bool is_word(const struct conf_input *input, const char *word) {
	if (word[0] != '-' || word[1] == '\0')
		return true;
	return input->words != NULL && word[1] >= '0' && word[1] <= '9';
}

int conf_words_read(struct conf *conf, const struct conf_input *input, const struct words *note) {
	struct word_reader words = {.conf = conf, .input = input, .note = note};
	bool only_words = false;

	while (words.next < input->argc) {
		char *word = input->argv[words.next++];

		if (only_words || is_word(input, word))
			read_positional(&words, word);
		else if (strcmp(word, "--") == 0)
			only_words = true;
		else if (word[1] == '-')
			read_long(&words, word);
		else
			read_letters(&words, word);
	}
	if (words.is_help)
		return CONF_HELP;
	return words.is_version ? CONF_VERSION : words.err;
}
