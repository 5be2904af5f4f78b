#!/usr/bin/env bash
# SPDX-License-Identifier: MPL-2.0
# chroot.sh: runs a command of ./dev in a clean chroot of another release of Debian or Ubuntu.
set -euo pipefail
self=$(realpath -- "${BASH_SOURCE[0]}")
tree=$(realpath -- "${self%/*}/../..")
home=${PURGEFLEET_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/purgefleet}/on
inside=/purgefleet
proxies=(http_proxy https_proxy no_proxy HTTP_PROXY HTTPS_PROXY NO_PROXY)
releases="debian12 debian13 sid ubuntu24.04 ubuntu26.04"

usage() {
	cat <<TEXT
usage: ./dev on RELEASE COMMAND...   runs ./dev COMMAND... of this tree on that release

Releases: $releases. It takes root, debootstrap and a kernel of Linux with namespaces.

A chroot is made by debootstrap and kept in $home
as long as the packages that ./dev names stay the same, or until ./dev clean; what is built there goes to build/on/RELEASE. It sees
this tree, the network with apt's settings for it, the devices and the authorities in /usr/local/share/ca-certificates, and nothing
else of this machine. All processes in it end with the command.
TEXT
}

die() {
	echo "chroot.sh: $*" >&2
	exit 1
}

refuse() {
	echo "./dev on: $*" >&2
	exit 2
}

suite_of() {
	case $1 in
	debian12) echo bookworm ;;
	debian13) echo trixie ;;
	sid) echo sid ;;
	ubuntu24.04) echo noble ;;
	ubuntu26.04) echo resolute ;;
	*) return 1 ;;
	esac
}

# A chroot lasts as long as the lists of packages, and what makes it: what was installed for another list hides what this one lacks.
key() {
	{
		sed -n '/_packages=(/,/)/p' "$tree/dev"
		cat "$self" "${self%/*}/archive.sh"
	} | sha256sum | cut -c 1-12
}

# The archives of the release's updates too, and for Ubuntu the part that the community keeps.
write_sources() {
	local mirror suite components=main pocket
	read -r _ mirror suite _ < <(grep '^deb ' "$1/etc/apt/sources.list")
	[[ $release != ubuntu* ]] || components="main universe"
	for pocket in "" -updates; do
		[ "$suite" != sid ] || [ -z "$pocket" ] || continue
		echo "deb $mirror $suite$pocket $components"
	done >"$1/etc/apt/sources.list.new"
	mv "$1/etc/apt/sources.list.new" "$1/etc/apt/sources.list"
}

# Packages that were unpacked are not kept; two commands in one chroot take turns.
write_apt_options() {
	{
		apt_network
		echo 'APT::Keep-Downloaded-Packages "false";'
		echo 'DPkg::Lock::Timeout "600";'
	} >"$1/etc/apt/apt.conf.d/90purgefleet"
	printf '#!/bin/sh\nexit 101\n' >"$1/usr/sbin/policy-rc.d"
	chmod 755 "$1/usr/sbin/policy-rc.d"
}

trust_as_here() {
	local authority
	for authority in /usr/local/share/ca-certificates/*.crt; do
		[ ! -f "$authority" ] || install -D -m 0644 -t "$1/usr/local/share/ca-certificates" "$authority"
	done
	chroot "$1" update-ca-certificates >/dev/null
	# Not the list that pip brings with it.
	printf '[global]\ncert = /etc/ssl/certs/ca-certificates.crt\n' >"$1/etc/pip.conf"
}

fill() {
	local options=(--variant=minbase --include=ca-certificates --force-check-gpg) keyring
	# shellcheck source=tests/support/archive.sh
	. "${self%/*}/archive.sh"
	case $release in
	ubuntu*)
		keyring=$(ubuntu_keyring "$(mktemp -d "$1.keys.XXXXXX")") || return 1
		options+=("--keyring=$keyring" "$suite" "$1" "$(ubuntu_mirror)" "$ubuntu_script")
		;;
	*) options+=("$suite" "$1" "$(debian_mirror)") ;;
	esac
	unshare --mount debootstrap "${options[@]}" >"$1.log" 2>&1 || {
		tail -qn 10 "$1.log" "$1/debootstrap/debootstrap.log" >&2
		return 1
	}
	rm -rf "$1.log" "$1".keys.* "$1"/var/cache/apt/archives/*.deb
	write_sources "$1" && write_apt_options "$1" && trust_as_here "$1"
}

# Sets root and keeps it from being removed while this process lives. What was made for other packages goes.
prepare() {
	local new lock
	root=$home/$release-$(key)
	mkdir -p "$home"
	exec {lock}>"$home/$release.lock"
	flock --shared "$lock"
	[ ! -d "$root" ] || return 0
	flock --nonblock "$lock" || {
		echo "chroot.sh: waiting for who uses the $release of other packages" >&2
		flock "$lock"
	}
	if [ ! -d "$root" ]; then
		echo "chroot.sh: making a chroot of $release" >&2
		rm -rf --one-file-system "$home/$release"-*
		new=$(mktemp -d "$home/$release-new.XXXXXX")
		chmod 755 "$new"
		fill "$new" || {
			rm -rf --one-file-system "$home/$release"-*
			die "cannot make a chroot of $release; the lines above say why"
		}
		mv -T "$new" "$root"
	fi
	flock --shared "$lock"
	[ -d "$root" ] || die "the $release was made for other packages meanwhile; try again"
}

# The first process of the chroot. Its mounts and all its processes are gone when it ends.
enter() {
	local root=$1 release=$2 tmp=$3
	shift 3
	trap 'exit 130' INT
	trap 'exit 143' TERM
	mkdir -p "$tree/build/on/$release" "$root$inside"
	mount --rbind /dev "$root/dev"
	mount -t proc proc "$root/proc"
	mount --bind "$tree" "$root$inside"
	mount --bind "$tree/build/on/$release" "$root$inside/build"
	mount --bind "$tmp" "$root/tmp"
	cp /etc/hosts /etc/resolv.conf "$root/etc/"
	local name kept=("PURGEFLEET_ON=$release")
	for name in CI TERM "${proxies[@]}"; do
		[ -z "${!name-}" ] || kept+=("$name=${!name}")
	done
	env -i HOME=/root LANG=C.UTF-8 PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "${kept[@]}" \
		chroot "$root" "$inside/dev" "$@" <&0 &
	wait $!
}

# What a command that is ended leaves in /tmp goes with it.
go_in() {
	local tmp child status
	mkdir -p "$tree/build/on"
	tmp=$(mktemp -d "$tree/build/on/tmp.XXXXXX")
	chmod 1777 "$tmp"
	unshare --mount --pid --fork --kill-child "$self" enter "$root" "$release" "$tmp" "$@" <&0 &
	child=$!
	trap 'kill -KILL "$child"' INT TERM
	wait "$child" && status=0 || status=$?
	wait "$child" 2>/dev/null || true
	rm -rf "$tmp"
	exit "$status"
}

remove() {
	local lock file
	for file in "$home"/*.lock; do
		[ -e "$file" ] || continue
		exec {lock}>"$file"
		flock --nonblock "$lock" || die "the chroot of $(basename "$file" .lock) is in use; end that first"
	done
	rm -rf --one-file-system "$home"
}

[ $# -gt 0 ] || { usage >&2; exit 2; }
case $1 in
help | --help | -h) usage; exit ;;
esac
if [ "$1" = remove ]; then
	remove
	exit
fi
if [ "$1" = enter ] && [ $$ = 1 ]; then
	shift
	enter "$@"
	exit
fi
release=$1
shift
suite=$(suite_of "$release") || refuse "no release $release; releases: $releases"
[ $# -gt 0 ] || refuse "what is to be done on $release? See ./dev help"
prepare
go_in "$@"
