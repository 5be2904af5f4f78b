#!/usr/bin/env bash
# SPDX-License-Identifier: MPL-2.0
# mysql.sh: a private MySQL server for a test, in a directory of its own; mysql_fetch.sh says where it comes from.
set -euo pipefail
self=$(realpath -- "${BASH_SOURCE[0]}")
support=${self%/*}
kind=mysql-data
# shellcheck source=tests/support/database.sh
. "$support/database.sh"
# shellcheck source=tests/support/fetch.sh
. "$support/fetch.sh"

usage() {
	cat <<'TEXT'
usage: mysql.sh fetch
       mysql.sh start DIR [--owner PID] [-- MYSQLD-OPTION...]
       mysql.sh stop|kill|restart|remove DIR
       mysql.sh sql DIR [DATABASE]      statements come from standard input

All as mariadb.sh does it; see there. The server's own defaults stand where they differ from
MariaDB's: the binary log is on.
PURGEFLEET_MYSQL in the environment says which MySQL: mysql (the default, the newest) or mysql-8.4.
fetch gets the server (start does it by itself); it is kept in ${PURGEFLEET_CACHE:-~/.cache/purgefleet}.
TEXT
}

release=${PURGEFLEET_MYSQL:-mysql}
files=$cache/$release-$(cat "$support"/{mysql_fetch,archive}.sh | sha256sum | cut -c 1-12)

fetch() {
	fetch_once "$release" "$support/mysql_fetch.sh" "$release"
}

# True when the process of DIR/pid is a MySQL server that still runs. It goes by the name of its loader.
running() {
	local pid
	[ -s "$dir/pid" ] || return 1
	pid=$(<"$dir/pid")
	grep -qas -- "--datadir=$dir/data" "/proc/$pid/cmdline" && process_lives "$pid"
}

# With its own C library, which is newer than this system's.
server() {
	local loader
	loader=("$files"/usr/lib/*/ld-linux*.so.*)
	exec setsid "${loader[0]}" --library-path "${loader[0]%/*}" "$files/usr/sbin/mysqld" --no-defaults \
		--basedir="$files/usr" --lc-messages-dir="$files/usr/share/mysql" \
		--character-sets-dir="$files/usr/share/mysql/charsets" --plugin-dir="$files/usr/lib/mysql/plugin" \
		--secure-file-priv=NULL "$@"
}

server_version() {
	fetch && (server --version)
}

layout_options=(
	--innodb-autoextend-increment=4
	--innodb-data-file-path=ibdata1:5M:autoextend
	--innodb-redo-log-capacity=8M
	--innodb-temp-data-file-path=ibtmp1:12M:autoextend
)

run_options=(
	--character-set-server=utf8mb3
	--cte-max-recursion-depth=1000000
	--innodb-buffer-pool-dump-at-shutdown=0
	--innodb-buffer-pool-load-at-startup=0
	--innodb-buffer-pool-size=32M
	--key-buffer-size=1M
	--max-connections=64
	--mysqlx=off
	--performance-schema=off
	--sync-binlog=0
	--table-open-cache=64
	--thread-cache-size=8
)

format() {
	local as
	as=$(run_as)
	cat >"$1.sql" <<'SQL'
CREATE DATABASE tokenserver DEFAULT CHARACTER SET utf8mb3;
CREATE USER 'test'@'127.0.0.1' IDENTIFIED BY 'test';
CREATE USER 'test'@'localhost' IDENTIFIED BY 'test';
GRANT ALL PRIVILEGES ON *.* TO 'test'@'127.0.0.1' WITH GRANT OPTION;
GRANT ALL PRIVILEGES ON *.* TO 'test'@'localhost' WITH GRANT OPTION;
SQL
	(server --initialize-insecure --datadir="$1" --init-file="$1.sql" ${as:+"$as"} "${layout_options[@]}") || return 1
	# Each server gets a name of its own.
	rm -f "$1.sql" "$1/auto.cnf"
}

case ${1-} in
fetch) fetch ;;
*) database_main "$@" ;;
esac
