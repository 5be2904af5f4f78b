#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""reload_test: SIGHUP has the file of options read again, without a new start."""
import signal
import tempfile
from pathlib import Path

from case import main, wait_until
from fleet_case import FleetCase

CHANGED = "SIGHUP: an option has changed"
READ = "SIGHUP: the file of options was read again"


class Reload(FleetCase):
    def setUp(self):
        super().setUp()
        self.file = Path(self.enterContext(tempfile.TemporaryDirectory()), "options")

    def write(self, *lines):
        self.file.write_text("".join(f"{line}\n" for line in lines), encoding="ascii")

    def reload(self, program, *lines):
        """Each option that changed: (before, now)."""
        self.write(*lines)
        known = len(program.lines(CHANGED))
        program.signal(signal.SIGHUP)
        program.next_line(READ)
        return {line["option"]: (line["before"], line["now"]) for line in program.lines(CHANGED)[known:]}

    def gaps_s(self):
        """From each request to the next one."""
        stamps = [request.at_s for request in self.node.requests]
        return [after - before for before, after in zip(stamps, stamps[1:])]

    def test_a_run_that_is_too_slow_goes_faster(self):
        for option in "max-rate", "node-rate":
            with self.subTest(option):
                self.node.requests.clear()
                uids = self.tables.many_old(300, [self.nodeid])
                self.write("[run]", f"{option} = 0.01")
                program = self.start("--config", self.file, "--purge-interval", 3600)
                wait_until(lambda: self.node.requests, "it has begun")
                self.assertEqual({option: ("0.01", "200")}, self.reload(program, f"{option} = 200"))
                program.wait_line("run ended")
                self.assert_deleted(uids)
                self.stop(program)

    def test_a_run_that_is_too_fast_goes_slower(self):
        self.tables.many_old(5000, [self.nodeid])
        self.write("node-rate = 1000")
        program = self.start("--config", self.file, "--max-fraction", 0)
        wait_until(lambda: len(self.node.requests) > 100, "it has begun")
        self.assertEqual({"node-rate": ("1000", "2")}, self.reload(program, "node-rate = 2"))
        wait_until(lambda: min(self.gaps_s()[-3:]) > 0.4, "it goes on so slowly")
        self.assertLess(len(self.node.requests), 4000)

    def test_a_worker_takes_the_limits_and_its_share_of_them(self):
        uids = self.tables.many_old(600, [self.nodeid])
        self.publish(uids)
        self.write("[work]", "node-inflight = 6", "hold = 60")
        self.node.hold()
        workers = [self.worker("--config", self.file) for _ in range(2)]
        self.wait_shared(workers)
        wait_until(lambda: self.node.waiting == 6, "each has its share")
        for worker in workers:
            self.assertEqual({"node-inflight": ("6", "12")},
                             self.reload(worker, "node-inflight = 12", "[work]", "hold = 60"))
        self.node.release()
        wait_until(lambda: len(self.node.requests) > 200, "they have grown")
        self.node.hold()
        wait_until(lambda: self.node.waiting == 12, "each has its new share")
        self.node.release()
        self.wait_done(uids)
        self.end(*workers)

    def test_the_level_of_the_log_changes_also_where_only_errors_are_told(self):
        self.write("log-level = error")
        worker = self.worker("--config", self.file)
        producer = self.start(*self.kafka(), "--config", self.file, "--purge-interval", 3600, words=("produce", "tokenserver"))
        for program in (worker, producer):  # whose threads, and those of the library, come after the file
            wait_until(lambda program=program: program.threads() > 3, "it has begun")
        for program in (worker, producer):
            self.write("log-level = error")
            self.assertEqual({"log-level": ("error", "debug")}, self.reload(program, "log-level = debug"))
        uids = self.tables.many_old(3, [self.nodeid])
        self.publish(uids)
        worker.next_line("record ended")
        self.wait_done(uids)
        self.end(worker, producer)

    def test_a_file_that_is_refused_changes_nothing_and_one_that_wants_a_new_start_says_so(self):
        self.write("max-rate = 5", "window = 100")
        worker = self.worker("--config", self.file)
        worker.wait_line("partitions assigned")
        self.write("max-rate = 6", "windw = 200")
        worker.signal(signal.SIGHUP)
        self.assertIn("unknown key 'windw'", worker.next_line("SIGHUP: all options stay as they were")["error"])
        self.file.unlink()
        worker.signal(signal.SIGHUP)
        self.assertIn("No such file", worker.next_line("SIGHUP: all options stay as they were")["error"])
        self.assertEqual({"max-rate": ("5", "6")}, self.reload(worker, "max-rate = 6", "window = 200"))
        waits = worker.wait_line("SIGHUP: a changed option wants a new start")
        self.assertEqual("window", waits["option"])
        self.end(worker)


if __name__ == "__main__":
    main()
