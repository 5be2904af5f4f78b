#!/usr/bin/env bash
# SPDX-License-Identifier: MPL-2.0
# prometheus.sh: Debian's Prometheus, unpacked but not installed: its package would start a server on this machine.
set -euo pipefail
self=$(realpath -- "${BASH_SOURCE[0]}")
support=${self%/*}
# shellcheck source=tests/support/server.sh
. "$support/server.sh"
# shellcheck source=tests/support/fetch.sh
. "$support/fetch.sh"

usage() {
	cat <<'TEXT'
usage: prometheus.sh fetch
       prometheus.sh path PROGRAM

fetch gets the package (20 MB); it is kept in ${PURGEFLEET_CACHE:-~/.cache/purgefleet}. path prints where PROGRAM, prometheus or
promtool, is; it fetches what is missing.
TEXT
}

# Of this release, which the next one may use as well: the programs need no library.
files=$cache/prometheus-$(sha256sum <"$self" | cut -c 1-12)

# As root, apt complains of a directory that its own user cannot write to.
fill() {
	cd "$1"
	apt-get download -qq -o APT::Sandbox::User=root prometheus >&2 || die "does apt know the package prometheus (apt-get update)?"
	dpkg -x prometheus_*.deb . && rm prometheus_*.deb
}

fetch() {
	fetch_once prometheus fill
}

case ${1-} in
fetch) fetch ;;
path)
	fetch
	[ -f "$files/usr/bin/${2-}" ] || die "the package has no program '${2-}'"
	echo "$files/usr/bin/$2"
	;;
*)
	usage >&2
	exit 2
	;;
esac
