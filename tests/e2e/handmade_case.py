# SPDX-License-Identifier: MPL-2.0
"""handmade_case: topics as somebody makes them by hand, and what `topics show` says of them."""
import re

from kafka_case import KafkaCase

RETRIES = ("retry.1m", "retry.10m", "retry.1h", "retry.6h")


def change_of(topic, setting):
    """The command that makes it so."""
    return ("kafka-configs.sh --bootstrap-server HOST:PORT --alter --entity-type topics "
            f"--entity-name {topic} --add-config {setting}")


class HandmadeCase(KafkaCase):
    def name(self, end):
        return f"{self.topic}.{end}" if end else self.topic

    def make_by_hand(self, end, partitions=1, **properties):
        self.broker.make_topic(self.name(end), partitions, **properties)

    def show(self, *options):
        """What it says of each topic: the end of the name to a list of what differs."""
        found = {}
        for line in self.call("topics", "show", *options, status=None).stdout.splitlines():
            topic = re.match(rf"{re.escape(self.topic)}\.?([^:]*): ", line)
            if topic:
                differences = found.setdefault(topic.group(1), [])
            elif line.startswith("  differs: "):
                differences.append(line.removeprefix("  differs: "))
        return found
