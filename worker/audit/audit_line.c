// SPDX-License-Identifier: MPL-2.0
// audit_line: what the audit log says of a candidate that came to its end.
#include "worker/audit/audit_line.h"

#include "common/text/moment.h"

#include <inttypes.h>

// NULL and "" are null.
static void add_text(struct buf *line, const char *key, const char *text) {
	buf_fmt(line, ",\"%s\":", key);
	buf_json_text(line, text == NULL || text[0] == '\0' ? NULL : text);
}

static void add_number(struct buf *line, const char *key, int64_t number) {
	buf_fmt(line, ",\"%s\":%" PRId64, key, number);
}

void audit_line(struct buf *line, const struct audit_entry *entry) {
	char at[MOMENT_BYTES], seen[MOMENT_BYTES];

	moment_format(entry->at_ms, at);
	moment_format(entry->seen_ms, seen);
	buf_clear(line);
	buf_fmt(line, "{\"at\":\"%s\"", at);
	add_text(line, "target", entry->target);
	add_text(line, "id", entry->id);
	add_number(line, "key", entry->key);
	add_text(line, "end", entry->end);
	add_text(line, "reason", entry->reason);
	add_text(line, "to", entry->to);
	add_text(line, "node", entry->node);
	if (entry->status == 0)
		buf_str(line, ",\"status\":null");
	else
		add_number(line, "status", entry->status);
	add_number(line, "attempts", entry->attempts);
	add_number(line, "deletes", entry->deletes);
	add_number(line, "rows", entry->rows);
	add_number(line, "removed", entry->removed);
	add_text(line, "seen", entry->seen_ms > 0 ? seen : NULL);
	buf_fmt(line, ",\"replay\":%s}\n", entry->is_replayed ? "true" : "false");
}
