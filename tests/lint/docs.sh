#!/usr/bin/env bash
# SPDX-License-Identifier: MPL-2.0
# docs.sh [--write] [ROOT]: docs/architecture.md has a line for each module, as the module's own first sentence says it.
# With --write it is made so. A module is a .c and its .h; the sentence is the header's, if there is one.
# And no page names a file that is not there.
set -euo pipefail
# shellcheck source=tests/lint/made.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/made.sh"
files=$(find cli common producer tests worker -type f)

# Rooms in order of their paths, and the modules of each in order of their names.
modules() {
	find cli common producer worker -type f -name '*.[ch]' | sed 's/\.[ch]$//' |
		awk -F/ '{ name = $NF; room = $0; sub("/" name "$", "", room); print room "\t" name }' | sort -u
}

# sentence FILE NAME: what follows "// NAME: ", up to the end of the first sentence.
sentence() {
	awk -v start="// $2: " '
		NR == 1 { next }
		NR == 2 && index($0, start) != 1 { exit }
		NR == 2 { text = substr($0, length(start) + 1) }
		NR > 2 && !/^\/\/ / { exit }
		NR > 2 { text = text " " substr($0, 4) }
		match(text, /[.?]( |$)/) { print substr(text, 1, RSTART); exit }
	' "$1"
}

table() {
	local room name file words before='' failed=''
	echo '| module | what it is |'
	echo '|---|---|'
	while IFS=$'\t' read -r room name; do
		file=$room/$name.h
		[ -e "$file" ] || file=$room/$name.c
		words=$(sentence "$file" "$name")
		if [ -z "$words" ]; then
			echo "$file:2: wants \"// $name: what it is.\"" >&2
			failed=yes
		fi
		[ "$room" = "$before" ] || echo "| **$room** | |"
		echo "| \`$name\` | ${words//|/\\|} |"
		before=$room
	done < <(modules)
	[ -z "$failed" ]
}

# PAGE:LINE:FILE of what the pages name: with its path, or in backquotes without.
named() {
	local path='\b(cli|common|producer|tests|worker)/[A-Za-z0-9_./-]+\.(c|h|py|sh|txt)\b'
	{
		find . -maxdepth 1 -name '*.md'
		find docs -name '*.md'
	} | sort | xargs grep -HnoE "$path|\`[a-z0-9_]+\.[ch]\`" | tr -d '`'
}

status=0
while IFS=: read -r where line file; do
	if [[ $file = */* && ! -e $file ]] || ! grep -qE "(^|/)$file$" <<<"$files"; then
		echo "$where:$line: there is no $file" >&2
		status=1
	fi
done < <(named)

check_made docs/architecture.md modules
exit $status
