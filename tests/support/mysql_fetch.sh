#!/usr/bin/env bash
# SPDX-License-Identifier: MPL-2.0
# mysql_fetch.sh DIR: puts MySQL's server and the libraries it wants into DIR, which is not there yet.
#
# Debian has MySQL in its unstable suite only. Its packages come from the mirror that this machine's apt uses, are checked by
# Debian's keyring and unpacked, never installed: nothing outside DIR is changed, and no root is needed.
set -euo pipefail

keyring=/usr/share/keyrings/debian-archive-keyring.gpg
suite=sid
package=mysql-server-core

die() {
	echo "mysql_fetch.sh: $*" >&2
	exit 1
}

targets() {
	apt-get indextargets --format "\$($1)" 'Created-By: Packages' "${@:2}"
}

# Of the archives that this machine knows: the first of Debian itself. Labels are known after an `apt-get update` only.
find_mirror() {
	local found
	found=$(targets REPO_URI 'Label: Debian')
	[ -n "$found" ] || found=$(targets REPO_URI | grep -E '/debian/?$' || true)
	[ -n "$found" ] || die "apt knows no Debian mirror to fetch MySQL from"
	echo "${found%%$'\n'*}"
}

# A configuration of apt's own below $work: of the machine's only how it reaches the net.
configure_apt() {
	local mirror
	mirror=$(find_mirror)
	mkdir -p "$work"/{state/lists,cache/archives}/partial
	echo "deb [signed-by=$keyring] $mirror $suite main" >"$work/sources.list"
	# MySQL wants perl for scripts that no test runs, so we claim to have it: 10 of 60 MB.
	cat >"$work/status" <<TEXT
Package: perl
Status: install ok installed
Version: 999
Architecture: $(dpkg --print-architecture)
Multi-Arch: allowed
Maintainer: nobody <nobody@localhost>
Description: claimed to be there

TEXT
	apt-config dump | grep -E '^Acquire::(https?|ftp|socks5h|Retries|Force|Check)' >"$work/apt.conf" || true
	cat >>"$work/apt.conf" <<TEXT
Dir::Etc::main "/dev/null";
Dir::Etc::parts "/dev/null";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
Dir::Etc::sourcelist "$work/sources.list";
Dir::Etc::sourceparts "/dev/null";
Dir::State "$work/state";
Dir::State::status "$work/status";
Dir::Cache "$work/cache";
Acquire::Languages "none";
APT::Architectures { "$(dpkg --print-architecture)"; };
APT::Install-Recommends "false";
APT::Sandbox::User "$(id -un)";
TEXT
	export APT_CONFIG=$work/apt.conf
}

run_apt() {
	apt-get -qq "$@" </dev/null >"$work/log" 2>&1 || {
		tail -n 20 "$work/log" >&2
		die "cannot fetch $package of Debian $suite; the lines above say why"
	}
}

unpack() {
	local deb
	for deb in "$work"/cache/archives/*.deb; do
		dpkg -x "$deb" "$1"
	done
	# The server alone: its tools are as large as it is.
	(cd "$1" && rm -rf etc var usr/bin usr/share/{doc,gcc,gdb,lintian,locale,man})
	[ -x "$1/usr/sbin/mysqld" ] || die "$package has no mysqld"
}

[ $# = 1 ] || die "one argument: where to put it"
[ -r "$keyring" ] || die "there is no $keyring: install debian-archive-keyring"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
configure_apt
run_apt update
run_apt install -y --download-only "$package"
unpack "$1"
