#!/usr/bin/env bash
# SPDX-License-Identifier: MPL-2.0
# mysql_fetch.sh RELEASE DIR: puts MySQL's server and the libraries it wants into DIR, which is not there yet.
#
# RELEASE is `mysql`, the newest, of Debian's unstable suite (no other has MySQL), or `mysql-8.4`, of Ubuntu 26.04. The packages
# are checked by the distribution's keyring and unpacked, never installed: nothing outside DIR is changed, and no root is needed.
set -euo pipefail

support=$(dirname -- "$(realpath -- "${BASH_SOURCE[0]}")")
package=mysql-server-core
# shellcheck source=tests/support/archive.sh
. "$support/archive.sh"

die() {
	echo "mysql_fetch.sh: $*" >&2
	exit 1
}

# sources RELEASE: prints the lines of sources.list.
sources() {
	local keyring mirror suite
	case $1 in
	mysql)
		[ -r "$debian_keyring" ] || die "there is no $debian_keyring: install debian-archive-keyring"
		echo "deb [signed-by=$debian_keyring] $(debian_mirror) sid main"
		;;
	mysql-8.4)
		keyring=$(ubuntu_keyring "$work")
		mirror=$(ubuntu_mirror)
		for suite in resolute resolute-updates resolute-security; do
			echo "deb [signed-by=$keyring] $mirror $suite main universe"
		done
		;;
	*) die "no release $1; there are mysql and mysql-8.4" ;;
	esac
}

# A configuration of apt's own below $work: of the machine's only how it reaches the net.
configure_apt() {
	mkdir -p "$work"/{state/lists,cache/archives}/partial
	sources "$release" >"$work/sources.list"
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
	apt_network >"$work/apt.conf"
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
		die "cannot fetch $release; the lines above say why"
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

[ $# = 2 ] || die "two arguments: which release, and where to put it"
release=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
configure_apt
run_apt update
run_apt install -y --download-only "$package"
unpack "$2"
