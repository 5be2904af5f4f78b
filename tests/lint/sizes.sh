#!/usr/bin/env bash
# SPDX-License-Identifier: MPL-2.0
# sizes.sh [ROOT]: a file of more than 400 lines says more than one thing.
set -euo pipefail
cd -- "${1:-$(dirname -- "${BASH_SOURCE[0]}")/../..}"

most=400
status=0
while IFS= read -r -d '' file; do
	lines=$(wc -l <"$file")
	if [ "$lines" -gt "$most" ]; then
		echo "$file: $lines lines, more than $most" >&2
		status=1
	fi
done < <(find . -name .git -prune -o -path ./build -prune -o -type f \
	\( -name '*.[ch]' -o -name '*.sh' -o -name '*.py' -o -name CMakeLists.txt -o -path ./dev \) \
	-print0 | sort -z)
exit $status
