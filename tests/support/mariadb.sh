#!/usr/bin/env bash
# SPDX-License-Identifier: MPL-2.0
# mariadb.sh: a private MariaDB server for a test, in a directory of its own.
set -euo pipefail
PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin"
self=$(realpath -- "${BASH_SOURCE[0]}")
support=${self%/*}
kind=mariadb
# shellcheck source=tests/support/database.sh
. "$support/database.sh"

usage() {
	cat <<'TEXT'
usage: mariadb.sh start DIR [--owner PID] [--data SOURCE] [-- MARIADBD-OPTION...]
       mariadb.sh stop|kill|restart|remove DIR
       mariadb.sh sql DIR [DATABASE]      statements come from standard input

start prints the port (127.0.0.1). It makes the server in DIR, or starts again the one that is
there, on the same port and with the same options. There is a database `tokenserver` and a user
`test` with the password `test`; root needs no password on the socket whose path is in DIR/socket.
With --owner the server is killed and DIR removed as soon as that process is gone.
With --data it begins with a copy of the data directory SOURCE.
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

server() {
	exec setsid mariadbd --no-defaults "$@"
}

server_version() {
	mariadbd --no-defaults --version
}

layout_options=(
	--innodb-autoextend-increment=4
	--innodb-data-file-path=ibdata1:4M:autoextend
	--innodb-log-file-size=16M
	--innodb-temp-data-file-path=ibtmp1:4M:autoextend
)

run_options=(
	--aria-pagecache-buffer-size=1M
	--character-set-server=utf8
	--innodb-buffer-pool-dump-at-shutdown=0
	--innodb-buffer-pool-load-at-startup=0
	--innodb-buffer-pool-size=32M
	--key-buffer-size=1M
	--max-connections=64
	--max-recursive-iterations=1000000
	--performance-schema=off
	--table-open-cache=64
	--thread-cache-size=8
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

database_main "$@"
