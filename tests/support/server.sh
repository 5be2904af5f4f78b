# SPDX-License-Identifier: MPL-2.0
# shellcheck shell=bash disable=SC2154
# server.sh: what the scripts share that keep a private server in a directory of its own. To be read with `.`.
#
# The script sets self (its own path) before, and dir (the server's) before it calls anything that speaks of the server;
# it has functions running (is the process of DIR/pid that server, and alive?) and remove.

# shellcheck disable=SC2034 # for the script
cache=${PURGEFLEET_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/purgefleet}

die() {
	echo "${self##*/}: $*" >&2
	exit 1
}

# Milliseconds since the machine started: a wait must not depend on the wall clock.
now_ms() {
	local up
	read -r up _ </proc/uptime
	echo $((10#${up/./} * 10))
}

# wait_until SECONDS COMMAND...
wait_until() {
	local deadline=$(($(now_ms) + $1 * 1000))
	shift
	until "$@"; do
		[ "$(now_ms)" -lt "$deadline" ] || return 1
		sleep 0.02
	done
}

# process_lives PID. The first thread may be a zombie while others still hold the port.
process_lives() {
	local stat state
	read -r stat 2>/dev/null <"/proc/$1/stat" || return 1
	stat=${stat##*) }
	state=${stat%% *}
	[ "$state" != Z ] || [ "$(find "/proc/$1/task" -maxdepth 1 2>/dev/null | wc -l)" -gt 2 ]
}

stopped() {
	! running
}

# exec_done PID: true when the child is no longer this script, that is: when it runs the server or has ended.
exec_done() {
	local comm
	read -r comm 2>/dev/null <"/proc/$1/comm" || return 0
	[ "$comm" != bash ] && [ "$comm" != setsid ] && [ "$comm" != "${self##*/}" ]
}

# Below the ephemeral range, so that no outgoing connection can sit on it.
random_port() {
	local port
	while :; do
		port=$((20000 + (RANDOM << 15 | RANDOM) % 10000))
		if ! (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
			echo "$port"
			return
		fi
	done
}

# signal NAME: waits until the server has ended.
signal() {
	if running; then kill "-$1" "$(<"$dir/pid")" 2>/dev/null || true; fi
	wait_until 60 stopped || die "the server of $dir does not end"
}

# watch_owner PID: ends the server with its owner, whatever ended that; the script calls watch when it is told to.
watch_owner() {
	setsid "$self" watch "$dir" "$1" </dev/null >/dev/null 2>&1 &
	disown
}

watch() {
	tail --pid="$1" -f /dev/null
	remove
}
