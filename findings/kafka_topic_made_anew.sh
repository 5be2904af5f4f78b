#!/usr/bin/env bash
# SPDX-License-Identifier: MPL-2.0
# kafka_topic_made_anew.sh: where a consumer goes on that runs while its topic is deleted and made again with the same name.
#
# confluent-kafka 2.0.2 and 2.16.1 (librdkafka 2.0.2 and 2.16.0) with Apache Kafka 4.3.1. A consumer of a group has read and
# committed 100 records. The topic is deleted, made again at once, and gets 150 new ones. Topics have ids since KIP-516, the
# brokers forget what the group committed there, and auto.offset.reset is earliest. Yet the consumer keeps its number: it goes
# on at offset 100 of the new log, gives out the last 50 and reports nothing. Only when it asks while the new log still ends
# below that number is it told that its offset is out of range, and begins at the beginning; so several tries are made.
#
# Fetches pinned packages into a directory of its own and installs nothing. Exits 0 when it is as told above.
set -euo pipefail

kafka=4.3.1 slf4j=1.7.36
clients=(2.0.2 2.16.1)
place=$(mktemp -d /tmp/kafka-finding-XXXXXX)
broker=""

# shellcheck disable=SC2317 # by the trap
clean() {
	if [ -n "$broker" ]; then
		kill -9 "$broker" 2>/dev/null || true
		wait "$broker" 2>/dev/null || true
	fi
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

port=$((20000 + RANDOM % 9000)) controller=$((30000 + RANDOM % 2000))
cat >server.properties <<TEXT
process.roles=broker,controller
node.id=1
controller.listener.names=CONTROLLER
controller.quorum.voters=1@127.0.0.1:$controller
listeners=PLAINTEXT://127.0.0.1:$port,CONTROLLER://127.0.0.1:$controller
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs=$place/data
offsets.topic.replication.factor=1
TEXT
kafka_class() { # in a shell of its own, which it takes the place of
	exec java -Xmx256m -Dorg.slf4j.simpleLogger.defaultLogLevel=info -cp "jars/*" "$@"
}
(kafka_class kafka.tools.StorageTool format --cluster-id cHVyZ2VmbGVldC10ZXN0cw --config server.properties) >format.log 2>&1
kafka_class kafka.Kafka server.properties >broker.log 2>&1 &
broker=$!
tries=0
until grep -q 'Kafka Server started' broker.log; do
	tries=$((tries + 1))
	if [ "$tries" -gt 600 ] || ! kill -0 "$broker" 2>/dev/null; then
		tail -n 20 broker.log >&2
		exit 2
	fi
	sleep 0.1
done

cat >read.py <<'PYTHON'
import sys
import time
from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition, libversion
from confluent_kafka.admin import AdminClient, NewTopic

address, version = sys.argv[1:]
admin = AdminClient({"bootstrap.servers": address})


def make(topic):
    while True:
        try:
            return admin.create_topics([NewTopic(topic, 1, 1)])[topic].result(20)
        except KafkaException as error:
            if error.args[0].name() != "TOPIC_ALREADY_EXISTS":  # its deletion is on the way
                raise
            time.sleep(0.01)


def fill(topic, word, count):
    producer = Producer({"bootstrap.servers": address})
    for i in range(count):
        producer.produce(topic, f"{word}{i}")
    producer.flush(30)


def read(consumer, said, seconds, most):
    words, end = [], time.monotonic() + seconds
    while time.monotonic() < end and len(words) < most:
        message = consumer.poll(0.1)
        if message is not None and message.error():
            said.append(message.error().name())
        elif message is not None:
            words.append(message.value().decode())
    return words


def attempt(topic):
    said = []
    consumer = Consumer({"bootstrap.servers": address, "group.id": topic, "auto.offset.reset": "earliest",
                         "enable.auto.commit": False, "error_cb": lambda error: said.append(error.name())})
    make(topic)
    fill(topic, "old", 100)
    consumer.subscribe([topic])
    if len(read(consumer, said, 60, 100)) != 100:
        sys.exit("the first records were not read")
    consumer.commit(asynchronous=False)
    admin.delete_topics([topic])[topic].result(20)
    make(topic)
    fill(topic, "new", 150)
    words = read(consumer, said, 15, 150)
    [place] = consumer.committed([TopicPartition(topic, 0)], 20)
    print(f"librdkafka {libversion()[0]}: {len(words)} of the 150 new records, from {words[:1]}, reported: {said},",
          "the group has", "nothing" if place.offset < 0 else place.offset, flush=True)
    consumer.close()
    return words[:1] == ["new100"] and len(words) == 50 and not said and place.offset < 0


sys.exit(0 if any(attempt(f"t{version}-{i}") for i in range(6)) else 1)
PYTHON

failed=0
for version in "${clients[@]}"; do
	python3 -m venv "venv-$version"
	"venv-$version/bin/pip" --quiet --disable-pip-version-check install --no-deps "confluent-kafka==$version"
	if ! "venv-$version/bin/python" read.py "127.0.0.1:$port" "$version"; then
		echo "but the first 100 were passed over in silence" >&2
		failed=1
	fi
done
exit "$failed"
