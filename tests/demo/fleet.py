# SPDX-License-Identifier: MPL-2.0
"""fleet: the same purge by a fleet: a Kafka broker, one producer, three workers, one of which is killed half-way."""
import signal
import sys
import time

from demo import KINDS, Demo, say
from harness.broker import Broker
from harness.purgefleet import Program

WORKERS = 3
PARTITIONS = 24
PROGRESS_S = 0.5
PATIENCE_S = 300
QUICK = ("--kafka.session.timeout.ms=6000", "--kafka.heartbeat.interval.ms=500", "--retry-delay", "5")


class FleetDemo(Demo):
    about_repeats = " (allowed after a kill: a DELETE may run twice)"

    def __init__(self, users):
        super().__init__(users)
        self.broker = None
        self.programs = []

    def launch(self, *words):
        program = Program([*words, "--brokers", self.broker.address], self.environment())
        self.programs.append(program)
        return program

    def prepare(self):
        say("fleet: starting a Kafka broker")
        self.broker = Broker()
        words = ("topics", "tokenserver", "create", "--partitions", str(PARTITIONS), "--replication", "1",
                 "--retry-delay", "5")
        result = self.launch(*words).wait()
        if result.status != 0:
            raise RuntimeError(f"topics: {result}")

    def rows(self):
        return self.tables.query("SELECT COUNT(*) AS count FROM users")[0]["count"]

    def watch(self, workers, goal):
        """Until the rows that must go are gone; half-way one worker is killed."""
        begin = time.monotonic()
        first = self.rows()
        killed = False
        while (rows := self.rows()) > goal:
            done = first - rows
            seconds = time.monotonic() - begin
            say(f"fleet: {done:,} of {first - goal:,} purged, {done / max(seconds, 0.001):,.0f}/s")
            if done > (first - goal) / 2 and not killed:
                say("fleet: worker 1 is killed with SIGKILL; the others take its partitions")
                workers[0].signal(signal.SIGKILL)
                say("fleet: that takes up to 6 s, until the session of the killed worker times out; its rows wait, and those in "
                    "its hands are asked for once more")
                killed = True
            if seconds > PATIENCE_S:
                return False
            time.sleep(PROGRESS_S)
        say(f"fleet: all purged after {time.monotonic() - begin:.1f} s")
        return killed

    def command(self):
        return "produce"

    def run(self, arguments):
        self.prepare()
        say(f"fleet: one producer, {WORKERS} workers, {PARTITIONS} partitions")
        workers = [self.launch("work", "tokenserver", *QUICK) for _ in range(WORKERS)]
        producer = self.launch("produce", "tokenserver", "--oneshot", *arguments)
        goal = sum(len(uids) for kind, uids in self.uids.items() if not KINDS[kind][1])
        good = self.watch(workers, goal)
        for program in workers[1:]:
            program.signal(signal.SIGTERM)
        names = {producer: "producer", **{worker: f"worker {i}" for i, worker in enumerate(workers, 1)}}
        for program in (producer, *workers[1:]):
            result = program.wait()
            if result.status != 0:
                last = "\n".join(result.stderr.splitlines()[-5:])
                say(f"fleet: {names[program]} ended with {result.status}: {last}")
                good = False
        return 0 if good else 1

    def close(self):
        for program in self.programs:
            program.close()
        if self.broker is not None:
            self.broker.close()
        super().close()


if __name__ == "__main__":
    sys.exit("run it as ./dev demo --fleet")
