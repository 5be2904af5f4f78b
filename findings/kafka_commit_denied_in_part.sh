#!/usr/bin/env bash
# SPDX-License-Identifier: MPL-2.0
# kafka_commit_denied_in_part.sh: which partitions librdkafka calls refused when the broker refuses one of those in a commit.
#
# confluent-kafka 2.0.2 and 2.16.1 (librdkafka 2.0.2 and 2.16.0) with Apache Kafka 4.3.1 and its StandardAuthorizer. A consumer
# has the right to Read one topic and not another, and commits offsets of both at once. The broker answers for each partition:
# it stores the first and refuses the second with TOPIC_AUTHORIZATION_FAILED. alter_consumer_group_offsets, which sends such a
# request, too, reports just that. But a consumer takes the error of one partition for that of the commit, and gives it to each
# partition that has none: on_commit sees both as refused, and commit(asynchronous=False) raises the error and names neither.
# Yet committed() shows that the first was stored. So the errors do not tell which topic lacks the right; committed() does, or
# a commit of each topic alone.
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
offsets.topic.num.partitions=1
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
allow.everyone.if.no.acl.found=true
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

cat >commit.py <<'PYTHON'
import sys
import time
from confluent_kafka import Consumer, ConsumerGroupTopicPartitions, KafkaException, TopicPartition, libversion
from confluent_kafka.admin import (AclBinding, AclOperation, AclPermissionType, AdminClient, NewTopic, ResourcePatternType,
                                   ResourceType)

address, version = sys.argv[1:]
admin = AdminClient({"bootstrap.servers": address})
mine, other = f"mine-{version}", f"other-{version}"
denied, nothing = "TOPIC_AUTHORIZATION_FAILED", -1001


def done(futures):
    return [future.result(20) for future in futures.values()]


def rule(operation, permission):
    return AclBinding(ResourceType.TOPIC, other, ResourcePatternType.LITERAL, "User:ANONYMOUS", "*", operation, permission)


def places(*topics):
    return [TopicPartition(topic, 0, 7) for topic in topics]


def errors(partitions):
    return {place.topic: place.error and place.error.name() for place in partitions}


def a_consumer(group, **options):
    return Consumer({"bootstrap.servers": address, "group.id": f"{group}-{version}", "enable.auto.commit": False, **options})


def stored(consumer):
    found = consumer.committed(places(mine, other), 20)
    consumer.close()
    return {place.topic: place.offset for place in found}


def commit_now(consumer, *topics):
    try:
        return errors(consumer.commit(offsets=places(*topics), asynchronous=False))
    except KafkaException as error:
        return error.args[0].name()


def wait_for(what, is_so):
    end = time.monotonic() + 30
    while not is_so():
        if time.monotonic() > end:
            sys.exit(f"waited in vain for {what}")


done(admin.create_topics([NewTopic(mine, 1, 1), NewTopic(other, 1, 1)]))
done(admin.create_acls([rule(AclOperation.ALL, AclPermissionType.ALLOW), rule(AclOperation.READ, AclPermissionType.DENY)]))
first = a_consumer("first")
wait_for("the rules", lambda: commit_now(first, other) == denied)
wait_for("the first alone", lambda: commit_now(first, mine) == {mine: None})
first.close()

now = a_consumer("now")
raised = commit_now(now, mine, other)
after_now = stored(now)

heard = []
later = a_consumer("later", on_commit=lambda error, partitions: heard.append((error and error.name(), errors(partitions))))
later.commit(offsets=places(mine, other), asynchronous=True)
wait_for("on_commit", lambda: later.poll(0.1) is None and heard)
after_later = stored(later)

[altered] = done(admin.alter_consumer_group_offsets([ConsumerGroupTopicPartitions(f"admin-{version}", places(mine, other))]))
answer = errors(altered.topic_partitions)

print("librdkafka", libversion()[0])
print("  both, commit(asynchronous=False):", raised, "and then stored:", after_now)
print("  both, on_commit:", *heard, "and then stored:", after_later)
print("  both, alter_consumer_group_offsets:", answer)
is_as_told = (raised == denied and heard == [(denied, {mine: denied, other: denied})]
              and after_now == after_later == {mine: 7, other: nothing} and answer == {mine: None, other: denied})
sys.exit(0 if is_as_told else 1)
PYTHON

failed=0
for version in "${clients[@]}"; do
	python3 -m venv "venv-$version"
	"venv-$version/bin/pip" --quiet --disable-pip-version-check install --no-deps "confluent-kafka==$version"
	if ! "venv-$version/bin/python" commit.py "127.0.0.1:$port" "$version"; then
		echo "but the first was stored, and called refused" >&2
		failed=1
	fi
done
exit "$failed"
