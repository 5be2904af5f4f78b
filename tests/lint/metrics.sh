#!/usr/bin/env bash
# SPDX-License-Identifier: MPL-2.0
# metrics.sh [ROOT]: each metric that a target sends, and each of its tags, is in docs/metrics.md, and no other is.
set -euo pipefail
cd -- "${1:-$(dirname -- "${BASH_SOURCE[0]}")/../..}"

doc=docs/metrics.md
status=0
complain() {
	echo "$1" >&2
	status=1
}

[ -f "$doc" ] || { echo "there is no $doc" >&2 && exit 1; }
sent=$(mktemp)
trap 'rm -f "$sent"' EXIT
for dir in common/targets/*/; do
	mapfile -d '' files < <(find "$dir" -name '*.c' -print0)
	[ ${#files[@]} -gt 0 ] || continue
	# A file of other names, which may stand in tables: all its words of that form are some.
	mapfile -t others < <(grep -lE '^// Metrics begin with: ' "${files[@]}" || true)
	for file in "${others[@]}"; do
		begins=$(sed -nE 's|^// Metrics begin with: ([a-z-]+)$|\1|p' "$file")
		for name in $(grep -v '^#include' "$file" | grep -oE '"[a-z_]+(\.[0-9])?"' | tr -d '"' | sed -E 's/[0-9]$/N/' | sort -u); do
			grep -qF "| \`$begins.$name\` |" "$doc" || complain "$doc has no line for $begins.$name"
			echo "$begins.$name" >>"$sent"
		done
	done
	if [ ${#others[@]} -gt 0 ]; then
		mapfile -d '' files < <(find "$dir" -name '*.c' -print0 | grep -zvxF -f <(printf '%s\n' "${others[@]}"))
	fi
	prefix=$(cat "${files[@]}" | sed -nE 's/.*\.metrics_prefix = "([a-z_]+)".*/\1/p')
	# A call may go over several lines; its words that are no tags are the names.
	calls=$(cat "${files[@]}" | tr -d '\n' | grep -oE 'metrics_(count|gauge|timing)\([^;]*;' || true)
	names=$(grep -oE '"[^"]+"' <<<"$calls" | tr -d '"' | grep -v ':' | sort -u || true)
	for name in $names; do
		echo "$prefix.$name" >>"$sent"
		grep -qF "| \`$prefix.$name\` |" "$doc" || complain "$doc has no line for $prefix.$name"
	done
	for tag in $(cat "${files[@]}" | grep -oE '"(type|reason):[a-z0-9_]+"' | tr -d '"' | sort -u); do
		grep -E "^\| \`$prefix\." "$doc" | grep -qF "\`$tag\`" || complain "$doc has no $tag of $prefix"
	done
done
while IFS= read -r name; do
	grep -qxF -- "$name" "$sent" || complain "$doc: nothing sends $name"
done < <(grep -oE '^\| .[a-z_-]+\.[a-zN_.]+. \|' "$doc" | tr -d '|` ')
# Nobody else sends any: producer, worker and commands report events to the target.
if grep -rnE --include='*.c' 'metrics_(count|gauge|timing)\(' producer worker cli >&2; then
	complain "metrics are the targets'"
fi
exit "$status"
