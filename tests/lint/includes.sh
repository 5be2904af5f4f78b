#!/usr/bin/env bash
# SPDX-License-Identifier: MPL-2.0
# includes.sh [ROOT]: a room includes itself and those that rooms.txt names, by paths from the top of the tree.
set -euo pipefail
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
cd -- "${1:-$here/../..}"

declare -A allowed
while IFS=: read -r room others; do
	[[ $room = \#* ]] || allowed[$room]=" $room $others "
done <"$here/rooms.txt"

status=0
complain() {
	echo "$*" >&2
	status=1
}

while IFS=: read -r file line include; do
	included=${include#*\"}
	included=${included%%\"*}
	room=${file%/*}
	if [ -z "${allowed[$room]-}" ]; then
		complain "$file: $room is no room of tests/lint/rooms.txt"
	elif [ ! -e "$included" ] || [[ $included = *..* || $included = ./* ]]; then
		complain "$file:$line: \"$included\" is not a path from the top of the tree"
	elif [[ ${allowed[$room]} != *" ${included%/*} "* ]]; then
		complain "$file:$line: $room must not include \"$included\""
	fi
done < <(find cli common producer worker -type f -name '*.[ch]' -print0 | sort -z |
	xargs -0 --no-run-if-empty grep -HnE '^[[:space:]]*#[[:space:]]*include[[:space:]]*"')

# A file of ours in angle brackets would pass all that was looked at above.
if grep -rnE --include='*.[ch]' '^[[:space:]]*#[[:space:]]*include[[:space:]]*<(cli|common|producer|worker)/' \
	cli common producer worker >&2; then
	complain 'files of the tree are included by "..."'
fi
exit $status
