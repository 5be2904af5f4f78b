# SPDX-License-Identifier: MPL-2.0
# shellcheck shell=bash disable=SC2154
# fetch.sh: gets something from elsewhere once, whoever asks for it at the same time. To be read with `.`, after server.sh.

# fetch_once NAME COMMAND...: makes the directory $files unless it is there. COMMAND fills a new one, its last word.
fetch_once() {
	local name=$1 lock new
	[ ! -d "$files" ] || return 0
	mkdir -p "$cache"
	exec {lock}>"$cache/$name.lock"
	flock "$lock"
	# Another process may have fetched it in the meantime.
	if [ ! -d "$files" ]; then
		echo "${self##*/}: fetching $name" >&2
		new=$(mktemp -d "$cache/new.XXXXXX")
		if ! ("${@:2}" "$new") {lock}>&-; then
			rm -rf "$new"
			die "cannot fetch $name"
		fi
		mv -T "$new" "$files"
	fi
	exec {lock}>&-
}
