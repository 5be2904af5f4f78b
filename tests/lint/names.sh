#!/usr/bin/env bash
# SPDX-License-Identifier: MPL-2.0
# names.sh [ROOT]: nothing in producer/ or worker/ names a target, nor what only one of them has, not
# even a comment.
set -euo pipefail
cd -- "${1:-$(dirname -- "${BASH_SOURCE[0]}")/../..}"

names='tokenserver|softdelete|swift|dlrepo|glance'
names="$names|weave|x-backoff|statsd_|python_log|node_down|our signature|mozilla"
# A target that is only a directory of common/targets counts as well.
for dir in common/targets/*/; do
	[ ! -d "$dir" ] || names="$names|$(basename -- "$dir")"
done

found=0
grep -rniE --include='*.[ch]' --include=CMakeLists.txt -- "$names" producer worker >&2 || found=$?
case $found in
0) echo "producer/ and worker/ must not name a target, or what only one has" >&2 && exit 1 ;;
1) exit 0 ;;
*) exit "$found" ;;
esac
