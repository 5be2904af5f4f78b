#!/usr/bin/env bash
# SPDX-License-Identifier: MPL-2.0
# spdx.sh [ROOT]: every source file names its licence in the first three lines.
set -euo pipefail
cd -- "${1:-$(dirname -- "${BASH_SOURCE[0]}")/../..}"

status=0
while IFS= read -r -d '' file; do
	if ! head -n 3 -- "$file" | grep -q 'SPDX-License-Identifier: MPL-2\.0'; then
		echo "$file: no SPDX-License-Identifier in the first three lines" >&2
		status=1
	fi
done < <(find . -name .git -prune -o -path ./build -prune -o -type f \
	\( -name '*.[ch]' -o -name '*.sh' -o -name '*.py' -o -name '*.cmake' -o -name '*.sql' \
	-o -name CMakeLists.txt -o -path ./dev -o -path ./.ci/run \) -print0 | sort -z)
exit $status
