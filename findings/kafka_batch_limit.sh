#!/usr/bin/env bash
# SPDX-License-Identifier: MPL-2.0
# kafka_batch_limit.sh: what librdkafka does with a batch that is larger than its topic takes, though each record is not.
#
# confluent-kafka 2.0.2 and 2.16.1 (librdkafka 2.0.2 and 2.16.0) with Apache Kafka 4.3.1. A topic with max.message.bytes=5000
# gets 100 records of 200 bytes, sent at once without compression. They travel as one batch, which the broker refuses with
# MSG_SIZE_TOO_LARGE. The Java client cuts such a batch in two and sends both (KIP-126). librdkafka reports each of the small
# records in it as MSG_SIZE_TOO_LARGE (77 and 100 of the 100): it neither cuts nor tries again. So the record that the error is
# about may be of any size, and what matters is the producer's batch.size: with batch.size=4000 all 100 are taken.
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

cat >send.py <<'PYTHON'
import sys
import collections
from confluent_kafka import Producer, libversion
from confluent_kafka.admin import AdminClient, NewTopic

address, topic = sys.argv[1:]
admin = AdminClient({"bootstrap.servers": address})
admin.create_topics([NewTopic(topic, 1, 1, config={"max.message.bytes": "5000"})])[topic].result(20)


def send(**options):
    said = collections.Counter()
    producer = Producer({"bootstrap.servers": address, "linger.ms": 500, "compression.type": "none",
                         **{name.replace("_", "."): value for name, value in options.items()}})
    for _ in range(100):
        producer.produce(topic, bytes(200), on_delivery=lambda err, _: said.update([err.name() if err else "taken"]))
    producer.flush(30)
    return dict(said)


whole, parts = send(), send(batch_size=4000)
print("librdkafka", libversion()[0])
print("  100 records of 200 bytes:", whole)
print("  the same, batch.size=4000:", parts)
# A few may have gone before the batch grew too large.
sys.exit(0 if whole.get("MSG_SIZE_TOO_LARGE", 0) >= 50 and parts == {"taken": 100} else 1)
PYTHON

failed=0
for version in "${clients[@]}"; do
	python3 -m venv "venv-$version"
	"venv-$version/bin/pip" --quiet --disable-pip-version-check install --no-deps "confluent-kafka==$version"
	if ! "venv-$version/bin/python" send.py "127.0.0.1:$port" "limited-$version"; then
		echo "but most of the first were refused, and none of the second" >&2
		failed=1
	fi
done
exit "$failed"
