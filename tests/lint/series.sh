#!/usr/bin/env bash
# SPDX-License-Identifier: MPL-2.0
# series.sh [--write] [ROOT]: docs/metrics.md has a line for each series of the table in cli/admin/series.c, as it is there.
# With --write it is made so.
set -euo pipefail
# shellcheck source=tests/lint/made.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/made.sh"
source=cli/admin/series.c

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
	NUMBERS_PUBLISHER | NUMBERS_LETTERS) echo P ;;
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

check_made docs/metrics.md series
