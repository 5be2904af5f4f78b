#!/usr/bin/env bash
# SPDX-License-Identifier: MPL-2.0
# broker.sh: a private Kafka broker for a test or a demo, in a directory of its own.
set -euo pipefail
self=$(realpath -- "${BASH_SOURCE[0]}")
support=${self%/*}
# shellcheck source=tests/support/server.sh
. "$support/server.sh"

usage() {
	cat <<'TEXT'
usage: broker.sh fetch
       broker.sh start DIR [--owner PID] [--secure] [--clock SECONDS] [-- PROPERTY=VALUE...]
       broker.sh cluster start DIR [--owner PID] [-- PROPERTY=VALUE...]
       broker.sh stop|kill|restart|remove DIR
       broker.sh address DIR [--secure]

start prints the bootstrap address (127.0.0.1:PORT) when the broker answers. It makes the broker in
DIR, or starts again the one that is there, with its data, port and properties.
With --secure it also listens for SASL_SSL (mechanism PLAIN) at `address DIR --secure`: DIR/ca.pem is
what a client has to trust, DIR/user and DIR/password are who it has to be.
With --clock its clock is so far from this machine's: -60 is a minute behind.
With --owner the broker is killed and DIR removed as soon as that process is gone.
cluster start does the same with three brokers that keep each other's data (min.insync.replicas 2). Each has a
directory of its own, DIR/1 to DIR/3, which start, stop, kill, restart and address take; remove takes DIR.
kill is SIGKILL; remove kills the broker and removes DIR.
fetch gets what start needs (start does it by itself): jars, a formatted directory and an archive of
loaded classes, kept in ${PURGEFLEET_CACHE:-~/.cache/purgefleet}.
TEXT
}

# --- what every broker shares

files=$support/kafka
shared=$cache/kafka-$(cat "$self" "$support/server.sh" "$files"/* | sha256sum | cut -c 1-12)

jvm=(-Xms32m -Xmx256m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:-UsePerfData
	-Djava.awt.headless=true
	-Dorg.slf4j.simpleLogger.defaultLogLevel=warn
	-Dorg.slf4j.simpleLogger.showDateTime=true
	-Dorg.slf4j.simpleLogger.dateTimeFormat=HH:mm:ss.SSS
	-Dorg.slf4j.simpleLogger.log.kafka.server.KafkaRaftServer=info
	-Dorg.slf4j.simpleLogger.log.org.apache.kafka.clients.NetworkClient=error)

# The archive of classes wants the same class path in the same order each time.
class_path() {
	find "$shared/jars" -name '*.jar' | LC_ALL=C sort | paste -sd :
}

fill_shared() {
	mvn --batch-mode --quiet --file "$files/pom.xml" dependency:copy-dependencies \
		-DincludeScope=runtime -DoutputDirectory="$shared/jars" </dev/null >&2 ||
		die "cannot fetch Kafka by Maven; the lines above say why"
	# One broker that nobody uses: formats the directory, and writes down its classes when it ends.
	local scratch
	scratch=$(mktemp -d "$cache/new.XXXXXX")
	dir=$scratch class_option=-XX:ArchiveClassesAtExit=$shared/classes.jsa launch_new >&2
	dir=$scratch signal TERM
	rm -rf "$scratch"
}

fetch() {
	local lock
	[ ! -e "$shared/complete" ] || return 0
	mkdir -p "$cache"
	exec {lock}>"$cache/kafka.lock"
	flock "$lock"
	# Another process may have made it in the meantime.
	if [ ! -e "$shared/complete" ]; then
		echo "broker.sh: fetching Kafka" >&2
		rm -rf "$shared"
		mkdir -p "$shared"
		fill_shared {lock}>&- || die "cannot prepare Kafka in $shared"
		touch "$shared/complete"
	fi
	exec {lock}>&-
}

# Formatting costs the start of a JVM, so it is done once and copied.
format() {
	local formatted
	formatted=$shared/formatted-$(<"$dir/node")
	if [ ! -d "$formatted" ]; then
		java -Xmx128m "${jvm[@]:2}" -cp "$(class_path)" kafka.tools.StorageTool format \
			--cluster-id cHVyZ2VmbGVldC10ZXN0cw --config "$dir/server.properties" \
			>"$dir/format.log" 2>&1 || die "cannot format, see $dir/format.log"
		cp -a "$dir/data" "$formatted"
	else
		rm -rf "$dir/data"
		cp -a "$formatted" "$dir/data"
	fi
}

# --- one broker

# True when the process of DIR/pid is a broker that still runs.
running() {
	local pid
	[ -s "$dir/pid" ] || return 1
	pid=$(<"$dir/pid")
	grep -qas kafka.Kafka "/proc/$pid/cmdline" && process_lives "$pid"
}

answers() {
	grep -q 'Kafka Server started' "$dir/broker.log" &&
		kcat -b "$(address)" -L -m 2 -X log_level=0 2>/dev/null | grep -q '^ [1-9] brokers'
}

# True when the broker answers, and when there is nothing to wait for.
answers_or_died() {
	stopped || answers
}

# address [--secure]
address() {
	case ${1-} in
	--secure) echo "127.0.0.1:$(<"$dir/secure_port")" ;;
	*) echo "127.0.0.1:$(<"$dir/port")" ;;
	esac
}

# One certificate is authority and server: nobody but this broker's clients will ever trust it.
certify() {
	local old_mask
	old_mask=$(umask)
	umask 077
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 \
		-subj /CN=localhost -addext subjectAltName=IP:127.0.0.1,DNS:localhost \
		-keyout "$dir/key.pem" -out "$dir/ca.pem" 2>"$dir/openssl.log" ||
		die "cannot make a certificate, see $dir/openssl.log"
	cat "$dir/key.pem" "$dir/ca.pem" >"$dir/server.pem"
	echo fleet >"$dir/user"
	openssl rand -hex 16 >"$dir/password"
	umask "$old_mask"
}

# secure_listener PORT: adds it to the properties.
secure_listener() {
	echo "$1" >"$dir/secure_port"
	chmod 600 "$dir/server.properties"
	[ -e "$dir/server.pem" ] || certify
	sed -i -e "s#^\\(advertised\\.\\)\\?listeners=.*#&,SASL_SSL://127.0.0.1:$1#" \
		-e 's#^listener.security.protocol.map=.*#&,SASL_SSL:SASL_SSL#' "$dir/server.properties"
	cat >>"$dir/server.properties" <<TEXT

ssl.keystore.type=PEM
ssl.keystore.location=$dir/server.pem
sasl.enabled.mechanisms=PLAIN
listener.name.sasl_ssl.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule \\
  required user_$(<"$dir/user")="$(<"$dir/password")";
TEXT
}

# set_up NODE PORT CONTROLLER_PORT VOTERS: what a new broker's directory has.
set_up() {
	echo "$1" >"$dir/node"
	echo "$2" >"$dir/port"
	sed -e "s#@DIR@#$dir#g" -e "s#@NODE@#$1#g" -e "s#@PORT@#$2#g" -e "s#@CONTROLLER_PORT@#$3#g" \
		-e "s#@VOTERS@#$4#g" "$files/server.properties.in" >"$dir/server.properties"
}

configure() {
	local port=$1 controller secure
	controller=$(random_port)
	while [ "$controller" = "$port" ]; do controller=$(random_port); done
	secure=$(random_port)
	while [ "$secure" = "$port" ] || [ "$secure" = "$controller" ]; do secure=$(random_port); done
	set_up 1 "$port" "$controller" "1@127.0.0.1:$controller"
	[ -z "${is_secure-}" ] || secure_listener "$secure"
	printf '%s\n' "${@:2}" >>"$dir/server.properties"
}

# with_clock COMMAND...: by the clock that the broker has.
with_clock() {
	if [ -e "$dir/clock" ]; then
		LD_PRELOAD=/usr/\$LIB/faketime/libfaketimeMT.so.1
		FAKETIME=$(<"$dir/clock")
		export FAKETIME LD_PRELOAD
	fi
	exec "$@"
}

# What libfaketime leaves behind when its process is killed.
forget_clock() {
	[ ! -e "$dir/clock" ] || rm -f /dev/shm/{sem.faketime_sem,faketime_shm}_"$(<"$dir/pid")"
}

# Status 0 when it is ready, 1 when a port is taken.
launch() {
	local classes=${class_option-}
	if [ -z "$classes" ]; then
		classes="-XX:SharedArchiveFile=$shared/classes.jsa"
	fi
	[ ! -e "$dir/broker.log" ] || mv "$dir/broker.log" "$dir/broker.log.old"
	: >"$dir/broker.log"
	with_clock setsid java "${jvm[@]}" "$classes" -Xshare:auto -Xlog:disable -Xlog:all=error:stderr \
		-cp "$(class_path)" kafka.Kafka "$dir/server.properties" \
		>"$dir/broker.log" 2>&1 </dev/null &
	echo $! >"$dir/pid"
	disown
	wait_until 5 exec_done $!
	wait_until 90 answers_or_died || die "the broker is not ready in time, see $dir/broker.log"
	if running; then return 0; fi
	grep -q 'Address already in use' "$dir/broker.log" && return 1
	tail -n 20 "$dir/broker.log" >&2
	die "the broker does not start"
}

# launch_new [PROPERTY=VALUE...]: on a port that is free.
launch_new() {
	local tries
	for tries in {1..20}; do
		configure "$(random_port)" "$@"
		format
		if launch; then return 0; fi
	done
	die "no free port after $tries tries"
}

remove() {
	local node
	if [ -e "$dir/cluster" ]; then
		for node in 1 2 3; do dir=$dir/$node signal KILL; done
		rm -rf "$dir"
		return
	fi
	[ -e "$dir/server.properties" ] || die "$dir is not a broker's directory"
	signal KILL
	forget_clock
	rm -rf "$dir"
}

start() {
	local owner="" is_secure=""
	while [ $# -gt 0 ]; do
		case $1 in
		--owner)
			owner=${2:?}
			shift
			;;
		--secure) is_secure=yes ;;
		--clock)
			mkdir -p "$dir"
			echo "${2:?}" >"$dir/clock"
			shift
			;;
		--)
			shift
			break
			;;
		*) break ;;
		esac
		shift
	done
	running && die "a broker is already running in $dir"
	fetch
	if [ -e "$dir/ready" ]; then
		launch || die "the port of $dir is taken"
	else
		launch_new "$@"
		touch "$dir/ready"
	fi
	[ -z "$owner" ] || watch_owner "$owner"
	address
}

# --- a cluster

# Six ports that differ: of the brokers, then of the controllers.
cluster_ports() {
	local ports
	ports=$(for _ in {1..12}; do random_port; done | awk '!seen[$0]++' | head -n 6)
	[ "$(wc -l <<<"$ports")" = 6 ] || die "no free ports"
	echo "$ports"
}

# set_up_cluster [PROPERTY=VALUE...]
set_up_cluster() {
	local root=$dir node ports voters
	mapfile -t ports < <(cluster_ports)
	voters="1@127.0.0.1:${ports[3]},2@127.0.0.1:${ports[4]},3@127.0.0.1:${ports[5]}"
	for node in 1 2 3; do
		local dir=$root/$node
		mkdir -p "$dir"
		set_up "$node" "${ports[node - 1]}" "${ports[node + 2]}" "$voters"
		printf '%s\n' default.replication.factor=3 min.insync.replicas=2 \
			offsets.topic.replication.factor=3 transaction.state.log.replication.factor=3 \
			transaction.state.log.min.isr=2 "$@" >>"$dir/server.properties"
		format
		touch "$dir/ready"
	done
}

# Two of them make a quorum, so none is ready alone. Status 1 when a port is taken.
launch_cluster() {
	local root=$dir node pids=() pid status=0
	for node in 1 2 3; do
		dir=$root/$node
		if stopped; then
			launch &
			pids+=($!)
		fi
	done
	dir=$root
	for pid in "${pids[@]}"; do wait "$pid" || status=1; done
	return "$status"
}

launch_new_cluster() {
	local tries
	for tries in {1..5}; do
		set_up_cluster "$@"
		if launch_cluster; then return 0; fi
		for node in 1 2 3; do dir=$dir/$node signal KILL; done
	done
	die "the cluster does not start in $tries tries"
}

cluster_address() {
	echo "127.0.0.1:$(<"$dir/1/port"),127.0.0.1:$(<"$dir/2/port"),127.0.0.1:$(<"$dir/3/port")"
}

is_whole() {
	kcat -b "$(cluster_address)" -L -m 2 -X log_level=0 2>/dev/null | grep -q '^ 3 brokers'
}

cluster_start() {
	local owner=""
	while [ $# -gt 0 ]; do
		case $1 in
		--owner)
			owner=${2:?}
			shift
			;;
		--) ;;
		*) break ;;
		esac
		shift
	done
	fetch
	if [ -e "$dir/cluster" ]; then
		launch_cluster || die "a broker of $dir does not start"
	else
		launch_new_cluster "$@"
		touch "$dir/cluster"
	fi
	wait_until 60 is_whole || die "the brokers of $dir do not find each other"
	[ -z "$owner" ] || watch_owner "$owner"
	cluster_address
}

case ${1-} in
help | --help | -h) usage; exit ;;
fetch) fetch; exit ;;
esac
if [ "${1-} ${2-}" = "cluster start" ]; then
	shift
	set -- cluster_start "${@:2}"
fi
[ $# -ge 2 ] || { usage >&2; exit 2; }
case $1 in
start | cluster_start) mkdir -p -- "$2" ;;
esac
dir=$(realpath -- "$2")
command=$1
shift 2
case $command in
start) start "$@" ;;
cluster_start) cluster_start "$@" ;;
stop) signal TERM ;;
kill) signal KILL ;;
restart) signal TERM && start "$@" ;;
remove) remove ;;
address) address "$@" ;;
watch) watch "$@" ;;
*) usage >&2; exit 2 ;;
esac
