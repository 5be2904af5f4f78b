#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""node_addresses_test: nodes that speak TLS, and nodes with IPv6 addresses."""
import tempfile

from case import ONCE, PurgeCase, main
from harness import purgefleet
from harness.certificate import Certificate


class TlsCase(PurgeCase):
    certified = "IP:127.0.0.1"

    def setUp(self):
        super().setUp()
        self.certificate = Certificate(self.certified)
        self.addCleanup(self.certificate.close)
        self.safe, safe_id = self.add_node(tls=self.certificate.server)
        self.assertTrue(self.safe.url.startswith("https://"))
        self.uids = self.tables.many_old(3, [safe_id])
        self.before = self.tables.snapshot()

    def assert_refused(self, *options):
        """The run says why, nothing was sent, and every row stays."""
        result = self.purge(*ONCE, *options, status=1)
        self.assert_summary(result, state="failed", purged=0, failed=3, failed_connect=3)
        self.assert_removed(self.before, [])
        self.assertEqual([], self.safe.requests)
        failed = [line for line in result.lines if line["message"] == "row failed"]
        self.assertEqual({("connect", self.safe.url)}, {(line["reason"], line["node"]) for line in failed})
        return failed[0]["error"]


class Tls(TlsCase):
    def test_with_a_certificate_that_nobody_vouches_for_is_refused(self):
        self.assertIn("certificate", self.assert_refused())

    def test_with_a_certificate_of_the_file_is_used(self):
        self.purge("--ca-file", self.certificate.file)
        self.assert_removed(self.before, self.uids)
        self.assert_deleted(self.uids, self.safe)

    def test_with_the_file_of_another_is_refused(self):
        other = Certificate(self.certified)
        self.addCleanup(other.close)
        self.assert_refused("--ca-file", other.file)

    def test_of_a_node_that_has_none_is_not_waited_for(self):
        """Nothing is sent in the clear instead."""
        plain = self.tables.add_node(f"https://127.0.0.1:{self.node.port}")
        uid = self.tables.old(plain)
        result = self.purge(*ONCE, "--ca-file", self.certificate.file, status=3)
        self.assert_summary(result, purged=3, failed=1, failed_connect=1)
        self.assertEqual({uid}, self.tables.uids())
        self.assertEqual([], self.node.requests)


class WrongName(TlsCase):
    certified = "DNS:node.test"

    def test_in_the_certificate_is_refused_although_it_is_trusted(self):
        self.assertRegex(self.assert_refused("--ca-file", self.certificate.file), "127.0.0.1|name")


class CaFile(PurgeCase):
    def assert_usage(self, file, words):
        """It is said at once, whatever the command, and nothing is touched."""
        self.tables.old(self.nodeid)
        for command in (["run", "tokenserver", "--oneshot"], ["work", "tokenserver", "--brokers", "127.0.0.1:1"]):
            result = purgefleet.run([*command, "--ca-file", file], self.environment())
            self.assertEqual(2, result.status, result)
            self.assertEqual(f"purgefleet: '--ca-file' is '{file}': {words}\n", result.stderr)
        self.assert_no_requests()

    def test_that_is_not_there_is_a_wrong_option(self):
        self.assert_usage("/nonexistent.pem", "No such file or directory")

    def test_that_is_a_directory_is_a_wrong_option(self):
        self.assert_usage("/", "Is a directory")

    def test_that_holds_something_else_is_a_wrong_option(self):
        for text in ("", "rubbish\n", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"):
            with self.subTest(text), tempfile.NamedTemporaryFile("w", prefix="purgefleet-") as file:
                file.write(text)
                file.flush()
                self.assert_usage(file.name, "no certificate in PEM format in it")


class IPv6(PurgeCase):
    def test_address_is_contacted_and_signed_for(self):
        six, six_id = self.add_node(host="::1")
        self.assertIn("[::1]", six.url)
        uids = self.tables.many_old(4, [self.nodeid, six_id])
        before = self.tables.snapshot()
        self.purge()
        self.assert_removed(before, uids)
        self.assert_deleted(uids)
        self.assert_deleted(uids[1::2], six)


if __name__ == "__main__":
    main()
