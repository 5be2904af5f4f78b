# SPDX-License-Identifier: MPL-2.0
# shellcheck shell=bash
# made.sh: what the scripts share that make a part of a page of docs/ anew. To be read with `.`, with the words of the script:
# [--write] [ROOT]. It goes to ROOT.
export LC_ALL=C.UTF-8
write=''
if [ "${1-}" = --write ]; then
	write=yes
	shift
fi
cd -- "${1:-$(dirname -- "${BASH_SOURCE[0]}")/../..}" || exit

# check_made PAGE NAME: between the two lines about NAME it has what `table` prints. With --write it is made so.
check_made() {
	local page=$1 first="<!-- $2: made by ./dev docs -->" last="<!-- end of $2 -->"
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
}
