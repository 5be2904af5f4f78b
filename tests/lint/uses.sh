#!/usr/bin/env bash
# SPDX-License-Identifier: MPL-2.0
# uses.sh [ROOT]: a file, or its own header, includes the header of each function that it calls. So its includes say what it
# needs, and the table of rooms says what a room needs.
set -euo pipefail
cd -- "${1:-$(dirname -- "${BASH_SOURCE[0]}")/../..}"

files() {
	find cli common producer worker -type f -name "$1" | sort
}

# The name before the first parenthesis of a declaration.
mapfile -t headers < <(files '*.h')
mapfile -t sources < <(files '*.c')
[ "${#sources[@]}" -gt 0 ] || exit 0

awk '
	function name_before_parenthesis(line) {
		sub(/\(.*/, "", line)
		sub(/.*[^A-Za-z0-9_]/, "", line)
		return line
	}
	function note_include(line) {
		split(line, part, "\"")
		includes[FILENAME, part[2]] = 1
		if (FILENAME ~ /\.h$/)
			of_header[FILENAME] = of_header[FILENAME] " " part[2]
	}
	# What a source includes, its own header for it included.
	function may_use(source, header,   own, list, count, i) {
		own = source
		sub(/\.c$/, ".h", own)
		if (header == own || ((source, header) in includes))
			return 1
		count = split(of_header[own], list, " ")
		for (i = 1; i <= count; i++)
			if (list[i] == header)
				return 1
		return 0
	}
	function look(source, line,   name, before) {
		while (match(line, /[A-Za-z_][A-Za-z0-9_]*\(/)) {
			name = substr(line, RSTART, RLENGTH - 1)
			before = RSTART > 1 ? substr(line, RSTART - 1, 1) : " "
			line = substr(line, RSTART + RLENGTH)
			if (before ~ /[.>]/ || !(name in declared) || ((source, name) in own_static))
				continue
			calls[++count] = source " " declared[name] " " name
		}
	}
	/^#include "/ { note_include($0); next }
	/^[ \t]*#/ { next }
	{ sub(/\/\/.*/, ""); gsub(/"([^"\\]|\\.)*"/, "") }
	FILENAME ~ /\.h$/ {
		sub(/^static inline /, "")
		if (/^[a-z_][A-Za-z0-9_ *]*\(/ && !/^(typedef|static|struct [a-z_]+ \{)/)
			declared[name_before_parenthesis($0)] = FILENAME
		next
	}
	/^static .*\(/ { own_static[FILENAME, name_before_parenthesis($0)] = 1 }
	{ look(FILENAME, $0) }
	END {
		for (i = 1; i <= count; i++) {
			split(calls[i], call, " ")
			if (!may_use(call[1], call[2]) && !((call[1], call[2]) in told)) {
				told[call[1], call[2]] = 1
				print call[1] ": calls " call[3] "() and does not include \"" call[2] "\""
				status = 1
			}
		}
		exit status
	}
' "${headers[@]}" "${sources[@]}" >&2
