// SPDX-License-Identifier: MPL-2.0
// db_url_answer: what the parameters of a database URL say.
#include "common/db/url/db_url_answer.h"

#include "common/base/words.h"

#include <errno.h>
#include <strings.h>

// Two names of one answer may both be there, but not with different answers.
int db_url_read_answer(
	const struct words *note, const char *name, const char *value, enum db_url_answer *out
) {
	static const char *const words[] = {"0", "1", "false", "true", "no", "yes", "off", "on"};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		enum db_url_answer answer = i % 2 ? ANSWER_YES : ANSWER_NO;

		if (strcasecmp(value, words[i]) != 0)
			continue;
		if (*out != ANSWER_NONE && *out != answer)
			return words_say(
				note, -EINVAL, "%s contradicts another ssl parameter", name
			);
		*out = answer;
		return 0;
	}
	return words_say(note, -EINVAL, "%s is neither true nor false", name);
}

int db_url_read_mode(
	const struct words *note, const char *name, const char *value, enum db_url_mode *out
) {
	static const char *const words[] = {
		[MODE_DISABLED] = "DISABLED",
		[MODE_REQUIRED] = "REQUIRED",
		[MODE_VERIFY_CA] = "VERIFY_CA",
		[MODE_VERIFY_IDENTITY] = "VERIFY_IDENTITY",
	};

	for (size_t i = MODE_DISABLED; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcasecmp(value, words[i]) != 0)
			continue;
		if (*out != MODE_NONE && *out != (enum db_url_mode)i)
			return words_say(note, -EINVAL, "%s contradicts another one", name);
		*out = (enum db_url_mode)i;
		return 0;
	}
	return words_say(
		note,
		-EINVAL,
		"%s is none of DISABLED, REQUIRED, VERIFY_CA and VERIFY_IDENTITY",
		name
	);
}
