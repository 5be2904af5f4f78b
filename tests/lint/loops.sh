#!/usr/bin/env bash
# SPDX-License-Identifier: MPL-2.0
# loops.sh [ROOT]: no module includes another one that includes it, by whatever way, and no room may. A module is a .c and its .h.
set -euo pipefail
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
cd -- "${1:-$here/../..}"

# Pairs "A B": A needs B.
modules() {
	find cli common producer worker -type f -name '*.[ch]' -print0 | sort -z |
		xargs -0 --no-run-if-empty grep -HoE '^[[:space:]]*#[[:space:]]*include[[:space:]]*"[^"]+\.h"' |
		sed -E 's/\.[ch]:[^"]*"/ /; s/\.h"$//' | awk '$1 != $2'
}

rooms() {
	grep -v '^#' "$here/rooms.txt" | awk -F: '{ n = split($2, others, " "); for (i = 1; i <= n; i++) print $1, others[i] }'
}

# check WHAT, of the pairs on standard input.
check() {
	local loops
	if ! loops=$(tsort 2>&1 >/dev/null); then
		echo "$1 that need each other:" "$loops" >&2
		return 1
	fi
}

status=0
modules | check modules || status=1
rooms | check rooms || status=1
exit $status
