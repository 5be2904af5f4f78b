# SPDX-License-Identifier: MPL-2.0
# shellcheck shell=bash
# archive.sh: where packages of another release come from, how they are reached, and who has to have signed them. To be read with `.`.
#
# An address is one that this machine's apt uses, else the one that debootstrap takes when nobody names another.

# shellcheck disable=SC2034 # for the script that reads this
# How debootstrap makes any Ubuntu; one that is newer than it it does not know by name.
ubuntu_script=gutsy
# shellcheck disable=SC2034
debian_keyring=/usr/share/keyrings/debian-archive-keyring.gpg

apt_uris() {
	apt-get indextargets --format "\$(REPO_URI)" 'Created-By: Packages' "$@"
}

# How apt reaches the net here, as lines of its configuration.
apt_network() {
	apt-config dump | grep -E '^Acquire::(https?|ftp|socks5h|Retries|Force|Check)' || true
}

# find_mirror LABEL: of the archives that apt knows the first with that label. Labels are known after an `apt-get update` only.
find_mirror() {
	local found
	found=$(apt_uris "Label: $1")
	[ -n "$found" ] || found=$(apt_uris | grep -iE "/$1/?\$" || true)
	echo "${found%%$'\n'*}"
}

debian_mirror() {
	local found
	found=$(find_mirror Debian)
	[ -n "$found" ] || found=$(sed -n 's/^DEF_MIRROR="\(.*\)"$/\1/p' "$(command -v debootstrap)")
	echo "$found"
}

# debootstrap's script names the address by calling default_mirror, for this architecture.
# shellcheck disable=SC1090,SC2034,SC2317
ubuntu_default_mirror() (
	ARCH=$(dpkg --print-architecture)
	SUITE=any
	default_mirror() {
		echo "$1"
		exit
	}
	. "/usr/share/debootstrap/scripts/$ubuntu_script"
)

ubuntu_mirror() {
	local found
	found=$(find_mirror Ubuntu)
	[ -n "$found" ] || found=$(ubuntu_default_mirror)
	echo "$found"
}

# ubuntu_keyring DIR: prints the file of Ubuntu's keys, which Debian 12 has no package of: then it is put into DIR.
ubuntu_keyring() {
	local name=usr/share/keyrings/ubuntu-archive-keyring.gpg deb=ubuntu-keyring_2023.11.28.1_all.deb
	local sum=36de43b15853ccae0028e9a767613770c704833f82586f28eb262f0311adb8a8
	if [ -r "/$name" ]; then
		echo "/$name"
		return
	fi
	curl --fail --silent --show-error --location --retry 3 --output "$1/$deb" \
		"$(ubuntu_mirror)/pool/main/u/ubuntu-keyring/$deb" || return 1
	sha256sum --quiet -c <<<"$sum  $1/$deb" >&2 || return 1
	dpkg-deb --fsys-tarfile "$1/$deb" | tar -xO "./$name" >"$1/ubuntu.gpg" || return 1
	rm "$1/$deb"
	echo "$1/ubuntu.gpg"
}
