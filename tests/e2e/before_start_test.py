#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""before_start_test: signals that come while a command still looks for its database and its brokers."""
import signal
import socket
import time

from case import PurgeCase, main

STOPPED = "stopped before anything was begun"
AT_ONCE_S = 5  # the look would last for twice or three times as long


class Silent:
    """A server that takes connections and never says a word."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.listener.settimeout(20)
        self.address = "127.0.0.1:%d" % self.listener.getsockname()[1]
        self.taken = []

    def wait_asked(self):
        self.taken.append(self.listener.accept())

    def close(self):
        for connection, _ in self.taken:
            connection.close()
        self.listener.close()


class BeforeTheStart(PurgeCase):
    def setUp(self):
        super().setUp()
        self.silent = Silent()
        self.addCleanup(self.silent.close)

    def begin(self, command, *options, env=None):
        """A program that waits for the silent server."""
        program = self.start(*options, words=(command, "tokenserver"), env=env)
        self.silent.wait_asked()
        return program

    def without_brokers(self, command):
        return self.begin(command, "--brokers", self.silent.address)

    def without_database(self, command, *options):
        url = f"mysql://x:y@{self.silent.address}/tokens"
        return self.begin(command, *options, env={"SYNC_TOKENSERVER__DATABASE_URL": url})

    def assert_stops(self, program, number=signal.SIGTERM):
        began_s = time.monotonic()
        program.signal(number)
        result = program.wait()
        self.assertLess(time.monotonic() - began_s, AT_ONCE_S)
        self.assertEqual(0, result.status, result)
        return result

    def test_a_stop_ends_one_that_looks_for_its_brokers_at_once(self):
        for command in ("produce", "work"):
            for number in (signal.SIGTERM, signal.SIGINT):
                with self.subTest(command=command, signal=number):
                    result = self.assert_stops(self.without_brokers(command), number)
                    self.assertEqual(STOPPED, result.lines[-1]["message"])

    def test_a_stop_ends_a_worker_that_looks_for_its_database_at_once(self):
        result = self.assert_stops(self.without_database("work", "--brokers", "127.0.0.1:9"), signal.SIGINT)
        self.assertEqual(STOPPED, result.lines[-1]["message"])

    def test_a_stop_ends_a_run_whose_database_says_nothing_at_once(self):
        for options in ([], ["--oneshot"]):
            with self.subTest(options):
                result = self.assert_stops(self.without_database("run", *options), signal.SIGINT)
                self.assertEqual("stopped", result.summary["state"], result)

    def test_other_signals_end_nothing(self):
        for command in ("produce", "work"):
            for number in (signal.SIGUSR1, signal.SIGUSR2, signal.SIGHUP, signal.SIGCONT, signal.SIGTSTP):
                with self.subTest(command=command, signal=number):
                    program = self.without_brokers(command)
                    program.signal(number)
                    self.assert_stops(program)


if __name__ == "__main__":
    main()
