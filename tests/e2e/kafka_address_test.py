#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""kafka_address_test: a broker that gives an address of itself that leads nowhere is named, with the remedy."""
import re
import signal
import socket
from pathlib import Path

from case import main, wait_until
from kafka_case import KafkaCase

BAD = "no-such-broker.invalid:9092"
WORDS = "a broker's advertised address cannot be resolved; mend advertised.listeners of that broker"


REASON = "a broker cannot be reached at the address that it advertises (advertised.listeners): "


def full_listener():
    """A socket that lets nobody in: who connects hears nothing, as behind a firewall. It, and those that fill its queue."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(0)
    sockets = [listener]
    for _ in range(3):
        client = socket.socket()
        client.setblocking(False)
        client.connect_ex(listener.getsockname())
        sockets.append(client)
    return sockets


class Address(KafkaCase):
    def advertise(self, address):
        self.broker.stop()
        properties = Path(self.broker.dir) / "server.properties"
        text = re.sub(r"(?m)^advertised\.listeners=.*$", f"advertised.listeners=PLAINTEXT://{address}", properties.read_text())
        properties.write_text(text)
        self.broker.start()

    def start_all(self):
        """Every command that reads a topic, at once: name to program."""
        self.tables.many_old(3, [self.nodeid])
        all_words = (("topics", "tokenserver", "show"), ("decode", "--topic", self.topic), ("produce", "tokenserver"), ("work", "tokenserver"))
        return {words[0]: self.start(*(self.kafka() if words[0] != "decode" else self.kafka()[:2]), words=words) for words in all_words}

    def assert_end_with(self, reason, programs):
        for name, program in programs.items():
            with self.subTest(name):
                result = program.wait()
                self.assertEqual(1, result.status, result)
                self.assertIn(f": {REASON}{reason}", result.stderr.splitlines()[-1])

    def assert_named(self, lines):
        self.assertEqual(1, len(lines), lines)
        self.assertEqual("WARNING", lines[0]["severity"])
        self.assertIn(BAD, lines[0]["error"])

    def test_that_cannot_be_resolved_is_named_by_every_command(self):
        self.make_topics("--replication", 1)
        self.advertise(BAD)
        programs = self.start_all()
        self.assert_end_with(f"{BAD}/1: Failed to resolve '{BAD}'", programs)
        for name, program in programs.items():
            with self.subTest(name):
                self.assert_named(program.lines(WORDS))

    def test_that_swallows_what_is_sent_there_is_named_by_every_command(self):
        sockets = full_listener()
        for each in sockets:
            self.addCleanup(each.close)
        address = f"127.0.0.1:{sockets[0].getsockname()[1]}"
        self.advertise(self.broker.address)  # the other test has changed it
        self.make_topics("--replication", 1)
        self.advertise(address)
        self.assert_end_with(f"{address}/1: Connection setup timed out", self.start_all())

    def test_of_nobody_is_waited_for_until_a_signal_comes(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            with self.subTest(signal=number):
                worker = self.start("--brokers", "127.0.0.1:1", words=("work", "tokenserver"))
                wait_until(lambda worker=worker: worker.threads() > 1, "the library is at it")
                worker.signal(number)
                result = worker.wait()
                self.assertEqual((0, "stopped before anything was begun"), (result.status, result.lines[-1]["message"]))


if __name__ == "__main__":
    main()
