#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""terminal_test: what somebody sees who looks on at a terminal."""
import fcntl
import os
import pty
import shlex
import signal
import subprocess
import termios
import threading

from case import PurgeCase, main, purgefleet, wait_until

LINE_BEGIN = "\r\033[K"


class Terminal:
    """A program on a terminal, and all that it wrote there."""

    def __init__(self, words, env, binary=purgefleet.BINARY):
        self.written = b""
        self.ours, theirs = pty.openpty()
        termios.tcsetwinsize(theirs, (24, 100))
        self.process = subprocess.Popen(  # pylint: disable=consider-using-with
            [binary, *words], env=env, stdin=theirs, stdout=theirs if binary != purgefleet.BINARY else subprocess.DEVNULL,
            stderr=theirs,
            start_new_session=True,  # whose terminal it then is, so that keys make signals
            preexec_fn=lambda: fcntl.ioctl(2, termios.TIOCSCTTY, 0))
        os.close(theirs)
        self.reader = threading.Thread(target=self.read)
        self.reader.start()

    def read(self):
        try:
            while data := os.read(self.ours, 4096):
                self.written += data
        except OSError:  # what Linux says when nobody has the other end any more
            pass

    def text(self):
        return self.written.decode()

    def wait_text(self, text):
        wait_until(lambda: text in self.text(), f"{text!r} on the terminal")

    def type(self, keys):
        os.write(self.ours, keys)

    def lines(self):
        """What stays on the screen."""
        return [line.rsplit(LINE_BEGIN, 1)[-1].rstrip("\r") for line in self.text().split("\n")]

    def end(self):
        status = self.process.wait(60)
        self.reader.join(60)
        return status

    def close(self):
        self.process.kill()
        self.process.wait()
        self.reader.join(60)
        os.close(self.ours)


class OnATerminal(PurgeCase):
    def start_on_terminal(self, *options):
        terminal = Terminal(["run", "tokenserver", "--oneshot", *map(str, options)], self.environment())
        self.addCleanup(terminal.close)
        return terminal

    def test_a_log_line_begins_in_column_1(self):
        self.tables.many_old(20, [self.nodeid])
        self.node.hold()
        terminal = self.start_on_terminal("--node-inflight", 2)
        terminal.wait_text(" in work, ")
        terminal.process.send_signal(signal.SIGTSTP)
        terminal.wait_text("SIGTERM ends")
        terminal.process.send_signal(signal.SIGCONT)
        self.node.release()
        self.assertEqual(0, terminal.end(), terminal.text())
        quiet = [line for line in terminal.lines() if "quiet: " in line]
        self.assertEqual(1, len(quiet), terminal.text())
        self.assertRegex(quiet[0], r"^\d{4}-\d\d-\d\dT\S+ INFO  quiet: ")

    def start_from_shell(self, *options):
        words = shlex.join([purgefleet.BINARY, "run", "tokenserver", "--oneshot", *map(str, options)])
        shell = Terminal(["--norc", "--noprofile", "-i"], self.environment(PS1="prompt> "), "/bin/bash")
        self.addCleanup(shell.close)
        shell.type(f"{words}\n".encode())
        return shell

    def test_ctrl_z_gives_the_shell_its_prompt_once_nothing_is_in_work(self):
        uids = self.tables.many_old(50, [self.nodeid])
        self.node.hold()
        shell = self.start_from_shell("--node-inflight", 2)
        wait_until(lambda: self.node.waiting == 2, "two requests")
        shell.type(b"\x1a")
        shell.wait_text("quiet: nothing new is begun")
        self.assertNotIn("Stopped", shell.text(), "two answers are still awaited")
        self.node.release()
        shell.wait_text("Stopped")
        self.assertEqual(2, len(self.node.requests))
        self.assertEqual(48, len(self.tables.uids()))
        shell.type(b"fg\n")
        shell.wait_text("run complete")
        self.assert_deleted(uids)

    def test_ctrl_z_without_a_shell_behind_only_makes_it_quiet(self):
        self.tables.many_old(50, [self.nodeid])
        self.node.hold()
        terminal = self.start_on_terminal("--node-inflight", 2)
        wait_until(lambda: self.node.waiting == 2, "two requests")
        terminal.type(b"\x1a")
        terminal.wait_text("quiet: nothing new is begun")
        self.node.release()
        terminal.wait_text("quiet: nothing is in work any more")
        terminal.type(b"\x03")
        self.assertEqual(0, terminal.end(), terminal.text())
        self.assertEqual(48, len(self.tables.uids()))

    def test_rows_that_are_postponed_are_not_shown_as_done(self):
        self.tables.many_old(20, [self.nodeid])
        self.node.hold()
        terminal = self.start_on_terminal("--node-inflight", 2)
        terminal.wait_text(" in work, ")
        terminal.process.send_signal(signal.SIGTERM)
        terminal.wait_text("0 of 20 (0%) rows, 0 rows/s, 2 in work, 0 failed, 18 postponed, stopping")
        self.node.release()
        self.assertEqual(0, terminal.end(), terminal.text())

    def test_no_end_is_foretold_when_only_dead_nodes_are_left(self):
        self.tables.many_old(20, [self.nodeid])
        self.node.down()
        terminal = self.start_on_terminal("--retry-time", 4)
        terminal.wait_text(" in work, 0 failed, waiting for 1 node")
        self.assertEqual(1, terminal.end(), terminal.text())

    def test_a_dry_run_foretells_no_rate_and_no_deletes(self):
        self.tables.many_old(20, [self.nodeid])
        terminal = self.start_on_terminal("--dryrun")
        self.assertEqual(0, terminal.end(), terminal.text())
        self.assertRegex(terminal.text(), r"run complete in [\d.]+ s: 20 rows would be purged\r\n")


if __name__ == "__main__":
    main()
