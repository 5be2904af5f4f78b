# SPDX-License-Identifier: MPL-2.0
"""fleet: the same purge by a fleet: a Kafka broker, one producer, three workers, one of which is killed half-way."""
import os
import signal
import subprocess
import sys
import time

from demo import KINDS, SECRET, Demo, say
from py import purgefleet
from py.broker import Broker

WORKERS = 3
PARTITIONS = 24
PROGRESS_S = 0.5
PATIENCE_S = 300
QUICK = ("--kafka.session.timeout.ms=6000", "--kafka.heartbeat.interval.ms=500", "--retry-delay", "5")


class FleetDemo(Demo):
    def __init__(self, users):
        super().__init__(users)
        self.broker = None
        self.processes = []

    def start(self, name, *words):
        with open(os.path.join(self.dir, f"{name}.log"), "w", encoding="utf-8") as log:
            process = subprocess.Popen(
                [purgefleet.program(), *words, "--brokers", self.broker.address],
                env=purgefleet.environment(
                    {"SYNC_TOKENSERVER__DATABASE_URL": self.db.url(), "SYNC_MASTER_SECRET": SECRET}),
                stdin=subprocess.DEVNULL, stderr=log,
            )
        process.name = name
        self.processes.append(process)
        return process

    def last_words(self, process):
        with open(os.path.join(self.dir, f"{process.name}.log"), encoding="utf-8") as log:
            return "".join(log.readlines()[-5:])

    def prepare(self):
        say("fleet: starting a Kafka broker")
        self.broker = Broker()
        words = ["topics", "tokenserver", "create", "--partitions", str(PARTITIONS), "--replication", "1"]
        status = self.start("topics", *words).wait()
        if status != 0:
            raise RuntimeError(f"topics: {self.last_words(self.processes[0])}")

    def rows(self):
        return self.db.value("SELECT COUNT(*) FROM users")

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
                say(f"fleet: {workers[0].name} is killed with SIGKILL; the others take its partitions")
                workers[0].send_signal(signal.SIGKILL)
                killed = True
            if seconds > PATIENCE_S:
                return False
            time.sleep(PROGRESS_S)
        say(f"fleet: all purged after {time.monotonic() - begin:.1f} s")
        return killed

    def run(self, arguments):
        self.prepare()
        say(f"fleet: one producer, {WORKERS} workers, {PARTITIONS} partitions")
        workers = [self.start(f"worker {i + 1}", "work", "tokenserver", *QUICK) for i in range(WORKERS)]
        producer = self.start("producer", "produce", "tokenserver", "--oneshot", *arguments)
        goal = sum(len(uids) for kind, uids in self.uids.items() if not KINDS[kind][1])
        good = self.watch(workers, goal)
        for process in (producer, *workers[1:]):
            if process is not producer:
                process.send_signal(signal.SIGTERM)
            status = process.wait()
            if status != 0:
                say(f"fleet: {process.name} ended with {status}: {self.last_words(process)}")
                good = False
        return 0 if good else 1

    def close(self):
        for process in self.processes:
            process.kill()
            process.wait()
        if self.broker is not None:
            self.broker.close()
        super().close()


if __name__ == "__main__":
    sys.exit("run it as ./dev demo --fleet")
