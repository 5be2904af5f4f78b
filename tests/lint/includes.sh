#!/usr/bin/env bash
# SPDX-License-Identifier: MPL-2.0
# includes.sh [ROOT]: dependencies point one way: cli -> producer, worker, targets -> common.
set -euo pipefail
cd -- "${1:-$(dirname -- "${BASH_SOURCE[0]}")/../..}"

# room PATH: which part of the source a file belongs to.
room() {
	case $1 in
	cli/*) echo cli ;;
	common/targets/table.[ch]) echo table ;;
	common/targets/*/*) echo "target ${1#common/targets/}" | cut -d / -f 1 ;;
	common/targets/*) echo targets ;;
	common/*) echo common ;;
	producer/*) echo producer ;;
	worker/*) echo worker ;;
	tests/* | support/*) echo tests ;;
	*) echo other ;;
	esac
}

# allowed FROM TO FILE: FROM and TO are rooms.
allowed() {
	case "$1 -> $2" in
	"$1 -> $1" | *" -> common") return 0 ;;
	"cli -> producer" | "cli -> worker" | "cli -> table") return 0 ;;
	"table -> target "*) return 0 ;;
	"target "*" -> targets") return 0 ;;
	esac
	return 1
}

status=0
while IFS=: read -r file line include; do
	target=${include#*\"}
	target=${target%%\"*}
	from=$(room "$file")
	to=$(room "$target")
	case $target in
	*..* | ./*) to=other ;;
	esac
	if [ ! -e "$target" ]; then
		echo "$file:$line: \"$target\" is not a path from the top of the tree" >&2
		status=1
	elif ! allowed "$from" "$to"; then
		echo "$file:$line: $from must not include \"$target\" ($to)" >&2
		status=1
	fi
done < <(find cli common producer worker -type f -name '*.[ch]' -print0 | sort -z |
	xargs -0 --no-run-if-empty grep -HnE '^[[:space:]]*#[[:space:]]*include[[:space:]]*"')
exit $status
