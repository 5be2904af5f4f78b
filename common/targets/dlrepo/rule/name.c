// SPDX-License-Identifier: MPL-2.0
// name: names of branches, tags and users as dlrepo finds them.
#include "common/targets/dlrepo/rule/name.h"

#include <locale.h>
#include <string.h>
#include <wchar.h>
#include <wctype.h>

static bool has_ascii_capital(const char *name) {
	for (; *name != '\0'; name++) {
		if (*name >= 'A' && *name <= 'Z')
			return true;
	}
	return false;
}

static bool is_ascii(const char *name) {
	for (; *name != '\0'; name++) {
		if ((unsigned char)*name >= 0x80)
			return false;
	}
	return true;
}

// By the locale that the thread has now.
static bool has_capital(const char *name) {
	mbstate_t state = {0};
	size_t left = strlen(name);

	while (left > 0) {
		wchar_t letter;
		size_t len = mbrtowc(&letter, name, left, &state);

		if (len == (size_t)-1 || len == (size_t)-2) {
			state = (mbstate_t){0};
			len = 1;
		} else if ((wchar_t)towlower((wint_t)letter) != letter) {
			return true;
		}
		name += len;
		left -= len;
	}
	return false;
}

bool name_is_reachable(const char *name) {
	locale_t unicode, before;
	bool has;

	if (is_ascii(name))
		return !has_ascii_capital(name);
	unicode = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
	// Nobody can say, so it is left alone.
	if (unicode == (locale_t)0)
		return false;
	before = uselocale(unicode);
	has = has_capital(name);
	uselocale(before);
	freelocale(unicode);
	return !has;
}
