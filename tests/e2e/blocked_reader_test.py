#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""blocked_reader_test: somebody reads neither the log nor the terminal, and the purge goes on all the same."""
import fcntl
import os
import pty
import signal
import subprocess

from case import ONCE, PurgeCase, main, wait_until
from harness import purgefleet

F_SETPIPE_SZ = 1031
WAIT_S = 30


class NobodyReads(PurgeCase):
    def setUp(self):
        super().setUp()
        bad, bad_id = self.add_node()
        bad.fail(400)
        self.tables.many_old(2000, [self.nodeid, bad_id])

    def start_on(self, fd, *options):
        """The program, with its standard error on a descriptor that is closed here."""
        words = ["run", "tokenserver", "--max-fraction", "0", *ONCE, *options]
        process = subprocess.Popen(
            [purgefleet.BINARY, *words], env=self.environment(), stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=fd,
        )
        os.close(fd)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def pipe(self):
        reader, writer = os.pipe()
        fcntl.fcntl(writer, F_SETPIPE_SZ, 4096)
        self.addCleanup(os.close, reader)
        return reader, writer

    def terminal(self):
        reader, writer = pty.openpty()
        self.addCleanup(os.close, reader)
        return reader, writer

    def assert_purged(self):
        wait_until(lambda: len(self.tables.uids()) == 1000, "the good node's rows to go")

    def test_a_pipe_and_the_run_ends(self):
        _, writer = self.pipe()
        process = self.start_on(writer, "--oneshot", "-v")
        self.assertEqual(3, process.wait(WAIT_S))
        self.assert_purged()

    def test_a_pipe_and_it_can_be_stopped(self):
        _, writer = self.pipe()
        process = self.start_on(writer, "--purge-interval", "3600", "-v")
        self.assert_purged()
        process.send_signal(signal.SIGTERM)
        self.assertEqual(0, process.wait(WAIT_S))

    def test_a_terminal_and_the_run_ends(self):
        _, writer = self.terminal()
        process = self.start_on(writer, "--oneshot", "-v")
        self.assertEqual(3, process.wait(WAIT_S))
        self.assert_purged()

    def test_until_later_and_is_told_what_was_lost_and_how_it_ended(self):
        reader, writer = self.pipe()
        process = self.start_on(writer, "--oneshot")
        self.assert_purged()
        with os.fdopen(os.dup(reader), encoding="utf-8") as text:
            lines = [purgefleet.parse(line) for line in text]
        self.assertEqual(3, process.wait(WAIT_S))
        lost = [line for line in lines if line["message"].startswith("log lines lost")]
        self.assertGreater(sum(line["lines"] for line in lost), 0)
        self.assertEqual("run ended", lines[-1]["message"])
        self.assertEqual(1000, lines[-1]["purged"])


if __name__ == "__main__":
    main()
