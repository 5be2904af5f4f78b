#!/usr/bin/env bash
# SPDX-License-Identifier: MPL-2.0
# series.sh [--write] [ROOT]: docs/metrics.md has a line for each series of the table in cli/admin/series.c, as it is there.
# With --write it is made so.
set -euo pipefail
export LC_ALL=C.UTF-8
write=''
if [ "${1-}" = --write ]; then
	write=yes
	shift
fi
cd -- "${1:-$(dirname -- "${BASH_SOURCE[0]}")/../..}"
page=docs/metrics.md
source=cli/admin/series.c
first='<!-- series: made by ./dev docs -->'
last='<!-- end of series -->'

# One row a line, texts that go over several lines put together.
rows() {
	tr '\n\t' '  ' <"$source" | sed -E 's/" +"//g' | grep -oE '\{\.name = "[^}]*\}' || true
}

# field ROW NAME: the text or word behind .NAME =
field() {
	sed -nE "s/.*\.$2 = (\"([^\"]*)\"|([A-Z_]+)).*/\2\3/p" <<<"$1"
}

# Which commands have the part.
commands() {
	case $1 in
	'') echo 'R P W' ;;
	NUMBERS_WORKER) echo 'R W' ;;
	NUMBERS_SOURCE) echo W ;;
	NUMBERS_SCAN) echo 'R P' ;;
	NUMBERS_PUBLISHER) echo P ;;
	*)
		echo "$source: series.sh does not know the part $1" >&2
		return 1
		;;
	esac
}

table() {
	local row name type labels help found='' parts
	echo '| name | type | labels | of | what it is |'
	echo '|---|---|---|---|---|'
	while IFS= read -r row; do
		found=yes
		name=$(field "$row" name)
		type=$(field "$row" type)
		labels=$(field "$row" labels)
		help=$(field "$row" help)
		parts=$(commands "$(field "$row" part)")
		if [ -z "$help" ]; then
			echo "$source: $name says not what it is" >&2
			return 1
		fi
		[ -z "$labels" ] || labels="\`${labels//,/\`, \`}\`"
		[ "$type" != SERIES_COUNTER ] || type=counter
		echo "| \`purgefleet_$name\` | ${type:-gauge} | $labels | $parts | ${help//|/\\|} |"
	done < <(rows)
	if [ -z "$found" ]; then
		echo "$source: no series was found" >&2
		return 1
	fi
}

if [ "$(grep -cxF -e "$first" -e "$last" "$page")" != 2 ]; then
	echo "$page: wants a line '$first' and a line '$last'" >&2
	exit 1
fi
made=$(mktemp)
trap 'rm -f "$made"' EXIT
{
	awk -v first="$first" '{ print } $0 == first { exit }' "$page"
	table
	awk -v last="$last" '$0 == last { found = 1 } found' "$page"
} >"$made"
if [ "$write" ]; then
	cmp -s "$made" "$page" || cp "$made" "$page"
elif ! diff -u "$page" "$made"; then
	echo "$page: ./dev docs brings it up to date" >&2
	exit 1
fi
