#!/usr/bin/env bash
# SPDX-License-Identifier: MPL-2.0
# names.sh [ROOT]: nothing in producer/ or worker/ names a target, not even a comment. Nothing there or in cli/ says what
# only one of them has.
set -euo pipefail
cd -- "${1:-$(dirname -- "${BASH_SOURCE[0]}")/../..}"

names='tokenserver|softdelete|swift|dlrepo|glance'
theirs='weave|x-backoff|statsd_|python_log|node_down|our signature|the secret|mozilla'
# A target that is only a directory of common/targets counts as well.
for dir in common/targets/*/; do
	[ ! -d "$dir" ] || names="$names|$(basename -- "$dir")"
done

# look WORDS COMPLAINT ROOM...
look() {
	local words=$1 complaint=$2 found=0
	shift 2
	grep -rniE --include='*.[ch]' --include=CMakeLists.txt -- "$words" "$@" >&2 || found=$?
	case $found in
	0) echo "$complaint" >&2 && exit 1 ;;
	1) ;;
	*) exit "$found" ;;
	esac
}

look "$names" "producer/ and worker/ must not name a target" producer worker
look "$theirs" "cli/, producer/ and worker/ must not say what only one target has" cli producer worker
