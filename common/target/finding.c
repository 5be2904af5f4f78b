// SPDX-License-Identifier: MPL-2.0
// finding: what a check, an answer or a failure says about a work.
#include "common/target/finding.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void finding_say(struct finding *finding, const char *format, ...) {
	char text[FINDING_WORDS_BYTES];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	free(finding->words);
	finding->words = text[0] == '\0' ? NULL : strdup(text);
}

const char *finding_words(const struct finding *finding) {
	return finding->words == NULL ? "" : finding->words;
}

void finding_take(struct finding *finding, struct finding *from) {
	free(finding->words);
	*finding = *from;
	from->words = NULL;
}

void finding_clear(struct finding *finding) {
	free(finding->words);
	*finding = (struct finding){.verdict = VERDICT_GO};
}
