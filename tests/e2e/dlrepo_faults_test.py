#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""dlrepo_faults_test: another process, links that lead out, other devices, full file systems."""
import os
import shutil
import threading

from dlrepo_case import OLD_S, TOOLS, DlrepoCase, main
from harness import purgefleet
from harness.dlrepo import DELETING, LOCK, Repository, age, snapshot, without
from harness.dlrepo_upstream import Child, clean_all
from harness.wait import wait_until

NOBODY = 65534


class Another(DlrepoCase):
    def test_a_second_run_on_the_same_root_is_refused(self):
        self.repository.keep("main", daily=1)
        blob = self.repository.blob(b"old", OLD_S)
        first = self.start("--orphan-wait", 4)
        wait_until(lambda: first.ended() or blob.is_dir(), "a directory in its place")
        tags = self.repository.tags("main", 3)
        for options in ((), ("--no-server",)):
            result = self.run_dlrepo(*options, status=1)
            self.assertIn("another process", result.stderr)
            self.assertTrue(all(tag.is_dir() for tag in tags))
        self.assertEqual(0, first.wait().status)
        self.assertFalse(os.path.lexists(blob))
        self.clean()

    def test_dlrepos_own_clean_up_may_run_at_the_same_time(self):
        make = self.repository
        for branch in "abcdef":
            make.keep(branch, daily=2)
            make.tags(branch, 30)
        for number in range(500):
            make.blob(b"%d" % number, OLD_S)
            make.job("kept", "t", f"j{number}", {"fmt": {"a": b"kept %d" % number}}, age_s=OLD_S)
        expected = {f"{branch}/t{number}" for branch in "abcdef" for number in (1, 2)} | {"kept/t"}
        taken = self.look()
        before = {name: taken[name] for name in taken if name.startswith("branches/kept/")}
        theirs = Child("clean")
        self.addCleanup(theirs.close)
        thread = threading.Thread(target=clean_all, args=(theirs, self.root))
        thread.start()
        self.clean()
        thread.join()
        self.clean()
        self.assertEqual(expected, {str(tag.relative_to(make.path()))
                         for tag in make.path().glob("*/[!.]*")})
        after = self.look()
        self.assertEqual(before, {name: after[name] for name in before})
        alone = [path for path in make.blobs.rglob("*")
                 if path.is_file() and path.stat().st_nlink == 1]
        self.assertEqual([], [path for path in alone if path.read_bytes().isdigit()])


class LedOut(DlrepoCase):
    """Whatever a link leads to outside of the root is as it was."""

    def setUp(self):
        super().setUp()
        self.outside = self.directory()
        theirs = Repository(self.outside).make()
        theirs.keep("main", daily=1)
        theirs.tags("main", 3)
        theirs.product(theirs.path("main", "t3", "job"), theirs.version("p", "x86", "main", "1"))
        theirs.blob(b"outside", OLD_S)
        theirs.upload(b"outside", OLD_S)
        theirs.text(self.outside / "sha256/aa/file", "x", OLD_S)
        self.before = snapshot(self.outside)
        self.repository.keep("main", daily=1)

    def lead_out(self, path, target=""):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        path.unlink(missing_ok=True)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.symlink_to(self.outside / target)

    def check(self, *gone, told=()):
        """`told`: what a warning names; without any the link is no trouble."""
        for options in (("--no-server",), ()):
            result = self.run_dlrepo(*options, status=1 if told else 0)
            self.assertEqual(self.before, snapshot(self.outside))
            self.assert_named(result, *told)
            if not told:
                self.assertEqual([], [line for line in result.lines if line["severity"] != "INFO"])
        for path in gone:
            self.assertFalse(os.path.lexists(path), result)

    def test_branches(self):
        self.lead_out(self.repository.path("x"), "branches/main")
        self.check()
        self.assertTrue(self.repository.path("x").is_symlink())

    def test_the_directory_of_all_branches(self):
        self.lead_out(self.repository.path(), "branches")
        self.check(told=["'branches'"])

    def test_a_tag(self):
        self.repository.tags("main", 2)
        self.lead_out(self.repository.path("main", "a"), "branches/main/t3")
        self.check(self.repository.path("main", "t2"))

    def test_a_job_a_format_and_a_file_of_a_tag_that_goes(self):
        tag = self.repository.tags("main", 2)[1]
        self.lead_out(tag / "out", "branches/main/t3/job")
        self.lead_out(tag / "job/out", "branches/main/t3/job/fmt")
        self.lead_out(tag / "job/fmt/out", "branches/main/t3/job/fmt/a.txt")
        self.lead_out(tag / "job/fmt/dir", "branches")
        self.check(tag)

    def test_a_stamp_and_a_policy(self):
        tags = self.repository.tags("main", 2)
        (tags[0] / ".stamp").unlink()
        self.lead_out(tags[0] / ".stamp", "branches/main/t1/.stamp")
        self.lead_out(self.repository.path("other", ".cleanup_policy"),
                      "branches/main/.cleanup_policy")
        others = self.repository.tags("other", 3)
        self.check(tags[1], *others[1:])  # the policy behind the link is read
        self.assertTrue(tags[0].is_dir() and others[0].is_dir())

    def test_the_product_of_a_job(self):
        tag = self.repository.tags("main", 2)[1]
        self.lead_out(tag / "job/.product", "products/p/x86/main/1")
        self.check(told=["main/t2", ".product"])
        self.assertTrue((tag / "job/fmt/a.txt").is_file())

    def test_a_directory_on_the_way_to_the_product(self):
        tag = self.repository.tags("main", 2)[1]
        self.lead_out(self.root / "products/p", "products/p")
        (tag / "job/.product").symlink_to("../../../../products/p/x86/main/1")
        self.check(told=["main/t2", "products/p/x86/main/1"])
        self.assertTrue((tag / "job/fmt/a.txt").is_file())

    def test_a_format_of_a_version(self):
        tag = self.repository.tags("main", 2)[1]
        version = self.repository.version("p", "x86", "main", "1")
        self.repository.product(tag / "job", version)
        self.lead_out(version / "out", "branches/main/t3/job/fmt")
        self.check(tag, version / "fmt")
        self.assertTrue((version / "out").is_symlink())

    def test_the_blobs_and_the_uploads(self):
        self.lead_out(self.repository.blobs, ".blobs")
        self.lead_out(self.repository.uploads, ".uploads")
        self.check(told=["'.blobs'", "'.uploads'"])

    def test_a_directory_of_blobs(self):
        gone = self.repository.blob(b"old", OLD_S)
        self.lead_out(self.repository.blobs / "sha512", "sha256")
        self.lead_out(self.repository.blobs / "sha256/aa", "sha256/aa")
        self.check(gone)

    def test_a_blob(self):
        path = self.repository.blobs / "sha256/aa" / ("a" * 64)
        self.lead_out(path, "sha256/aa/file")
        age(path, OLD_S)
        self.check()
        self.assertTrue(path.is_symlink())

    def test_our_own_directory_and_lock(self):
        for name in (DELETING, LOCK):
            with self.subTest(name=name):
                tag = self.repository.tags("main" if name == LOCK else "b", 2)[1]
                self.lead_out(self.root / name, "sha256/aa/file" if name == LOCK else "")
                result = self.clean(status=1)
                self.assertIn(str(self.root / name), result.stderr)
                self.assertEqual(self.before, snapshot(self.outside))
                self.assertTrue(tag.is_dir())
                (self.root / name).unlink()


class Devices(DlrepoCase):
    """File systems of their own; mounting takes root."""

    def test_what_is_mounted_inside_a_tag_is_not_entered(self):
        make = self.repository
        make.keep("main", daily=1)
        tags = make.tags("main", 3)
        mounted = self.mount(tags[1] / "job/mounted")
        (mounted / "precious").write_text("x")
        inside = os.open(mounted, os.O_RDONLY)
        self.addCleanup(os.close, inside)
        result = self.clean(status=1)
        self.assertEqual(["precious"], os.listdir(inside))
        self.assert_named(result, "t2")
        self.assertFalse(tags[2].exists())
        self.assertTrue(tags[0].is_dir())

    def test_what_is_mounted_below_the_blobs_is_not_entered(self):
        gone = self.repository.blob(b"old", OLD_S)
        mounted = self.mount(self.repository.blobs / "sha256/00")
        for name in ("a" * 64, "b" * 64):
            age(self.repository.text(mounted / name, name), OLD_S)
        before = self.look()
        for options in (("--no-server",), ()):
            self.assert_named(self.run_dlrepo(*options, status=1), "'.blobs/sha256/00'")
            self.assert_gone(before, gone)

    def small(self, *options):
        """A root on a small file system with a bit of each kind; what must go."""
        self.root = self.mount(self.directory() / "small", "-o", ",".join(("size=2m", *options)))
        make = self.repository = Repository(self.root).make()
        make.keep("main", daily=1)
        tag = make.tags("main", 2)[1]
        make.job("main", "t1", "old", age_s=OLD_S)
        return [tag, make.blob(b"old" * 5000, OLD_S)]

    def test_a_read_only_file_system_is_told_of(self):
        self.small()
        before = self.look()
        self.tool("mount", "-o", "remount,ro", str(self.root))
        for options in (("--no-server",), ()):
            result = self.run_dlrepo(*options, status=1)
            self.assertIn(str(self.root), result.stderr)
            self.assertEqual(before, self.look())

    def test_one_without_space_is_cleaned(self):
        gone = self.small()
        full = self.root / "branches/full"
        with self.assertRaises(OSError), open(full, "wb", buffering=0) as file:
            while True:
                file.write(b"x" * 4096)
        before = self.look()
        self.clean()  # a directory takes no space of a tmpfs, only an inode
        self.assert_nothing_lost(before, gone)
        self.assertEqual([], [path for path in gone if os.path.lexists(path)])

    def test_one_without_inodes_is_told_of_and_loses_nothing(self):
        gone = self.small("nr_inodes=100")
        filler = self.root / "branches/.filler"
        filler.mkdir()
        with self.assertRaises(OSError):
            for number in range(100):
                (filler / str(number)).touch()
        before = self.look()
        for options in (("--no-server",), ()):
            result = self.run_dlrepo(*options, status=1)
            self.assertIn(str(self.root), result.stderr)
            self.assertIn("No space left", result.stderr)
            self.assertEqual(before, self.look())
        shutil.rmtree(filler)
        self.run_dlrepo()
        self.assertEqual([], [path for path in gone if os.path.lexists(path)])

    def assert_nothing_lost(self, before, gone):
        names = [os.path.relpath(path, self.root) for path in gone]
        now = self.look()
        self.assertEqual(without(before, names), without(now, names))


class Rights(DlrepoCase):
    """As a user who may not do all; root may."""

    def setUp(self):
        super().setUp()
        if os.geteuid() != 0:
            self.skipTest("giving files to another user takes root")
        self.binary = shutil.copy(purgefleet.BINARY, self.directory())

    def give(self, *kept):
        """All is nobody's now but these."""
        for directory, names, files in os.walk(self.root):
            for path in (directory, *(os.path.join(directory, name) for name in names + files)):
                if path not in map(str, kept):
                    os.chown(path, NOBODY, NOBODY, follow_symlinks=False)

    def clean_as_nobody(self, *options):
        words = ["--reuid", str(NOBODY), "--regid", str(NOBODY), "--clear-groups", self.binary,
                 *self.words("--no-server", *options)]
        return purgefleet.run(words, purgefleet.environment(PATH=TOOLS), "setpriv")

    def test_a_branch_that_cannot_be_read_holds_up_no_other(self):
        make = self.repository
        tags = {}
        for branch in ("a", "closed", "z"):
            make.keep(branch, daily=1)
            tags[branch] = make.tags(branch, 2)[1]
        make.path("closed").chmod(0o700)
        self.give(make.path("closed"))
        before = self.look()
        result = self.clean_as_nobody()
        self.assertEqual(1, result.status, result)
        self.assert_named(result, "closed")
        self.assert_gone(before, tags["a"], tags["z"])

    def test_a_policy_that_cannot_be_read_keeps_all(self):
        make = self.repository
        make.keep("main", daily=1).chmod(0o600)
        make.tags("main", 3)
        self.give(make.path("main", ".cleanup_policy"))
        before = self.look()
        result = self.clean_as_nobody()
        self.assertEqual(1, result.status, result)
        self.assert_named(result, "branch main", "Permission denied")
        self.assert_gone(before)

    def test_a_tag_that_cannot_be_removed_whole_is_finished_when_it_can(self):
        make = self.repository
        make.keep("main", daily=1)
        tags = make.tags("main", 3)
        orphan = make.blob(b"old", OLD_S)
        before = self.look()
        self.give(tags[1] / "job/fmt")
        result = self.clean_as_nobody()
        self.assertEqual(1, result.status, result)
        self.assertFalse(tags[2].exists())
        self.assertFalse(orphan.exists())
        self.assert_named(result, "main/t2", "Permission denied")
        self.assert_gone(before, tags[2], orphan)  # it stays whole
        self.give()
        self.assertEqual(0, self.clean_as_nobody().status)
        self.assert_gone(before, tags[1], tags[2], orphan)

    def test_blobs_that_cannot_be_removed_hold_up_no_others(self):
        make = self.repository
        gone, kept = make.blob(b"old", OLD_S), make.text(make.blobs / "sha256/zz/kept", "x", OLD_S)
        make.text(make.blobs / "sha256/closed/x", "x", OLD_S)
        (make.blobs / "sha256/closed").chmod(0o700)
        self.give(kept.parent, make.blobs / "sha256/closed")
        before = self.look()
        result = self.clean_as_nobody()
        self.assertEqual(1, result.status, result)
        self.assert_named(result, "closed")
        self.assert_gone(before, gone)

    def test_a_root_that_cannot_be_written_is_told_of(self):
        self.repository.keep("main", daily=1)
        self.repository.tags("main", 3)
        before = self.look()
        result = self.clean_as_nobody()
        self.assertEqual(1, result.status, result)
        self.assertIn(str(self.root), result.stderr)
        self.assert_gone(before)

    def test_a_root_that_is_not_there_is_told_of(self):
        for root in (self.root / "nowhere", self.repository.text(self.root / "file")):
            result = self.clean(root=root, status=1)
            self.assertIn(str(root), result.stderr)


if __name__ == "__main__":
    main()
