#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""The table of rights in docs/kafka.md: with what it says each command does its work, and without any one of it says so."""
import concurrent.futures
import re

from case import main
from harness import purgefleet, records
from secure_case import GuardedCase

AT_ONCE = 6  # programs that only start and end
DELAY = {"topics": 3600, "work": 1}  # of the retries: few topics, and soon
AUDITED = "work --audit-log topic"
BASES = {"topics create --partitions N": "topics create", AUDITED: "work"}  # it needs all that these need, too
TIERS = {3600: ("1h",), 1: ("1s", "10s", "1m")}


def read_table():
    """Command to a list of its rows: (operation, the words of what it is on)."""
    text = (purgefleet.ROOT / "docs/kafka.md").read_text(encoding="utf-8")
    section = re.search(r"^## Rights\n(.*?)^## ", text, re.MULTILINE | re.DOTALL).group(1)
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in section.splitlines() if line.startswith("|")]
    found = {}
    last = None
    for command, operation, on, _ in rows[2:]:
        command = last = command.strip("`") or last
        found.setdefault(command, []).append((operation, tuple(on.split(", "))))
    return found


class Case:
    """A command with topics of its own, that misses `missing`: (operation, word); None: nothing."""
    made = 0

    def __init__(self, command, missing):
        Case.made += 1
        self.command = command
        self.missing = missing
        self.prefix = f"r{Case.made}"
        self.topic = f"{self.prefix}.tokenserver"
        self.delay = DELAY["work" if command in ("work", AUDITED) else "topics"]
        self.replay_group = None  # of the replay that there is

    def resources(self, word):
        """What a word of the table is about, the first one first."""
        return {
            "candidates": [("topic", self.topic)], "the topic": [("topic", self.topic)],
            "dead": [("topic", f"{self.topic}.dead")], "audit": [("topic", f"{self.topic}.audit")], "state": [("topic", f"{self.topic}.state")],
            "retries": [("topic", f"{self.topic}.retry.{tier}") for tier in TIERS[self.delay]],
            "group": [("group", self.topic)], "group of the replay": [("group", self.replay_group)],
            "transactional id": [("transactional-id", f"{self.topic}.dead")],
        }[word]

    def right(self):
        """The one that it misses."""
        operation, word = self.missing
        return (*self.resources(word)[0], operation)

    def rights(self, rows):
        found = {(*resource, operation) for operation, words in rows for word in words
                 for resource in self.resources(word)}
        return found - {self.right()} if self.missing else found


class Rights(GuardedCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.table = read_table()

    def words(self, case):
        """The command of a case, by its words."""
        name, *rest = case.command.replace(" N", " 2").split()
        common = ["--brokers", self.broker.secure_address, "--config", self.config]
        if name == "decode":
            return [name, "--topic", case.topic, *common]
        own = {"topics": ("--retry-delay", case.delay), "produce": ("--oneshot", "--max-fraction", 0),
               "work": ("--until-drained", "--retry-delay", case.delay, "--retries", 2, "--attempts", 1),
               "dead": (), "pause": (), "resume": (), "replay": () if rest == ["list"] else ("--id", "x"), "replay create": ("--from", "beginning", "--id", "y"),
               "dead drop": ("--yes",),
               "work --replay": ("--replay", "x")}
        own = own.get(case.command, own[name])
        if case.command == "work --replay":
            rest = []
        return [name, "tokenserver", *rest, *common, "--topic-prefix", case.prefix, *map(str, own)]

    def make_topics_for(self, case):
        audit = ("--audit-retention", "1d") if case.command == AUDITED else ()
        self.call_freely(case.prefix, "topics", "create", "--partitions", 1, "--retry-delay", case.delay, *audit)
        if "replay" in case.command:
            self.call_freely(case.prefix, "produce", "--oneshot", "--max-fraction", 0)
            said = self.call_freely(case.prefix, "replay", "create", "--id", "x", "--from", "beginning").stdout
            case.replay_group = re.search(r"group: +(\S+)", said).group(1)

    def cases(self, command):
        """All that it needs, and then each of it missing once."""
        rows = self.table[command]
        missing = [(operation, word) for operation, words in rows for word in words]
        return [Case(command, one) for one in [None, *missing]]

    def prepare(self, cases):
        with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(self.make_topics_for, (case for case in cases if case.command != "topics create")))
        rights = []
        for case in cases:
            rows = self.table[case.command]
            rows = [*rows, *self.table.get(BASES.get(case.command), ())]
            rights.extend(sorted(case.rights(rows)))
        self.broker.allow(*rights)

    def run_all(self, cases, at_once, status=0):
        with concurrent.futures.ThreadPoolExecutor(at_once) as pool:
            results = list(pool.map(self.run_case, cases))
        for case, result in zip(cases, results):
            with self.subTest(command=case.command, missing=case.missing):
                self.judge(case, result, status)

    def run_case(self, case):
        result = purgefleet.run(self.words(case), self.environment())
        if case.command == "topics create" and result.status == 0:  # again, for it finds another state
            result = purgefleet.run(self.words(case), self.environment())
        return result

    def judge(self, case, result, status):
        if case.missing is None:
            self.assertEqual(status, result.status, result)
            return
        kind, name, operation = case.right()
        self.assertEqual(1, result.status, result)
        self.assertIn(f"no right to {operation} {kind} '{name}'", result.stderr)
        self.assertIn(f"--allow-principal User:{self.broker.user} --operation {operation} --{kind} {name}", result.stderr)

    def test_topics(self):
        cases = [case for command in self.table if command.startswith("topics ") for case in self.cases(command)]
        self.prepare(cases)
        self.run_all(cases, AT_ONCE)

    def test_topics_tell_of_all_that_is_missing_at_once(self):
        case = Case("topics create", None)
        rows = [(operation, words) for operation, words in self.table["topics create"] if operation != "Create"]
        self.broker.allow(*sorted(case.rights(rows)))
        result = self.run_case(case)
        self.assertEqual(1, result.status, result)
        for word in ("candidates", "retries", "dead", "state"):
            for kind, name in case.resources(word):
                self.assertIn(f"no right to Create {kind} '{name}'; grant it: ", result.stderr)

    def test_show_says_that_it_is_unknown_what_is_left_where_it_may_not_ask_the_group(self):
        case = Case("topics show", None)
        self.make_topics_for(case)
        old = f"{case.topic}.retry.7s"
        self.broker.make_topic(old, 1, **{"message.timestamp.type": "LogAppendTime"})
        rights = sorted(case.rights(self.table["topics show"]))
        self.broker.allow(*rights, ("topic", old, "Describe"), ("topic", old, "DescribeConfigs"))
        said = self.run_case(case).stdout
        self.assertIn(f"  how many records the group {case.topic} has left in it is unknown: no right to Describe group '{case.topic}'; grant it: ", said)
        self.assertNotIn("may be deleted", said)
        self.broker.allow(("group", case.topic, "Describe"))
        self.assertIn(f"  the group {case.topic} has 0 records left in it; ", self.run_case(case).stdout)

    def test_produce(self):
        self.tables.many_old(3, [self.nodeid])
        cases = self.cases("produce")
        self.prepare(cases)
        self.run_all(cases, 1)  # one at a time scans a database

    def test_work(self):
        """One row becomes a dead letter at once, one is tried again before."""
        self.node.fail(400)
        other, otherid = self.add_node()
        other.fail(500)
        uids = [self.tables.old(self.nodeid), self.tables.old(otherid)]
        cases = [*self.cases("work"), *self.cases(AUDITED)]
        self.prepare(cases)
        for case in cases:
            records.publish_uids(self.broker, case.topic, uids, 1)
        self.run_all(cases, len(cases), status=3)

    def test_replay(self):
        self.tables.many_old(3, [self.nodeid])
        cases = [case for command in self.table if command.startswith("replay ") for case in self.cases(command)]
        self.prepare(cases)
        self.run_all(cases, AT_ONCE)

    def test_work_replay(self):
        self.node.fail(400)
        self.tables.many_old(3, [self.nodeid])
        cases = self.cases("work --replay")
        self.prepare(cases)
        self.run_all(cases, len(cases), status=3)

    def test_pause_and_resume(self):
        cases = [case for command in ("pause", "resume") for case in self.cases(command)]
        self.prepare(cases)
        for case in cases:
            if case.command == "resume":  # there is something to take away
                self.call_freely(case.prefix, "pause")
        self.run_all(cases, AT_ONCE)

    def test_decode(self):
        cases = self.cases("decode")
        self.prepare(cases)
        for case in cases:
            records.publish_uids(self.broker, case.topic, [1], 1)
        self.run_all(cases, AT_ONCE)

    def test_dead(self):
        cases = [case for command in self.table if command.startswith("dead ") for case in self.cases(command)]
        self.prepare(cases)
        for case in cases:
            records.publish_uids(self.broker, f"{case.topic}.dead", [1], 1)
        self.run_all(cases, AT_ONCE)

    def test_every_command_of_the_table_is_tried(self):
        self.assertEqual(
            {"topics create", "topics create --partitions N", "topics show", "pause", "resume", "produce", "work", AUDITED, "work --replay", "decode",
             "replay create", "replay list", "replay status", "replay drop", "dead list", "dead show", "dead requeue", "dead drop"}, set(self.table))


if __name__ == "__main__":
    main()
