#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""kafka_secure_test: a fleet whose brokers want TLS and a password, and what it says when something of that is wrong."""
import concurrent.futures
import json
import time

from case import main
from harness import purgefleet
from secure_case import SecureCase

SOON_S = 40  # what cannot work must not wait for ever


class Secure(SecureCase):
    def decode(self):
        words = ["decode", "--topic", self.topic, "--brokers", self.broker.secure_address, "--config", self.config]
        return purgefleet.run(words, self.environment())

    def run_all(self):
        """Every command that talks to the brokers, all at the same time, to their ends."""
        calls = [lambda: self.call("topics", "show", status=None), lambda: self.call("produce", "--oneshot", status=None),
                 lambda: self.call("work", "--until-drained", status=None), self.decode]
        with concurrent.futures.ThreadPoolExecutor(len(calls)) as pool:
            return [each.result() for each in [pool.submit(call) for call in calls]]

    def test_goes_all_the_way_and_tells_nobody_the_password(self):
        uids = self.tables.many_old(50, [self.nodeid])
        self.make_topics()
        results = [
            self.call("topics", "show", "-v"),
            self.call("produce", "--oneshot", "--max-fraction", 0, "-v"),
            self.decode(),
            self.call("work", "--until-drained", "-v"),
        ]
        self.assertEqual(0, results[2].status, results[2])
        self.assertEqual(uids, sorted(json.loads(line)["record"]["k"] for line in results[2].stdout.splitlines()))
        self.assertEqual(set(), self.tables.uids())
        self.assert_deleted(uids)
        for result in results:
            self.assertNotIn(self.broker.password, result.stdout + result.stderr)

    def assert_refused(self, words):
        """By all commands, soon, in words that name what is wrong, and nobody is told the password."""
        began = time.monotonic()
        results = self.run_all()
        self.assertLess(time.monotonic() - began, SOON_S, results)
        for result in results:
            self.assertEqual(1, result.status, result)
            self.assertIn(words, result.stderr)
            self.assertNotIn(self.broker.password, result.stdout + result.stderr)

    def test_says_so_when_the_password_is_wrong(self):
        self.make_topics()
        self.config = self.write_config(sasl_password="wrong")
        self.assert_refused("Invalid username or password")

    def test_says_so_when_the_certificate_cannot_be_trusted(self):
        self.make_topics()
        self.config = self.write_config(ssl_ca_location=None)
        self.assert_refused("certificate verify failed")

    def test_says_so_when_it_is_to_speak_plainly_where_tls_is_wanted(self):
        self.make_topics()
        self.config = self.write_config(security_protocol="PLAINTEXT")
        self.assert_refused("check --brokers, and --kafka.security.protocol")


if __name__ == "__main__":
    main()
