#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""dlrepo_disks_test: the rules hold on every kind of file system; mounting takes root."""
import os
import shutil

from dlrepo_case import OLD_S, TOOLS, DlrepoCase, main
from harness.dlrepo import Repository, age, link, snapshot
from harness.one_link import OneLink
from harness.wait import wait_until

DISK_BYTES = 320 << 20  # the least that all of them take; it is a sparse file


class Disks(DlrepoCase):
    def repository_on(self, kind, *options):
        """The root is on a new file system from now on."""
        tool = f"mkfs.{kind}"
        if shutil.which(tool, path=TOOLS) is None:
            self.skipTest(f"there is no {tool}")
        image = self.directory() / "image"
        with open(image, "wb") as file:
            file.truncate(DISK_BYTES)
        self.tool(tool, "-q", *options, str(image))
        self.root = self.mount(self.directory() / "disk", "-o", "loop", kind=kind, device=image)
        self.repository = Repository(self.root).make()

    def surplus(self):
        """Tags, and what else lies beside them; returns what must go."""
        make = self.repository
        make.keep("main", daily=2, released=1)
        tags = make.tags("main", 4, jobs=("a", "b"))
        make.tag("main", "locked", OLD_S, locked=True)
        make.tag("main", ".hidden", OLD_S)
        make.text(make.path("main", "a-file"))
        link(tags[0], make.path("main", "a-link"))
        make.text(make.path("no-branch"))
        make.tag("without-policy", "t", OLD_S)
        make.product(tags[0] / "a", make.version("p", "x86", "main", "1"))
        make.product(tags[3] / "a", make.version("p", "x86", "main", "4"))
        make.job("main", "t3", "c", {"fmt": {"own": b"own", "shared": b"shared"}}, OLD_S)
        make.job("main", "t1", "c", {"fmt": {"shared": b"shared"}}, OLD_S)
        return [*tags[2:], self.root / "products/p/x86/main/4", make.blob_path(b"own")]

    def orphans(self):
        """Blobs and uploads, and what else lies beside them; returns what must go."""
        make = self.repository
        make.blob(b"young")
        make.upload(b"running")
        for folder in (make.blobs / "sha256/aa", make.uploads):
            folder.mkdir(parents=True, exist_ok=True)
            make.text(folder / ".nfs0000000001", "x")
            os.mkfifo(folder / "fifo")
            link(make.path("main", "t1", "a", "fmt", "a.txt"), folder / "to-a-file")
            link(make.path("main"), folder / "to-a-directory")
            (folder / "empty").mkdir()
            for name in (".nfs0000000001", "fifo", "to-a-file", "to-a-directory", "empty"):
                age(folder / name, OLD_S)
        return [make.blob(b"old", OLD_S), make.upload(b"stalled", OLD_S),
                make.text(make.blobs / "sha512/00/deep/stray", "stray", OLD_S)]

    def check(self):
        gone = [*self.surplus(), *self.orphans()]
        before = self.look()
        self.assert_said(self.clean(), "Deleted 2 tags", "Deleted 4 orphan blobs (18.0 bytes)")
        self.assert_gone(before, *gone)
        self.repository.keep("main", daily=1, released=1)
        gone = [self.repository.path("main", "t2"),
                self.repository.blob(b"beside a server", OLD_S)]
        before = self.look()
        self.run_dlrepo()
        self.assert_gone(before, *gone)

    def test_entries_of_directories_do_not_say_what_they_are(self):
        self.repository_on("ext4", "-O", "^filetype")
        self.check()

    def test_directories_have_one_link_however_many_are_in_them(self):
        self.repository_on("btrfs")
        self.check()

    def test_xfs_is_like_the_others(self):
        self.repository_on("xfs")
        self.check()


class OneLinkEach(DlrepoCase):
    def show_again(self):
        """The root is where FUSE shows it from now on."""
        directory = self.directory()
        mount = directory / "mount"
        mount.mkdir()
        shown = OneLink(self.root, mount)
        self.addCleanup(shown.close)
        self.addCleanup(self.unmount, directory)
        wait_until(shown.is_settled, "it is mounted")
        why_not = shown.why_not()
        if why_not:
            self.skipTest(f"FUSE cannot be mounted: {why_not}")
        self.root = mount

    def test_where_links_are_not_counted_nothing_is_touched(self):
        make = self.repository
        make.keep("main", daily=1)
        make.tags("main", 2)
        make.job("main", "t1", "old", age_s=OLD_S)
        make.blob(b"old", OLD_S)
        make.upload(b"stalled", OLD_S)
        self.show_again()
        before = self.look()
        self.assertEqual({1}, {seen[2] for seen in snapshot(self.root).values()
                               if seen[0] == "file"})
        result = self.clean(status=1)
        self.assertIn("does not count hard links", result.errors)
        self.assertEqual(before, self.look())


if __name__ == "__main__":
    main()
