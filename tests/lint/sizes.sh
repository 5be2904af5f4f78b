#!/usr/bin/env bash
# SPDX-License-Identifier: MPL-2.0
# sizes.sh [ROOT]: a file of the program of more than 400 lines says more than one thing; a test or a script is asked above
# 400, and refused above 600.
set -euo pipefail
cd -- "${1:-$(dirname -- "${BASH_SOURCE[0]}")/../..}"

status=0
while IFS= read -r -d '' file; do
	most=600
	[[ $file =~ ^\./(cli|common|producer|worker)/.*\.[ch]$ ]] && most=400
	lines=$(wc -l <"$file")
	if [ "$lines" -gt "$most" ]; then
		echo "$file: $lines lines, more than $most" >&2
		status=1
	elif [ "$lines" -gt 400 ]; then
		echo "$file: warning: $lines lines, does it still say one thing?" >&2
	fi
done < <(find . -name .git -prune -o -path ./build -prune -o -type f \
	\( -name '*.[ch]' -o -name '*.sh' -o -name '*.py' -o -name CMakeLists.txt -o -path ./dev \) \
	-print0 | sort -z)
exit $status
