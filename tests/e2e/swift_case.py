# SPDX-License-Identifier: MPL-2.0
"""swift_case: what every end-to-end test on a real Swift starts with: a file has one cluster, a test its accounts."""
import os
import time
import unittest

import case  # noqa: F401  makes `harness` known
from harness import purgefleet
from harness.swift_cluster import SwiftCluster


class SwiftCase(unittest.TestCase):
    maxDiff = None
    made = 0
    replicas = {}  # of rings that do not have the usual ones

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.swift = SwiftCluster(**cls.replicas)
        cls.addClassCleanup(cls.swift.close)

    def setUp(self):
        super().setUp()
        self.programs = []
        self.account = self.new_account()
        self.swift.forget_requests()

    def doCleanups(self):
        """Ends all; a test that failed shows what its programs and Swift said."""
        failed = not self._outcome.success
        done = super().doCleanups()
        for program in self.programs if failed else []:
            print(f"--- {program} said\n{program.said}")
        if failed:
            print(f"--- Swift said\n{self.swift.errors()[-3000:]}")
        return done

    def new_account(self):
        """An account of this test alone."""
        SwiftCase.made += 1
        account = f"AUTH_t{os.getpid()}x{SwiftCase.made}"
        self.swift.make_account(account)
        return account

    def fill(self, *objects, account=None, container="c", policy="gold", **headers):
        account = account or self.account
        self.swift.make_container(account, container, policy, **headers)
        self.swift.put(account, container, *objects)

    def delete(self, account=None):
        self.swift.delete_account(account or self.account)

    def words(self, node, *options, command="run"):
        return [command, "swift", "--account-server-conf", str(node.conf("account")), *map(str, options)]

    def run_on(self, node, *options, status=0, env=None):
        """One pass of the embedded mode on a node."""
        result = purgefleet.run(self.words(node, "--oneshot", *options), purgefleet.environment(**(env or {})))
        if status is not None:
            self.assertEqual(status, result.status, result)
        return result

    def start(self, node, *options, command="run"):
        program = purgefleet.Program(self.words(node, *options, command=command), purgefleet.environment())
        self.addCleanup(program.close)
        self.programs.append(program)
        return program

    def run_everywhere(self, *options, status=0):
        return [self.run_on(node, *options, status=status) for node in self.swift.nodes if node.process is not None]

    def containers_left(self, account=None):
        """What the databases of the account count, each; what is pending is merged before."""
        account = account or self.account
        partition = self.swift.partition_of(account)
        counts = []
        for node in self.swift.nodes:
            if node.process is not None:
                self.swift.direct(node, "account", "HEAD", f"/d{node.number}/{partition}/{account}")
        for path in self.swift.databases(account):
            counts.append(self.swift.look(path, "SELECT container_count FROM account_stat")[0][0])
        return counts

    def assert_reaped(self, account=None):
        self.assertEqual({0}, set(self.containers_left(account)))

    def deletes(self, server, **wanted):
        """Those that were for the account of this test."""
        return [line for line in self.swift.requests(method="DELETE", server=server, **wanted)
                if f"/{self.account}/" in line["path"]]

    def assert_no_object_is_left(self, account, container, *names, policy="gold"):
        for name in names:
            for node, files in self.swift.object_files(account, container, name, policy).items():
                self.assertFalse([file for file in files if file.endswith((".data", ".durable"))], (name, node))


def main():
    unittest.main()


def now_us():
    return time.time_ns() // 1000
