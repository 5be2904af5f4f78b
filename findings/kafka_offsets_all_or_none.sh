#!/usr/bin/env bash
# SPDX-License-Identifier: MPL-2.0
# kafka_offsets_all_or_none.sh: what librdkafka tells of offsets by time when the leader of one partition does not answer.
#
# confluent-kafka 2.0.2 and 2.16.1 (librdkafka 2.0.2 and 2.16.0) with Apache Kafka 4.3.1. A topic has a partition on each of two
# brokers, one of which hangs (SIGSTOP). The client asks each leader by itself, and the other one answers at once. Yet
# offsets_for_times for both partitions raises _TIMED_OUT after its whole time and tells neither offset; asked for the living
# broker's partition alone it tells it. (Once the cluster has taken the leader away, its partition alone has an error,
# LEADER_NOT_AVAILABLE.) So whoever asks for many partitions at once learns nothing as long as one broker hangs: ask for the
# partitions of each leader by themselves.
#
# Fetches pinned packages into a directory of its own and installs nothing. Exits 0 when it is as told above.
set -euo pipefail

kafka=4.3.1 slf4j=1.7.36
clients=(2.0.2 2.16.1)
place=$(mktemp -d /tmp/kafka-finding-XXXXXX)
brokers=()

# shellcheck disable=SC2317 # by the trap
clean() {
	for broker in "${brokers[@]}"; do
		kill -9 "$broker" 2>/dev/null || true
		wait "$broker" 2>/dev/null || true
	done
	rm -rf "$place"
}
trap clean EXIT
cd "$place"

cat >pom.xml <<XML
<project xmlns="http://maven.apache.org/POM/4.0.0">
	<modelVersion>4.0.0</modelVersion>
	<groupId>finding</groupId>
	<artifactId>broker</artifactId>
	<version>1</version>
	<packaging>pom</packaging>
	<dependencies>
		<dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>$kafka</version></dependency>
		<dependency><groupId>org.slf4j</groupId><artifactId>slf4j-simple</artifactId><version>$slf4j</version></dependency>
	</dependencies>
</project>
XML
mvn --batch-mode --quiet org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies \
	-DincludeScope=runtime -DoutputDirectory="$place/jars" </dev/null >&2

port=$((20000 + RANDOM % 4000)) port2=$((25000 + RANDOM % 4000)) controller=$((30000 + RANDOM % 2000))
for number in 1 2; do
	cat >"server$number.properties" <<TEXT
node.id=$number
controller.listener.names=CONTROLLER
controller.quorum.voters=1@127.0.0.1:$controller
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs=$place/data$number
offsets.topic.replication.factor=1
offsets.topic.num.partitions=1
broker.session.timeout.ms=120000
TEXT
done
cat >>server1.properties <<TEXT
process.roles=broker,controller
listeners=PLAINTEXT://127.0.0.1:$port,CONTROLLER://127.0.0.1:$controller
TEXT
cat >>server2.properties <<TEXT
process.roles=broker
listeners=PLAINTEXT://127.0.0.1:$port2
TEXT
kafka_class() { # in a shell of its own, which it takes the place of
	exec java -Xmx256m -Dorg.slf4j.simpleLogger.defaultLogLevel=info -cp "jars/*" "$@"
}
start() { # NUMBER
	local tries=0
	(kafka_class kafka.tools.StorageTool format --cluster-id cHVyZ2VmbGVldC10ZXN0cw --config "server$1.properties") >"format$1.log" 2>&1
	kafka_class kafka.Kafka "server$1.properties" >"broker$1.log" 2>&1 &
	brokers[$1]=$!
	until grep -q 'Kafka Server started' "broker$1.log"; do
		tries=$((tries + 1))
		if [ "$tries" -gt 600 ] || ! kill -0 "${brokers[$1]}" 2>/dev/null; then
			tail -n 20 "broker$1.log" >&2
			exit 2
		fi
		sleep 0.1
	done
}
start 1
start 2

cat >ask.py <<'PYTHON'
import os
import signal
import sys
import time
from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition, libversion
from confluent_kafka.admin import AdminClient, NewTopic

address, topic, second = sys.argv[1], sys.argv[2], int(sys.argv[3])
ANSWER_S = 5


def leaders(admin):
    return {number: partition.leader for number, partition in admin.list_topics(topic, 10).topics[topic].partitions.items()}


def wait_for(what, is_so):
    end = time.monotonic() + 60
    while not is_so():
        if time.monotonic() > end:
            sys.exit(f"waited in vain for {what}")
        time.sleep(0.1)


def ask(*partitions):
    """The offset of each that is told, or the error of all."""
    consumer = Consumer({"bootstrap.servers": address, "group.id": "g"})
    try:
        found = consumer.offsets_for_times([TopicPartition(topic, number, 0) for number in partitions], ANSWER_S)
        return {place.partition: place.error.name() if place.error else place.offset for place in found}
    except KafkaException as error:
        return error.args[0].name()
    finally:
        consumer.close()


admin = AdminClient({"bootstrap.servers": address})
[made] = admin.create_topics([NewTopic(topic, 2, replica_assignment=[[1], [2]])]).values()
made.result(20)
wait_for("the leaders", lambda: leaders(admin) == {0: 1, 1: 2})
producer = Producer({"bootstrap.servers": address})
for number in (0, 1):
    producer.produce(topic, b"x", partition=number)
producer.flush(20)
both = ask(0, 1)
os.kill(second, signal.SIGSTOP)
together, alone = ask(0, 1), ask(0)
os.kill(second, signal.SIGCONT)
print("librdkafka", libversion()[0])
print("  both brokers answer:", both)
print("  one hangs, both partitions asked for:", together)
print("  one hangs, the other one's asked for alone:", alone)
sys.exit(0 if (both, together, alone) == ({0: 0, 1: 0}, "_TIMED_OUT", {0: 0}) else 1)
PYTHON

failed=0
for version in "${clients[@]}"; do
	python3 -m venv "venv-$version"
	"venv-$version/bin/pip" --quiet --disable-pip-version-check install --no-deps "confluent-kafka==$version"
	if ! "venv-$version/bin/python" ask.py "127.0.0.1:$port" "asked-$version" "${brokers[2]}"; then
		echo "but the partition whose leader answers was not told" >&2
		failed=1
	fi
done
exit "$failed"
