#!/usr/bin/env bash
# SPDX-License-Identifier: MPL-2.0
# lines.sh [ROOT]: no line of C is wider than 100 columns, and a comment behind code has at most six words.
set -euo pipefail
cd -- "${1:-$(dirname -- "${BASH_SOURCE[0]}")/../..}"
export LC_ALL=C.UTF-8

status=0
while IFS= read -r -d '' file; do
	if expand -t 8 "$file" | grep -nE '^.{101,}'; then
		echo "$file: a line of more than 100 columns" >&2
		status=1
	fi
	# No address, and no directive.
	if grep -nE '^[[:space:]]*[^/#[:space:]].*[^:/"]//( +[^ ]+){7,}' "$file" | grep -vE '"[^"]*//[^"]*"'; then
		echo "$file: a comment of more than six words stands above what it explains" >&2
		status=1
	fi
done < <(find cli common producer tests worker -type f -name '*.[ch]' -print0 | sort -z)
exit $status
