#!/usr/bin/env bash
# SPDX-License-Identifier: MPL-2.0
# mariadb.sh: a private MariaDB server for a test, in a directory of its own.
set -euo pipefail
PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin"
self=$(realpath -- "${BASH_SOURCE[0]}")
support=${self%/*}
# shellcheck source=tests/support/server.sh
. "$support/server.sh"

usage() {
	cat <<'TEXT'
usage: mariadb.sh start DIR [--owner PID] [-- MARIADBD-OPTION...]
       mariadb.sh stop|kill|restart|remove DIR
       mariadb.sh sql DIR [DATABASE]      statements come from standard input

start prints the port (127.0.0.1). It makes the server in DIR, or starts again the one that is
there, on the same port and with the same options. There is a database `tokenserver` and a user
`test` with the password `test`; root needs no password on the socket whose path is in DIR/socket.
With --owner the server is killed and DIR removed as soon as that process is gone.
kill is SIGKILL; remove kills the server and removes DIR.
A formatted data directory is kept in ${PURGEFLEET_CACHE:-~/.cache/purgefleet}.
TEXT
}

# True when the process of DIR/pid is a MariaDB server that still runs.
running() {
	local pid
	[ -s "$dir/pid" ] || return 1
	pid=$(<"$dir/pid")
	grep -qsx mariadbd "/proc/$pid/comm" && process_lives "$pid"
}

# True when the server answers, and when there is nothing to wait for.
answers_or_died() {
	stopped || mariadb-admin --no-defaults --user=root --socket="$(<"$dir/socket")" ping \
		>/dev/null 2>&1
}

# mariadbd refuses to run as root unless told that this is meant.
run_as() {
	if [ "$(id -u)" = 0 ]; then echo "--user=root"; fi
}

# Prints a data directory that only has to be copied; makes it when it is not there yet.
template() {
	local version key new
	version=$(mariadbd --no-defaults --version) || die "cannot run mariadbd"
	key=$(cat - "$self" "$support/server.sh" <<<"$version" | sha256sum)
	local ready=$cache/mariadb-${key:0:12}
	if [ ! -d "$ready" ]; then
		mkdir -p "$cache"
		new=$(mktemp -d "$cache/new.XXXXXX")
		format "$new" >"$new.log" 2>&1 || die "cannot format a data directory, see $new.log"
		# Another process may have been quicker: then its copy is as good.
		mv -T "$new" "$ready" 2>/dev/null || rm -rf "$new"
		rm -f "$new.log"
	fi
	echo "$ready"
}

layout_options=(
	--innodb-autoextend-increment=4
	--innodb-data-file-path=ibdata1:4M:autoextend
	--innodb-log-file-size=16M
	--innodb-temp-data-file-path=ibtmp1:4M:autoextend
)

format() {
	local as
	as=$(run_as)
	mariadb-install-db --no-defaults --datadir="$1" --auth-root-authentication-method=normal \
		--skip-test-db --skip-name-resolve --cross-bootstrap ${as:+"$as"} "${layout_options[@]}"
	mariadbd --no-defaults --bootstrap --datadir="$1" ${as:+"$as"} "${layout_options[@]}" <<'SQL'
FLUSH PRIVILEGES;
CREATE DATABASE tokenserver DEFAULT CHARACTER SET utf8;
CREATE USER 'test'@'127.0.0.1' IDENTIFIED BY 'test';
CREATE USER 'test'@'localhost' IDENTIFIED BY 'test';
GRANT ALL PRIVILEGES ON *.* TO 'test'@'127.0.0.1' WITH GRANT OPTION;
GRANT ALL PRIVILEGES ON *.* TO 'test'@'localhost' WITH GRANT OPTION;
SQL
}

# launch PORT: status 0 when it is ready, 1 when the port is taken.
launch() {
	local as options
	as=$(run_as)
	mapfile -d '' -t options <"$dir/options"
	: >"$dir/pid"
	[ ! -e "$dir/error.log" ] || mv "$dir/error.log" "$dir/error.log.old"
	setsid mariadbd --no-defaults ${as:+"$as"} --datadir="$dir/data" --port="$1" \
		--bind-address=127.0.0.1 --skip-networking=0 --socket="$(<"$dir/socket")" \
		--pid-file="$dir/mariadbd.pid" --log-error="$dir/error.log" \
		--tmpdir="$dir" --performance-schema=off --skip-name-resolve \
		--character-set-server=utf8 --innodb-flush-log-at-trx-commit=1 \
		--innodb-buffer-pool-size=32M --innodb-buffer-pool-dump-at-shutdown=0 \
		--innodb-buffer-pool-load-at-startup=0 --key-buffer-size=1M \
		--aria-pagecache-buffer-size=1M --max-connections=64 --thread-cache-size=8 \
		--table-open-cache=64 "${layout_options[@]}" "${options[@]}" \
		</dev/null >/dev/null 2>&1 &
	echo $! >"$dir/pid"
	disown
	wait_until 5 exec_done $!
	wait_until 60 answers_or_died || die "the server is not ready in time, see $dir/error.log"
	if running; then return 0; fi
	grep -qi "bind on tcp/ip port" "$dir/error.log" && return 1
	tail -n 20 "$dir/error.log" >&2
	die "the server does not start"
}

remove() {
	[ -e "$dir/socket" ] || die "$dir is not a server's directory"
	signal KILL
	rm -rf "$(dirname "$(<"$dir/socket")")" "$dir"
}

start() {
	local owner="" port tries
	if [ "${1-}" = --owner ]; then
		owner=${2:?}
		shift 2
	fi
	[ "${1-}" != -- ] || shift
	running && die "a server is already running in $dir"
	if [ ! -e "$dir/ready" ]; then
		create "$@"
	fi
	port=$(<"$dir/port")
	for tries in {1..20}; do
		if launch "$port"; then
			touch "$dir/ready"
			echo "$port" >"$dir/port"
			[ -z "$owner" ] || watch_owner "$owner"
			echo "$port"
			return
		fi
		[ ! -e "$dir/ready" ] || [ "$tries" -lt 5 ] || die "port $port is taken"
		[ -e "$dir/ready" ] || port=$(random_port)
	done
	die "no free port"
}

create() {
	local source
	source=$(template)
	rm -rf "$dir/data"
	cp -a --sparse=always --reflink=auto "$source" "$dir/data"
	: >"$dir/options"
	[ $# -eq 0 ] || printf '%s\0' "$@" >"$dir/options"
	random_port >"$dir/port"
	echo "$dir/sock" >"$dir/socket"
	# A socket's path has room for 107 bytes.
	if [ "$(LC_ALL=C; echo ${#dir})" -gt 100 ]; then
		echo "$(mktemp -d /tmp/purgefleet-XXXXXX)/sock" >"$dir/socket"
	fi
}

[ "${1-}" ] || { usage >&2; exit 2; }
case $1 in
help | --help | -h) usage; exit ;;
esac
[ $# -ge 2 ] || { usage >&2; exit 2; }
[ "$1" != start ] || mkdir -p -- "$2"
dir=$(realpath -- "$2")
command=$1
shift 2
case $command in
start) start "$@" ;;
stop) signal TERM ;;
kill) signal KILL ;;
restart) signal TERM && start "$@" ;;
remove) remove ;;
watch) watch "$@" ;;
sql) exec mariadb --no-defaults --user=root --socket="$(<"$dir/socket")" --batch \
	--skip-column-names "$@" ;;
*) usage >&2; exit 2 ;;
esac
