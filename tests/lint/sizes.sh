#!/usr/bin/env bash
# SPDX-License-Identifier: MPL-2.0
# sizes.sh [ROOT]: a file of more than 600 lines says more than one thing; above 400 it is asked.
set -euo pipefail
cd -- "${1:-$(dirname -- "${BASH_SOURCE[0]}")/../..}"

status=0
while IFS= read -r -d '' file; do
	lines=$(wc -l <"$file")
	if [ "$lines" -gt 600 ]; then
		echo "$file: $lines lines, more than 600" >&2
		status=1
	elif [ "$lines" -gt 400 ]; then
		echo "$file: warning: $lines lines, does it still say one thing?" >&2
	fi
done < <(find . -name .git -prune -o -path ./build -prune -o -type f \
	\( -name '*.[ch]' -o -name '*.sh' -o -name '*.py' -o -name CMakeLists.txt -o -path ./dev \) \
	-print0 | sort -z)
exit $status
