// SPDX-License-Identifier: MPL-2.0
// passed_over: what a scan passes over for now.
#include "common/targets/tokenserver/passed_over.h"

#include "common/db/db.h"
#include "common/db/db_result.h"
#include "common/targets/tokenserver/hold_list.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static int add(char *out, size_t out_bytes, const char *word) {
	size_t len = strlen(out);
	int more = snprintf(out + len, out_bytes - len, "%s%s", len == 0 ? "" : ",", word);

	return more < 0 || (size_t)more >= out_bytes - len ? -EMSGSIZE : 0;
}

static int add_nodes(struct db *db, char *out, size_t out_bytes) {
	struct db_result *result;
	char word[24];
	int err = db_select(db, "SELECT id FROM nodes WHERE downed <> 0 ORDER BY id", &result);

	if (err < 0)
		return err;
	while (err == 0 && db_result_next(result)) {
		snprintf(word, sizeof(word), "%" PRId64, db_result_int(result, 0));
		err = add(out, out_bytes, word);
	}
	db_result_free(result);
	return err;
}

// Who they are is nobody's matter who may read the cursor. Which of them went from the list is not
// known, so a list of another time counts as another list.
static int add_holds(struct hold_list *holds, char *out, size_t out_bytes) {
	int64_t stamp_ns = holds == NULL ? 0 : hold_list_stamp_ns(holds);
	char word[32];

	if (stamp_ns == 0)
		return 0;
	snprintf(word, sizeof(word), "hold:%" PRId64, stamp_ns);
	return add(out, out_bytes, word);
}

int passed_over_list(
	const struct tokenserver_config *config, struct db *db, char *out, size_t out_bytes
) {
	int err;

	out[0] = '\0';
	err = add_holds(config->holds, out, out_bytes);
	return err < 0 ? err : add_nodes(db, out, out_bytes);
}

bool passed_over_is(enum reason reason) {
	return reason == REASON_NODE_DOWN || reason == REASON_LEGAL_HOLD;
}
