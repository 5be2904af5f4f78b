#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""dlrepo_orphans_test: which blobs and uploads are orphans, and what else lies beside them."""
import hashlib
import os

from dlrepo_case import OLD_S, DlrepoCase, main
from harness.dlrepo import age, link
from harness.wait import wait_until

HOLD_S = 4  # how long ours waits before it looks again, where a test comes in between
LIFETIME_S = 600
MARGIN_S = 60
SIZES = (
    ((9, 20), "Deleted 2 orphan blobs (29.0 bytes)"),
    ((500,), "Deleted 1 orphan blobs (500 bytes)"),
    ((1000,), "Deleted 1 orphan blobs (1.0K bytes)"),
    ((99_940,), "Deleted 1 orphan blobs (99.9K bytes)"),
    ((2_500_000, 1), "Deleted 2 orphan blobs (2.5M bytes)"),
    ((), "Deleted 0 orphan blobs (0 bytes)"),
)


class Orphans(DlrepoCase):
    def test_old_ones_go_and_young_future_and_linked_ones_stay(self):
        make = self.repository
        gone = [make.blob(b"just old enough", LIFETIME_S + MARGIN_S),
                make.blob(b"very old", 9 * OLD_S), make.upload(b"stalled", OLD_S)]
        make.blob(b"almost old enough", LIFETIME_S - MARGIN_S)
        make.blob(b"of the future", -OLD_S)
        make.upload(b"running")
        make.job("main", "t", "job", {"fmt": {"a": b"linked"}}, age_s=OLD_S)
        before = self.look()
        self.clean()
        self.assert_gone(before, *gone)

    def test_the_log_tells_how_many_and_how_large(self):
        for sizes, told in SIZES:
            with self.subTest(sizes=sizes):
                for size in sizes:
                    self.repository.blob(b"x" * size, OLD_S)
                self.assert_said(self.clean(), told)

    def test_the_lifetime_is_an_option_and_in_the_environment(self):
        paths = [self.repository.blob(b"%d" % age_s, age_s) for age_s in (1000, 5000, 20000)]
        before = self.look()
        self.clean("--orphan-lifetime", 10000)
        self.assert_gone(before, paths[2])
        self.clean(env={"DLREPO_ORPHAN_BLOB_LIFETIME": "3000"})
        self.assert_gone(before, *paths[1:])

    def test_a_lifetime_that_is_none_is_refused_at_once(self):
        self.repository.blob(b"old", OLD_S)
        before = self.look()
        for value in ("-1", "abc", "1.5"):
            with self.subTest(value=value):
                result = self.clean(status=2, env={"DLREPO_ORPHAN_BLOB_LIFETIME": value})
                self.assertIn("lifetime", result.stderr.lower())
                self.assert_gone(before)

    def test_what_only_a_surplus_tag_used_goes_with_it(self):
        make = self.repository
        make.keep("main", daily=1)
        make.tag("main", "t1", 1, jobs=())
        tag = make.tag("main", "t2", 2, jobs=())
        make.job("main", "t1", "job", {"fmt": {"a": b"shared"}}, age_s=OLD_S)
        files = {"a": b"shared", "b": b"own", "c": b"own"}
        make.job("main", "t2", "job", {"fmt": files}, age_s=OLD_S)
        before = self.look()
        self.assert_said(self.clean(), "Deleted 1 orphan blobs (3.0 bytes)")
        self.assert_gone(before, tag, make.blob_path(b"own"))

    def test_any_name_at_any_depth_is_looked_at(self):
        make = self.repository
        names = ("stray", ".trash-q", "sha256/ab/cd/ef/deep", "sha512/00/\udcff\n", "sha256/AB/UP")
        gone = [make.text(make.blobs / name, name, OLD_S) for name in names]
        gone += [make.text(make.uploads / "sub/y", "y", OLD_S), make.upload(b"", OLD_S)]
        before = self.look()
        self.clean()
        self.assert_gone(before, *gone)

    def odd_files(self):
        """Old, and nothing that may go."""
        make = self.repository
        outside = make.text(self.directory() / "outside", "o", OLD_S)
        for folder in (make.blobs / "sha256/aa", make.uploads):
            folder.mkdir(parents=True, exist_ok=True)
            age(make.text(folder / ".nfs0000000001"), OLD_S)
            os.mkfifo(folder / "fifo")
            link(outside, folder / "to-a-file")
            link(outside.parent, folder / "to-a-directory")
            link(folder / "nowhere", folder / "dangling")
            (folder / "empty").mkdir()
            for name in ("fifo", "to-a-file", "to-a-directory", "dangling", "empty"):
                age(folder / name, OLD_S)
        return outside

    def test_links_pipes_directories_and_what_nfs_still_needs_stay(self):
        outside = self.odd_files()
        for options in (("--no-server",), ()):
            with self.subTest(options=options):
                gone = self.repository.blob(b"old", OLD_S)
                before = self.look()
                self.run_dlrepo(*options)
                self.assert_gone(before, gone)
                self.assertEqual("o", outside.read_text())

    def test_uploads_are_looked_at_without_blobs(self):
        self.repository.blobs.rmdir()
        gone = self.repository.upload(b"stalled", OLD_S)
        before = self.look()
        self.assert_said(self.clean(), "Deleted 1 orphan blobs (7.0 bytes)")
        self.assert_gone(before, gone)

    def test_an_empty_blob_under_another_name_is_told_of(self):
        make = self.repository
        digest = hashlib.sha256(b"lost").hexdigest()
        lost = make.text(make.blobs / "sha256" / digest[:2] / digest)
        os.link(lost, make.text(make.path("main", "t", "job", "fmt", ".digests")).parent / "a")
        make.job("main", "t", "fine", {"fmt": {"a": b""}})
        nothing = hashlib.sha256(b"").hexdigest()
        before = self.look()
        result = self.clean(status=1)
        self.assert_gone(before)
        self.assert_named(result, digest)
        self.assertNotIn(nothing, result.stderr)


class BesideAServer(DlrepoCase):
    """Without --no-server: each is out of the way for a while before it is removed."""

    def hold(self, *blobs):
        """A run that has these out of the way."""
        program = self.start("--orphan-wait", HOLD_S)
        wait_until(lambda: program.ended() or all(blob.is_dir() for blob in blobs),
                   "a directory in the place of each")
        self.assertTrue(all(blob.is_dir() for blob in blobs))
        return program

    def finish(self, program):
        result = program.wait()
        self.assertEqual(0, result.status, result)
        return result

    def test_the_same_go(self):
        make = self.repository
        gone = [make.blob(b"old", OLD_S), make.upload(b"stalled", OLD_S),
                          make.text(make.blobs / "stray", "x", OLD_S)]
        make.blob(b"young")
        make.job("main", "t", "job", age_s=OLD_S)
        before = self.look()
        self.assert_said(self.run_dlrepo(), "Deleted 3 orphan blobs (11.0 bytes)")
        self.assert_gone(before, *gone)

    def held_file(self, content):
        """Where the content lies while a directory stands in its place."""
        for path in self.root.rglob("*"):
            if path.is_file() and path.read_bytes() == content:
                return path
        raise AssertionError(f"{content} is nowhere")

    def link_as_a_server_does(self, content):
        """Of one that it looked up before; returns the new link."""
        target = self.repository.path("main", "t", "job", "fmt", "a")
        target.parent.mkdir(parents=True)
        os.link(self.held_file(content), target)
        return target

    def test_those_that_are_used_meanwhile_come_back_and_nothing_stands_for_the_others(self):
        make, server = self.repository, self.server()
        touched, linked, written, missed = used = [
            make.blob(content, OLD_S) for content in (b"touched", b"linked", b"half", b"missed")]
        for number in range(300):
            make.blob(b"%d" % number, OLD_S)
        upload, late = make.upload(b"late", OLD_S), make.blob_path(b"late")
        late.parent.mkdir(parents=True, exist_ok=True)
        with open(written, "ab") as writer:
            program = self.hold(*used)
            os.utime(touched)
            target = self.link_as_a_server_does(b"linked")
            writer.write(b" and half")
            writer.flush()
            self.assertEqual(404, server.put_link("main/u/job/fmt/a", b"missed").status)
            wait_until(lambda: program.ended() or not upload.is_file(), "it is out of the way")
            with self.assertRaises(FileNotFoundError):
                upload.rename(late)  # as the server does that has just made sure of its digest
            self.finish(program)
        for _ in range(2):  # and the next run has nothing to do
            self.assertEqual({touched, linked, written}, set(make.blobs.glob("*/??/*")))
            self.run_dlrepo()
        self.assertEqual((b"touched", b"half and half"),
                         (touched.read_bytes(), written.read_bytes()))
        self.assertEqual((b"linked", 2), (target.read_bytes(), linked.stat().st_nlink))
        self.assertTrue(linked.samefile(target))
        self.assertEqual(201, server.put("main/u/job/fmt/a", b"missed").status)
        self.assertEqual((b"missed", b"missed"),
                         (missed.read_bytes(), server.file("main/u/job/fmt/a").body))

    def test_a_layer_that_is_pushed_meanwhile_is_not_lost(self):
        server = self.server()
        blob = self.repository.blob(b"layer", OLD_S)
        program = self.hold(blob)
        answers = [server.push_blob("main", "app", content).status for content in (b"{}", b"layer")]
        self.finish(program)
        if answers == [201, 201]:
            manifest = server.push_manifest("main", "app", "t1", b"{}", b"layer")
            self.assertEqual(201, manifest.status, manifest.body)

    def test_a_wait_that_is_too_short_is_refused(self):
        self.repository.blob(b"old", OLD_S)
        before = self.look()
        for options in (("--orphan-wait", 1), ("--orphan-wait", 0)):
            self.run_dlrepo(*options, status=2)
            self.assert_gone(before)


class Images(DlrepoCase):
    def test_what_an_image_is_made_of_stays_and_an_unnamed_layer_goes(self):
        server = self.server()
        self.assertEqual(201, server.push("main", "app", "t1",
                         b"{}", b"layer one", b"layer two").status)
        self.assertEqual(201, server.push_blob("main", "app", b"nobody names it").status)
        for directory, _, names in os.walk(self.repository.blobs):
            for name in names:
                age(os.path.join(directory, name), OLD_S)
        before = self.look()
        self.run_dlrepo()
        self.assert_gone(before, self.repository.blob_path(b"nobody names it"))
        self.assertEqual(200, server.get("/v2/main/app/manifests/t1").status)


if __name__ == "__main__":
    main()
