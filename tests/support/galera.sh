#!/usr/bin/env bash
# SPDX-License-Identifier: MPL-2.0
# galera.sh: a private Galera cluster of three MariaDB servers for a test, in a directory of its own.
set -euo pipefail
self=$(realpath -- "${BASH_SOURCE[0]}")
support=${self%/*}
# shellcheck source=tests/support/server.sh
. "$support/server.sh"
mariadb=$support/mariadb.sh
provider=/usr/lib/galera/libgalera_smm.so
export PATH="$support/galera:$PATH:/usr/local/sbin:/usr/sbin:/sbin"

usage() {
	cat <<'TEXT'
usage: galera.sh start DIR [--owner PID] [-- MARIADBD-OPTION...]
       galera.sh remove DIR

start prints the ports of the three nodes (127.0.0.1), with spaces between. Each is a server of mariadb.sh, in DIR/1, DIR/2 and
DIR/3: `mariadb.sh sql DIR/2` and so on work. A node that is cut off knows it after about two seconds, a read that waits for the
others gives up after two.
With --owner all are killed and DIR removed as soon as that process is gone.
The state that they begin with is kept in ${PURGEFLEET_CACHE:-~/.cache/purgefleet}.
TEXT
}

cluster_options=(
	--binlog-format=ROW --innodb-autoinc-lock-mode=2 --wsrep-on=ON --wsrep-provider="$provider"
	--wsrep-cluster-name=test --wsrep-node-address=127.0.0.1 --wsrep-sst-method=same
	# MariaDB 11 has a plugin that makes a variable of each option of the provider, and takes them no other way.
	--loose-plugin-wsrep-provider=OFF
)

provider_options() {
	local option options=(
		"gmcast.listen_addr=tcp://127.0.0.1:$1" "ist.recv_addr=127.0.0.1:$(random_port)"
		gcache.size=4M pc.recovery=no repl.causal_read_timeout=PT2S
		evs.keepalive_period=PT0.2S evs.inactive_check_period=PT0.2S
		evs.suspect_timeout=PT1S evs.inactive_timeout=PT3S evs.install_timeout=PT3S
	)
	for option in "${options[@]}"; do printf '%s;' "$option"; done
}

# Prints the data directory of a node that was a cluster of its own and knows its state; makes it when it is not there yet.
template() {
	local version key new
	version=$(mariadbd --no-defaults --version; sha256sum "$provider")
	key=$(cat - "$self" "$mariadb" "$support/database.sh" "$support/server.sh" <<<"$version" | sha256sum)
	local ready=$cache/galera-${key:0:12}
	if [ ! -d "$ready" ]; then
		mkdir -p "$cache"
		new=$(mktemp -d "$cache/new.XXXXXX")
		"$mariadb" start "$new" -- "${cluster_options[@]}" --wsrep-cluster-address=gcomm:// \
			--wsrep-provider-options="$(provider_options "$(random_port)")" >/dev/null
		"$mariadb" stop "$new"
		rm -f "$new/data/galera.cache"
		# Another process may have been quicker: then its copy is as good.
		mv -T "$new/data" "$ready" 2>/dev/null || true
		"$mariadb" remove "$new"
	fi
	echo "$ready"
}

# start_node NUMBER OPTION...
start_node() {
	local number=$1
	shift
	"$mariadb" start "$dir/$number" "${owner[@]}" --data "$state" -- "${cluster_options[@]}" \
		--wsrep-cluster-address="gcomm://$members" --wsrep-node-name="node$number" \
		--wsrep-provider-options="$(provider_options "${cluster_ports[number - 1]}")" "$@" >/dev/null
}

start() {
	local number starting=()
	owner=()
	if [ "${1-}" = --owner ]; then
		owner=(--owner "${2:?}")
		shift 2
	fi
	[ "${1-}" != -- ] || shift
	[ -e "$provider" ] || die "there is no $provider: run ./dev setup"
	state=$(template)
	cluster_ports=("$(random_port)" "$(random_port)" "$(random_port)")
	members=$(printf ',127.0.0.1:%s' "${cluster_ports[@]}")
	members=${members#,}
	start_node 1 --wsrep-new-cluster "$@"
	# It is not to make a cluster of its own when it is started again.
	grep -zvx -- --wsrep-new-cluster "$dir/1/options" >"$dir/options"
	mv "$dir/options" "$dir/1/options"
	for number in 2 3; do
		start_node "$number" "$@" &
		starting+=($!)
	done
	for number in "${starting[@]}"; do
		wait "$number" || die "a node does not start, see $dir/*/error.log"
	done
	wait_until 30 is_whole || die "the nodes do not find each other, see $dir/*/error.log"
	[ ${#owner[@]} -eq 0 ] || watch_owner "${owner[1]}"
	echo "$(<"$dir/1/port") $(<"$dir/2/port") $(<"$dir/3/port")"
}

is_whole() {
	local number
	for number in 1 2 3; do
		[ "$("$mariadb" sql "$dir/$number" <<<"SELECT GROUP_CONCAT(variable_value ORDER BY variable_name)
			FROM information_schema.global_status
			WHERE variable_name IN ('wsrep_cluster_size', 'wsrep_ready')")" = 3,ON ] || return 1
	done
}

remove() {
	local node
	for node in "$dir"/[123]; do
		[ ! -e "$node/socket" ] || "$mariadb" remove "$node"
	done
	rm -rf "$dir"
}

[ $# -ge 2 ] || { usage >&2; exit 2; }
[ "$1" != start ] || mkdir -p -- "$2"
dir=$(realpath -- "$2")
command=$1
shift 2
case $command in
start) start "$@" ;;
remove) remove ;;
watch) watch "$@" ;;
*) usage >&2; exit 2 ;;
esac
