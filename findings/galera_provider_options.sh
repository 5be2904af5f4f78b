#!/usr/bin/env bash
# SPDX-License-Identifier: MPL-2.0
# galera_provider_options.sh: in MariaDB 11.8 a running node takes no wsrep_provider_options any more.
#
# MariaDB 11.8.9 with galera-4 26.4.23, as Debian 13 has them, with no option that asks for it. The command by which a cluster that
# lost its primary component is brought back in most runbooks,
#   SET GLOBAL wsrep_provider_options = 'pc.bootstrap=YES'
# is refused, as is any other option given that way:
#   ERROR 1210 (HY000): wsrep_provider_options cannot be changed while the wsrep-provider plugin is loaded
# The plugin is built in, and on. It makes a variable of most options, so SET GLOBAL wsrep_provider_pc_bootstrap = ON works; but
# gmcast.isolate, by which a node is cut off for a trial, has none (1193). With --plugin-wsrep-provider=OFF all is as in 10.11.
# At the server's start the option is taken in either case.
#
# Fetches the packages named below and what they need into a directory of its own and installs nothing. Exits 0 when it is as told.
set -euo pipefail

suite=trixie
packages=(mariadb-server-core=1:11.8.9+ds-0+deb13u1 mariadb-client-core=1:11.8.9+ds-0+deb13u1 galera-4=26.4.23-0+deb13u1)
place=$(mktemp -d /tmp/galera-finding-XXXXXX)
server=""

# shellcheck disable=SC2317 # by the trap
clean() {
	stop
	rm -rf "$place"
}

stop() {
	if [ -n "$server" ]; then
		kill -9 "$server" 2>/dev/null || true
		wait "$server" 2>/dev/null || true
	fi
	server=""
}
trap clean EXIT

# The suite's packages from the mirror of Debian that apt has, beside what apt knows of this machine.
cd "$place"
mirror=$(apt-get indextargets --format "\$(REPO_URI)" 'Created-By: Packages' 'Label: Debian')
mkdir -p state/lists/partial cache/archives/partial
: >status
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] ${mirror%%$'\n'*} $suite main" >sources.list
apt=(apt-get -qq -o Dir::State="$place/state" -o Dir::State::status="$place/status" -o Dir::Cache="$place/cache"
	-o Dir::Etc::sourcelist="$place/sources.list" -o Dir::Etc::sourceparts=/dev/null -o APT::Sandbox::User=root
	-o APT::Install-Recommends=false)
"${apt[@]}" update
"${apt[@]}" install -y --download-only "${packages[@]}" >/dev/null
for package in cache/archives/*.deb; do dpkg -x "$package" root; done
libraries=("$place"/root/usr/lib/*/ld-linux*.so.*)
loader=("${libraries[0]}" --library-path "${libraries[0]%/*}")
as=()
[ "$(id -u)" != 0 ] || as=(--user=root)

common=(--no-defaults "${as[@]}" --lc-messages-dir="$place/root/usr/share/mariadb" --datadir="$place/data"
	--plugin-dir="$place/root/usr/lib/mysql/plugin")
mkdir data data/mysql
{
	echo "USE mysql;"
	cat root/usr/share/mariadb/mariadb_system_tables.sql root/usr/share/mariadb/mariadb_system_tables_data.sql
} | "${loader[@]}" root/usr/sbin/mariadbd "${common[@]}" --bootstrap >install.log 2>&1

# start OPTION...: a cluster of one node.
start() {
	"${loader[@]}" root/usr/sbin/mariadbd "${common[@]}" --socket="$place/sock" --skip-networking --skip-grant-tables \
		--log-error="$place/error.log" --innodb-buffer-pool-size=32M --binlog-format=ROW \
		--innodb-autoinc-lock-mode=2 --wsrep-on=ON --wsrep-cluster-name=finding \
		--wsrep-provider="$place/root/usr/lib/galera/libgalera_smm.so" --wsrep-node-address=127.0.0.1 \
		--wsrep-cluster-address=gcomm:// \
		--wsrep-provider-options="gmcast.listen_addr=tcp://127.0.0.1:$((20000 + RANDOM % 10000));evs.suspect_timeout=PT7S" \
		"$@" 2>/dev/null &
	server=$!
	local tries
	for tries in {1..600}; do
		[ "$(ask "SHOW STATUS LIKE 'wsrep_ready'")" != "wsrep_ready"$'\t'ON ] || return 0
		sleep 0.1
	done
	tail error.log
	echo "the node is not ready after $tries tries"
	exit 1
}

# Prints what the server says to these statements, errors as well.
ask() {
	"${loader[@]}" root/usr/bin/mariadb --no-defaults --skip-ssl --user=root --socket="$place/sock" --batch --skip-column-names \
		<<<"$1" 2>&1 | grep -vE '^(-+|SET .*)?$' || true
}

# expect STATEMENT ANSWER
expect() {
	local got
	got=$(ask "$1")
	echo "$1;"
	echo "  ${got:-done}"
	# shellcheck disable=SC2254 # a pattern
	case ${got:-done} in
	$2) ;;
	*) echo "  but was expected: $2" && exit 1 ;;
	esac
}

start
echo "-- $(ask 'SELECT VERSION()'), as it comes"
expect "SHOW VARIABLES LIKE 'wsrep_provider_evs_suspect_timeout'" "*7.000000"
expect "SET GLOBAL wsrep_provider_options = 'pc.bootstrap=YES'" "ERROR 1210 * while the wsrep-provider plugin is loaded"
expect "SET GLOBAL wsrep_provider_options = 'gmcast.isolate=0'" "ERROR 1210 * while the wsrep-provider plugin is loaded"
expect "SET GLOBAL wsrep_provider_pc_bootstrap = ON" "done"
expect "SET GLOBAL wsrep_provider_gmcast_isolate = 0" "ERROR 1193 *"
stop
rm -f data/grastate.dat data/gvwstate.dat data/galera.cache
start --plugin-wsrep-provider=OFF
echo "-- with --plugin-wsrep-provider=OFF"
expect "SET GLOBAL wsrep_provider_options = 'pc.bootstrap=YES'" "done"
expect "SET GLOBAL wsrep_provider_options = 'gmcast.isolate=0'" "done"
