#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""dlrepo_quota_test: the disk usage of each user, as dlrepo itself counts it."""
import os
import unittest

from dlrepo_case import DlrepoCase, main
from harness.dlrepo import Repository, link, snapshot
from harness.dlrepo_upstream import upstream_clean


def fill(root):
    """Users with all that has a size of its own."""
    make = Repository(root).make()
    users = {name: Repository(root, name) for name in ("bob", "eve", ".dot", "old", "nonsense")}
    for name, user in users.items():
        user.tag("main", "t1", 5)
        user.job("main", "t1", "twice", {"fmt": {"a": b"x" * 3000, "b": b"x" * 3000, "c/d": b""}})
        user.product(user.path("main", "t1", "job"), user.version("p", "x86", "main", "1"))
        user.text(user.home / "notes", name)
    with open(users["eve"].home / "sparse", "wb") as sparse:
        sparse.truncate(10_000_000_000)
    link(users["bob"].home / "notes", users["bob"].home / "to-notes")
    make.text(users["old"].home / ".disk_usage", "5024")
    make.text(users["nonsense"].home / ".disk_usage", "much")
    (make.root / "users/empty").mkdir()
    make.text(make.root / "users/a-file", "x")
    return make


def usage(root):
    """{user: what the file says}."""
    return {path.parent.name: path.read_text() for path in (root / "users").glob("*/.disk_usage")}


class Quota(DlrepoCase):
    def setUp(self):
        super().setUp()
        self.theirs = self.directory()
        fill(self.theirs)
        fill(self.root)

    def test_it_is_what_dlrepo_counts_also_when_it_counts_its_own_file(self):
        for _ in range(3):
            self.assertIsNone(upstream_clean(self.theirs)["crash"])
            self.clean("--quotas")
            ours = usage(self.root)
            self.assertEqual(usage(self.theirs), ours)
        self.assertEqual({"bob", "eve", ".dot", "old", "nonsense", "empty"}, set(ours))
        self.assertEqual(snapshot(self.theirs, quotas=True), snapshot(self.root, quotas=True))

    @unittest.skipIf(os.geteuid() != 0, "only root may give files away")
    def test_the_file_stays_the_servers_own(self):
        own = self.root / "users/old/.disk_usage"
        os.chown(own, 1234, 5678)
        os.chmod(own, 0o640)
        os.chown(self.root / "users/bob", 1234, 5678)
        self.clean("--quotas")
        for path, mode in ((own, 0o640), (self.root / "users/bob/.disk_usage", 0o644)):
            found = path.stat()
            self.assertEqual((1234, 5678, mode),
                             (found.st_uid, found.st_gid, found.st_mode & 0o7777))

    def test_nobody_counts_unless_told_to(self):
        before = snapshot(self.root, quotas=True)
        self.clean()
        self.assertEqual(before, snapshot(self.root, quotas=True))

    def test_an_upper_case_user_makes_no_lower_case_one(self):
        Repository(self.root, "Bob2").tag("main", "t1")
        self.assert_named(self.clean("--quotas"), "Bob2")
        self.assertFalse((self.root / "users/bob2").exists())
        self.assertTrue((self.root / "users/Bob2/branches/main/t1/job").is_dir())

    def test_a_dangling_link_holds_up_no_other_user(self):
        upstream_clean(self.theirs)
        link(self.root / "users/bob/nowhere", self.root / "users/bob/dangling")
        self.assert_named(self.clean("--quotas", status=1), "user bob")
        expected, ours = usage(self.theirs), usage(self.root)
        for name in ("eve", "old", "nonsense", "empty"):
            self.assertEqual(expected[name], ours[name])

    def test_a_user_that_is_a_link_gets_no_file_elsewhere(self):
        elsewhere = self.directory()
        (elsewhere / "file").write_text("x")
        (self.root / "users/linked").symlink_to(elsewhere)
        os.symlink(elsewhere / "file", self.root / "users/bob/branches/leads-out")
        self.clean("--quotas")
        self.assertEqual(["file"], os.listdir(elsewhere))

    def test_a_usage_file_that_is_a_link_is_not_written_through(self):
        elsewhere = self.directory() / "precious"
        elsewhere.write_text("x")
        (self.root / "users/eve/.disk_usage").symlink_to(elsewhere)
        self.clean("--quotas")
        self.assertTrue(usage(self.root)["eve"].isdigit())
        self.assertEqual("x", elsewhere.read_text())

    def test_a_dry_run_writes_none(self):
        before = snapshot(self.root, quotas=True)
        self.clean("--quotas", "--dryrun")
        self.assertEqual(before, snapshot(self.root, quotas=True))


if __name__ == "__main__":
    main()
