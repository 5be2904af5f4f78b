#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""kafka_address_test: a broker that gives an address of itself that leads nowhere is named, with the remedy."""
import os
import re
import signal
from pathlib import Path

from case import main, wait_until
from kafka_case import KafkaCase

BAD = "no-such-broker.invalid:9092"
WORDS = "a broker's advertised address cannot be resolved; mend advertised.listeners of that broker"


class Address(KafkaCase):
    def advertise_badly(self):
        self.broker.stop()
        properties = Path(self.broker.dir) / "server.properties"
        text = re.sub(r"(?m)^advertised\.listeners=.*$", f"advertised.listeners=PLAINTEXT://{BAD}", properties.read_text())
        properties.write_text(text)
        self.broker.start()

    def assert_named(self, lines):
        self.assertEqual(1, len(lines), lines)
        self.assertEqual("WARNING", lines[0]["severity"])
        self.assertIn(BAD, lines[0]["error"])

    def test_that_cannot_be_resolved_is_named_by_every_command(self):
        self.make_topics("--replication", 1)
        self.tables.many_old(3, [self.nodeid])
        self.advertise_badly()
        for words in (("topics", "tokenserver", "show"), ("decode", "--topic", self.topic),
                      ("produce", "tokenserver"), ("work", "tokenserver")):
            with self.subTest(words[0]):
                where = self.kafka() if words[0] != "decode" else self.kafka()[:2]
                program = self.start(*where, words=words)
                wait_until(lambda program=program: program.lines(WORDS), "the warning")
                self.assert_named(program.lines(WORDS))
                program.close()

    def test_of_nobody_is_waited_for_until_a_signal_comes(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            with self.subTest(signal=number):
                worker = self.start("--brokers", "127.0.0.1:1", words=("work", "tokenserver"))
                wait_until(lambda worker=worker: len(os.listdir(f"/proc/{worker.pid}/task")) > 1, "the library is at it")
                worker.signal(number)
                self.assertEqual(-number, worker.wait().status)


if __name__ == "__main__":
    main()
