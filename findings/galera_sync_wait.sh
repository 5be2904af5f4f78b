#!/usr/bin/env bash
# SPDX-License-Identifier: MPL-2.0
# galera_sync_wait.sh: what a Galera node outside the primary component answers to a session that waits for causality.
#
# MariaDB 10.11.19 with galera-4 26.4.23, as Debian 12 has them. With wsrep_sync_wait = 1, which asks the node to answer no read
# before it has what was committed anywhere, such a node refuses `SELECT 1` and `SELECT @@global.read_only` at once with
#   ERROR 1205 (HY000) at line 1: Lock wait timeout exceeded; try restarting transaction
# though nothing was locked, nothing waited, and trying again will not help. Without the setting both work, and a SELECT that
# reads a table is 1047, "WSREP has not yet prepared node for application use", which is what one would expect here, too.
# So who takes 1205 for a row that somebody has locked tries again without end, and blames the row.
#
# Fetches the packages named below into a directory of its own and installs nothing. Exits 0 when it is as told above.
set -euo pipefail

packages=(mariadb-server-core=1:10.11.19-0+deb12u1 mariadb-client-core=1:10.11.19-0+deb12u1
	mariadb-client=1:10.11.19-0+deb12u1 libmariadb3=1:10.11.19-0+deb12u1 galera-4=26.4.23-0+deb12u1)
place=$(mktemp -d /tmp/galera-finding-XXXXXX)
server=""

# shellcheck disable=SC2317 # by the trap
clean() {
	if [ -n "$server" ]; then
		kill -9 "$server" 2>/dev/null || true
		wait "$server" 2>/dev/null || true
	fi
	rm -rf "$place"
}
trap clean EXIT

cd "$place"
apt-get download -qq -o APT::Sandbox::User=root "${packages[@]}"
for package in ./*.deb; do dpkg -x "$package" root; done
export PATH="$place/root/usr/bin:$place/root/usr/sbin:$PATH"
export LD_LIBRARY_PATH="$place/root/usr/lib/x86_64-linux-gnu"
as=()
[ "$(id -u)" != 0 ] || as=(--user=root)

mariadb-install-db --no-defaults --basedir="$place/root/usr" --datadir="$place/data" --skip-name-resolve \
	--auth-root-authentication-method=normal "${as[@]}" >install.log 2>&1
mariadbd --no-defaults "${as[@]}" --lc-messages-dir="$place/root/usr/share/mysql" --datadir="$place/data" \
	--socket="$place/sock" --skip-networking --log-error="$place/error.log" --innodb-buffer-pool-size=32M \
	--binlog-format=ROW --innodb-autoinc-lock-mode=2 --wsrep-on=ON --wsrep-cluster-name=finding \
	--wsrep-provider="$place/root/usr/lib/galera/libgalera_smm.so" --wsrep-node-address=127.0.0.1 \
	--wsrep-cluster-address=gcomm:// \
	--wsrep-provider-options="gmcast.listen_addr=tcp://127.0.0.1:$((20000 + RANDOM % 10000));pc.wait_prim=no;" \
	2>/dev/null &
server=$!

# Prints what the server says to these statements, errors as well.
ask() {
	mariadb --no-defaults --user=root --socket="$place/sock" --batch --skip-column-names <<<"$1" 2>&1 |
		grep -v '^--------------$' || true
}

# wait_ready ON|OFF
wait_ready() {
	local tries
	for tries in {1..600}; do
		[ "$(ask "SHOW STATUS LIKE 'wsrep_ready'")" != "wsrep_ready"$'\t'"$1" ] || return 0
		sleep 0.1
	done
	echo "after $tries tries the node is not what it should be (wsrep_ready $1); its log ends with:" >&2
	tail -n 20 "$place/error.log" >&2
	exit 2
}

failed=0
# expect NAME STATEMENTS WORDS
expect() {
	local said
	said=$(ask "$2")
	echo "$1: $2"
	echo "    $said" | tr '\n' ' '
	echo
	if [[ $said != *"$3"* ]]; then
		echo "    but it was: $3" >&2
		failed=1
	fi
}

wait_ready ON
ask "CREATE DATABASE d; CREATE TABLE d.t (id INT PRIMARY KEY); INSERT INTO d.t VALUES (1)"
echo "versions: $(ask "SELECT VERSION()"), provider $(ask "SHOW STATUS LIKE 'wsrep_provider_version'" | cut -f 2)"
expect "in a cluster, waiting for causality" "SET SESSION wsrep_sync_wait = 1; SELECT 1; SELECT id FROM d.t" $'1\n1'
# Nobody is there, so it is a node that has lost the others.
ask "SET GLOBAL wsrep_cluster_address = 'gcomm://127.0.0.1:1'"
wait_ready OFF
expect "cut off" "SELECT 1" 1
expect "cut off" "SELECT id FROM d.t" "ERROR 1047 (08S01)"
expect "cut off, waiting for causality" "SET SESSION wsrep_sync_wait = 1; SELECT 1" \
	"ERROR 1205 (HY000) at line 1: Lock wait timeout exceeded; try restarting transaction"
expect "cut off, waiting for causality" "SET SESSION wsrep_sync_wait = 1; SELECT @@global.read_only" "ERROR 1205 (HY000)"
exit $failed
