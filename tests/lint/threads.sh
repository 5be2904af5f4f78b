#!/usr/bin/env bash
# SPDX-License-Identifier: MPL-2.0
# threads.sh [ROOT]: every header of the program says which threads it is for ("Thread: loop.").
set -euo pipefail
cd -- "${1:-$(dirname -- "${BASH_SOURCE[0]}")/../..}"

status=0
while IFS= read -r -d '' file; do
	if ! grep -q 'Thread: [a-z]' "$file"; then
		echo "$file: names no thread" >&2
		status=1
	fi
done < <(find cli common producer worker -type f -name '*.h' -print0 | sort -z)
exit $status
