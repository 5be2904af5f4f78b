# SPDX-License-Identifier: MPL-2.0
# shellcheck shell=bash disable=SC2154
# database.sh: what mariadb.sh and mysql.sh share. To be read with `.`.
#
# The script sets self (its own path), support (this directory) and kind (mariadb, mysql), and has
#   usage, and running as server.sh wants it
#   server ARG...    becomes the server with these arguments; it must not fork
#   server_version   all that a formatted data directory depends on, besides the scripts
#   format DIR       makes a data directory with a database `tokenserver` and the user `test`
#   layout_options   what every start of the server on that directory needs
#   run_options     what a server in use gets besides: small and quick
# and then calls database_main "$@".
# shellcheck source=tests/support/server.sh
. "$support/server.sh"

# The servers refuse to run as root unless told that this is meant.
run_as() {
	if [ "$(id -u)" = 0 ]; then echo "--user=root"; fi
}

# True when the server answers, and when there is nothing to wait for.
answers_or_died() {
	stopped || mariadb-admin --no-defaults --skip-ssl --user=root --socket="$(<"$dir/socket")" ping \
		>/dev/null 2>&1
}

# Prints a data directory that only has to be copied; makes it when it is not there yet.
template() {
	local version key new
	version=$(server_version) || die "cannot run the server"
	key=$(cat - "$self" "$support/database.sh" "$support/server.sh" <<<"$version" | sha256sum)
	local ready=$cache/$kind-${key:0:12}
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

# launch PORT: status 0 when it is ready, 1 when the port is taken.
launch() {
	local as options
	as=$(run_as)
	mapfile -d '' -t options <"$dir/options"
	: >"$dir/pid"
	# The lock of a MySQL that was killed; its process may still be known.
	rm -f "$(<"$dir/socket").lock"
	[ ! -e "$dir/error.log" ] || mv "$dir/error.log" "$dir/error.log.old"
	(server ${as:+"$as"} --datadir="$dir/data" --port="$1" \
		--bind-address=127.0.0.1 --skip-networking=0 --socket="$(<"$dir/socket")" \
		--pid-file="$dir/server.pid" --log-error="$dir/error.log" \
		--tmpdir="$dir" --skip-name-resolve \
		--innodb-flush-log-at-trx-commit=1 \
		"${run_options[@]}" "${layout_options[@]}" "${options[@]}") \
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
	local owner="" source="" port tries
	if [ "${1-}" = --owner ]; then
		owner=${2:?}
		shift 2
	fi
	if [ "${1-}" = --data ]; then
		source=${2:?}
		shift 2
	fi
	[ "${1-}" != -- ] || shift
	running && die "a server is already running in $dir"
	if [ ! -e "$dir/ready" ]; then
		[ -n "$source" ] || source=$(template)
		create "$source" "$@"
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
	local source=$1
	shift
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

database_main() {
	case ${1-} in
	help | --help | -h) usage; exit ;;
	esac
	[ $# -ge 2 ] || { usage >&2; exit 2; }
	[ "$1" != start ] || mkdir -p -- "$2"
	local command=$1
	dir=$(realpath -- "$2")
	shift 2
	case $command in
	start) start "$@" ;;
	stop) signal TERM ;;
	kill) signal KILL ;;
	restart) signal TERM && start "$@" ;;
	remove) remove ;;
	watch) watch "$@" ;;
	sql) exec mariadb --no-defaults --skip-ssl --user=root --socket="$(<"$dir/socket")" --batch \
		--skip-column-names "$@" ;;
	*) usage >&2; exit 2 ;;
	esac
}
