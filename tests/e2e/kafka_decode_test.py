#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""kafka_decode_test: what decode shows of a topic, a file and standard input."""
import json
import re
import subprocess
import tempfile
import threading
import unittest

from case import main
from harness import purgefleet, records
from harness.broker import Broker

PARTITIONS = 8
BAD = b"\xc1"  # begins no value of MessagePack


def decode(*words, data=None, brokers=""):
    return subprocess.run(
        [purgefleet.BINARY, "decode", *map(str, words)], input=data or b"", capture_output=True, check=False,
        env=purgefleet.environment(PURGEFLEET_BROKERS=brokers or None), timeout=60,
    )


def lines(result):
    return [json.loads(line) for line in result.stdout.splitlines()]


def positions(result):
    return [line["record"]["k"] for line in lines(result)]


class Stream(unittest.TestCase):
    def setUp(self):
        self.values = [records.candidate(uid) for uid in range(5)]

    def file(self, data):
        file = tempfile.NamedTemporaryFile()  # pylint: disable=consider-using-with
        self.addCleanup(file.close)
        file.write(data)
        file.flush()
        return file.name

    def test_shows_every_value_of_standard_input(self):
        for words in ((), ("-",)):
            result = decode(*words, data=b"".join(self.values))
            self.assertEqual((result.returncode, result.stderr, positions(result)), (0, b"", [0, 1, 2, 3, 4]))

    def test_shows_every_value_of_a_file(self):
        many = [records.candidate(uid) for uid in range(3000)]
        result = decode(self.file(b"".join(many)))
        self.assertEqual((result.returncode, result.stderr), (0, b""))
        self.assertEqual(positions(result), list(range(3000)))

    def test_fails_at_a_byte_that_begins_no_value_and_shows_the_rest_by_its_bytes(self):
        rest = BAD + b"junk" + self.values[2]
        for words, data in (((), self.values[0] + self.values[1] + rest),
                            ((self.file(self.values[0] + self.values[1] + rest),), None)):
            result = decode(*words, data=data)
            self.assertEqual(result.returncode, 1)
            self.assertIn(f"byte {len(self.values[0] + self.values[1])};".encode(), result.stderr)
            shown = lines(result)
            self.assertEqual([line["record"]["k"] for line in shown[:2]], [0, 1])
            self.assertEqual([line["bytes"] for line in shown[2:]], [rest.hex()])

    def test_says_so_however_far_behind_the_bad_byte_is(self):
        many = b"".join(records.candidate(uid) for uid in range(2000))
        result = decode(data=many + BAD + many)
        self.assertEqual((result.returncode, len(lines(result))), (1, 2001))
        self.assertIn(f"byte {len(many)};".encode(), result.stderr)

    def test_fails_when_the_last_value_is_cut(self):
        result = decode(data=self.values[0] + self.values[1][:-1])
        self.assertEqual((result.returncode, len(lines(result))), (1, 2))

    def test_shows_as_many_as_asked_for_and_ends(self):
        many = b"".join(records.candidate(uid) for uid in range(3000))
        result = decode("--count", 2, self.file(many))
        self.assertEqual((result.returncode, positions(result)), (0, [0, 1]))
        # What is behind them does not matter.
        result = decode("--count", 2, data=self.values[0] + self.values[1] + BAD)
        self.assertEqual((result.returncode, positions(result)), (0, [0, 1]))

    def test_refuses_what_makes_no_sense(self):
        for words, said in ((("--from", 3), b"--topic"), (("--partition", 0, "x"), b"--topic"),
                            (("--topic", "t", "x"), b"not both")):
            result = decode(*words)
            self.assertEqual(result.returncode, 2)
            self.assertIn(said, result.stderr)
        result = decode("/does/not/exist")
        self.assertEqual(result.returncode, 1)
        self.assertIn(b"/does/not/exist", result.stderr)


class Topic(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.broker = Broker()
        cls.addClassCleanup(cls.broker.close)

    def setUp(self):
        prefix = self.id().rsplit(".", 1)[-1]
        words = ["topics", "tokenserver", "create", "--partitions", str(PARTITIONS), "--topic-prefix", prefix]
        made = purgefleet.run(words, purgefleet.environment(PURGEFLEET_BROKERS=self.broker.address))
        self.assertEqual(made.status, 0, made)
        self.topic = f"{prefix}.tokenserver"

    def decode(self, *words):
        result = decode("--topic", self.topic, *words, brokers=self.broker.address)
        self.assertEqual(result.returncode, 0, result.stderr)
        return result

    def fill(self):
        """Ten records in each of two partitions; position = 100 × partition + offset."""
        records.publish(self.broker, self.topic, [
            (partition, "0", records.candidate(100 * partition + offset)) for partition in (0, 3) for offset in range(10)
        ])

    def test_all_partitions_to_their_end(self):
        self.fill()
        self.assertEqual(sorted(positions(self.decode())), [*range(10), *range(300, 310)])

    def test_one_partition(self):
        self.fill()
        self.assertEqual(positions(self.decode("--partition", 3)), list(range(300, 310)))
        self.assertEqual(positions(self.decode("--partition", 2)), [])

    def test_from_an_offset(self):
        self.fill()
        self.assertEqual(sorted(positions(self.decode("--from", 8))), [8, 9, 308, 309])
        self.assertEqual(positions(self.decode("--partition", 3, "--from", 9)), [309])

    def test_nothing_behind_the_end(self):
        self.fill()
        for offset in (10, 11, 100_000):
            self.assertEqual(positions(self.decode("--from", offset)), [])
            self.assertEqual(positions(self.decode("--partition", 0, "--from", offset)), [])

    def test_as_many_as_asked_for(self):
        self.fill()
        self.assertEqual(positions(self.decode("--partition", 0, "--from", 3, "--count", 2)), [3, 4])
        self.assertEqual(len(positions(self.decode("--count", 15))), 15)

    def test_all_that_was_there_though_more_comes(self):
        count = 100_000
        self.broker.kcat("-P", "-t", self.topic, "-p", "7", data=b"\n".join([b"x" * 200] * count))
        # pylint: disable=consider-using-with
        trickle = subprocess.Popen(
            ["kcat", "-b", self.broker.address, "-P", "-t", self.topic, "-p", "0", "-X", "linger.ms=1"],
            stdin=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )
        stop = threading.Event()

        def write():
            while not stop.wait(0.005):
                trickle.stdin.write(b"more\n")
                trickle.stdin.flush()

        writer = threading.Thread(target=write)
        writer.start()
        try:
            partitions = [line["partition"] for line in lines(self.decode())]
        finally:
            stop.set()
            writer.join()
            trickle.stdin.close()
            trickle.wait()
        self.assertEqual(partitions.count(7), count)

    def test_names_a_topic_or_partition_that_is_not_there(self):
        result = decode("--topic", "nope", brokers=self.broker.address)
        self.assertEqual((result.returncode, result.stderr), (1, b"purgefleet: there is no topic 'nope'\n"))
        prefix = self.topic.split(".", maxsplit=1)[0]
        result = decode("--topic", "nope", "--topic-prefix", prefix, brokers=self.broker.address)
        self.assertEqual(result.returncode, 1)
        line = result.stderr.decode()
        self.assertRegex(line, r"^purgefleet: there is no topic 'nope'; there are: ")
        for kind in ("", ".dead", ".retry.1m", ".state"):
            self.assertRegex(line, rf"[ ,]{re.escape(self.topic + kind)}[,\n]")
        result = decode("--topic", self.topic, "--partition", PARTITIONS, brokers=self.broker.address)
        self.assertEqual((result.returncode, result.stderr), (1, f"purgefleet: cannot read topic '{self.topic}': it has no such partition\n".encode()))


if __name__ == "__main__":
    main()
