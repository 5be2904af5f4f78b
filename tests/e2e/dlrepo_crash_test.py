#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""dlrepo_crash_test: kill -9 at any moment; and what a reader sees while tags and blobs go."""
import os
import random
import signal
import threading
import time

from dlrepo_case import OLD_S, DlrepoCase, main
from harness.dlrepo import DELETING, age, snapshot, without
from harness.dlrepo_model import must_go
from harness.wait import wait_until

KILLS = int(os.environ.get("PURGEFLEET_TEST_KILLS", "8"))
SEED = int(os.environ.get("PURGEFLEET_SEED") or time.time_ns() % 1_000_000_007)
JOBS = tuple(f"job{number}" for number in range(5))
MORE = (1, 3, 9)  # times as much to remove
SHOWN_JOBS = tuple(f"job{number:02d}" for number in range(60))


class Crash(DlrepoCase):
    def setUp(self):
        super().setUp()
        self.random = random.Random(SEED)
        self.rounds = 0
        make = self.repository
        for number in range(40):
            make.blob(b"young %d" % number, -OLD_S)
        for branch in ("a", "b", "c"):
            make.keep(branch, daily=2)
            for number in range(2):
                make.tag(branch, f"kept{number}", number, jobs=JOBS)
                make.job(branch, f"kept{number}", "old", age_s=OLD_S)
        make.job("a", "kept0", "product", age_s=OLD_S)
        make.product(make.path("a", "kept0", "product"), make.version("p", "x86", "a", "1"))

    def add_due(self):
        """Tags, their products and orphans, all of which must go."""
        make, self.rounds = self.repository, self.rounds + 1
        for branch in ("a", "b", "c"):
            for number in range(15):
                name = f"due{self.rounds}-{number}"
                make.tag(branch, name, OLD_S, jobs=JOBS)
                job = make.job(branch, name, "old", {"x": {"f": name.encode()}}, age_s=OLD_S)
                make.product(job, make.version("p", "x86", "a", f"{branch}-{name}"))
        for number in range(60):
            kind = self.random.choice((make.blob, make.upload))
            kind(b"orphan %d %d" % (self.rounds, number), OLD_S)

    def kill_at_a_moment(self, *options):
        """A run that is killed anywhere between its start and its end; whether it was."""
        program = self.start(*options)
        began_s = time.monotonic()
        delay_s = self.random.choice((0.05, 0.3, 2.4)) * self.random.random()
        wait_until(lambda: time.monotonic() - began_s > delay_s or program.ended(), "a moment")
        program.signal(signal.SIGKILL)
        return program.wait().status == -signal.SIGKILL

    def assert_nothing_half(self, before, tags, orphans):
        """All that must stay is there; each tag is there as it was, or not at all."""
        now = snapshot(self.root, links=False)
        standing = {tag for tag in tags if os.path.lexists(self.root / tag)}
        for tag in standing:
            for name in (name for name in before if name.startswith(f"{tag}/")):
                self.assertEqual(before[name], now.get(name), f"{name} of a tag that stands")
        kept = without(before, tags | orphans)
        lost = {name for name, seen in kept.items() if now.get(name) != seen and "due" not in name
                and "products" not in name}
        self.assertEqual(set(), lost)

    def assert_shown_whole(self, server, expected):
        """What the real server tells of each tag."""
        for branch in ("a", "b", "c"):
            for tag in server.tag_names(branch):
                jobs = server.get(f"/branches/{branch}/{tag}/").json["tag"]["jobs"]
                self.assertEqual(expected[f"{branch}/{tag}"], len(jobs), tag)

    def jobs(self):
        """{branch/tag: how many jobs it has}."""
        tags = [tag for tag in self.repository.path().glob("*/*") if not tag.name.startswith(".")]
        return {str(tag.relative_to(self.repository.path())):
                sum(job.is_dir() for job in tag.iterdir()) for tag in tags}

    def assert_finished(self, before, tags, orphans):
        now = snapshot(self.root, links=False)
        kept = without(before, tags | orphans)
        self.assertEqual({name: seen for name, seen in kept.items() if "due" not in name},
                         {name: seen for name, seen in now.items() if "due" not in name})
        self.assertEqual([], [name for name in now if "due" in name])
        under_digests = [path for path in self.repository.blobs.glob("*/??/*") if path.is_dir()]
        self.assertEqual([], under_digests)
        with_ours = snapshot(self.root, ours=True)
        self.assertEqual([], [name for name in with_ours if name.startswith(f"{DELETING}/")])

    def test_at_random_moments_loses_nothing_and_the_next_run_finishes(self):
        server = self.server()
        killed = tries = 0
        with self.subTest(PURGEFLEET_SEED=SEED):
            while killed < KILLS:
                tries += 1
                self.assertLessEqual(tries, 5 * KILLS, f"{killed} kills met a process that ran")
                self.add_due()
                jobs, before = self.jobs(), snapshot(self.root, links=False)
                tags, orphans = must_go(self.root, time.time(), 600)
                for _ in range(self.random.randrange(1, 4)):
                    killed += self.kill_at_a_moment("--orphan-wait", 2)
                    self.assert_nothing_half(before, tags, orphans)
                    self.assert_shown_whole(server, jobs)
                self.run_dlrepo(*self.random.choice(((), ("--no-server",))))
                self.assert_finished(before, tags, orphans)

    def test_killed_while_blobs_are_out_of_the_way_the_next_run_puts_back_what_is_wanted(self):
        wanted = self.repository.blob(b"wanted", OLD_S)
        gone = self.repository.blob(b"gone", OLD_S)
        program = self.start("--orphan-wait", 60)
        wait_until(lambda: program.ended() or wanted.is_dir(), "a directory in its place")
        program.signal(signal.SIGKILL)
        program.wait()
        self.run_dlrepo("--orphan-lifetime", 9 * OLD_S)
        self.assertEqual((b"wanted", b"gone"), (wanted.read_bytes(), gone.read_bytes()))
        os.utime(wanted)
        self.run_dlrepo()
        self.assertEqual((b"wanted", False), (wanted.read_bytes(), os.path.lexists(gone)))

    def test_stopped_while_blobs_are_out_of_the_way_it_puts_them_back_or_removes_them(self):
        blobs = [self.repository.blob(b"%d" % number, OLD_S) for number in range(50)]
        program = self.start("--orphan-wait", 3)
        wait_until(lambda: program.ended() or any(blob.is_dir() for blob in blobs),
                   "a directory in its place")
        program.signal(signal.SIGTERM)
        program.wait()
        self.assertEqual([], [blob for blob in blobs if blob.is_dir()])


class Readers(DlrepoCase):
    """The real server, asked all the time while its tags go."""

    def watch(self, look):
        """Calls `look` again and again in a thread; returns what stops it and gives what it saw,
        each with its begin and its end."""
        seen, stop = [], threading.Event()

        def read():
            while not stop.is_set():
                began_s, value = time.monotonic(), look()
                seen.append((began_s, time.monotonic(), value))

        reader = threading.Thread(target=read)
        reader.start()

        def finish():
            stop.set()
            reader.join()
            return seen
        self.addCleanup(finish)
        wait_until(lambda: seen, "a first look")
        return finish

    def clean_watched(self, look, *options):
        """Returns what was seen, and how many answers lie within the clean-up."""
        finish = self.watch(look)
        began_s = time.monotonic()
        self.clean(*options)
        ended_s = time.monotonic()
        seen = finish()
        within = sum(began_s <= begin_s and end_s <= ended_s for begin_s, end_s, _ in seen)
        return [value for _, _, value in seen], within

    def until_seen(self, story):
        """The story, each time with more to remove, until a clean-up is slower than an answer."""
        for more in MORE:
            if story(more):
                return
        self.fail("each clean-up was faster than one answer")

    def test_a_tag_is_there_with_all_its_jobs_or_not_at_all(self):
        server = self.server()

        def story(more):
            branch = f"b{more}"
            self.repository.keep(branch, daily=1)
            self.repository.tags(branch, 4 * more, jobs=SHOWN_JOBS)

            def count_jobs():
                answer = server.get(f"/branches/{branch}/t2/")
                return len(answer.json["tag"]["jobs"]) if answer.status == 200 else answer.status

            seen, within = self.clean_watched(count_jobs)
            self.assertEqual(404, count_jobs())
            others = [count for count in seen if count != len(SHOWN_JOBS)]
            # The server goes through the names one by one, so one answer, in which the tag went,
            # may lack some of them.
            self.assertEqual({404}, {404, *others[1:]}, others)
            return within

        self.until_seen(story)

    def test_the_registry_shows_no_name_of_ours(self):
        server, shown = self.server(), {"latest"}

        def ask(path):
            return server.get(f"/v2/{path}").json

        def story(more):
            branch, count = f"b{more}", 8 * more
            shown.update((f"{branch}/app", *(f"t{number}" for number in range(1, count + 1))))
            for number in range(1, count + 1):
                pushed = server.push(branch, "app", f"t{number}", b"{}", b"layer %d" % number)
                self.assertEqual(201, pushed.status)
                # Removing the tag takes a while.
                files = {f"f{file}": b"x" for file in range(1000)}
                self.repository.job(branch, f"t{number}", "a-job", {"fmt": files})
                age(self.repository.path(branch, f"t{number}", ".stamp"), number * OLD_S)
            self.repository.keep(branch, daily=1)
            seen, within = self.clean_watched(
                lambda: (*ask(f"{branch}/app/tags/list")["tags"], *ask("_catalog")["repositories"]),
                "--orphan-lifetime", 0)
            self.assertLessEqual(set().union(*seen), shown)
            self.assertEqual(["latest", "t1"], ask(f"{branch}/app/tags/list")["tags"])
            self.assertEqual(200, server.get(f"/v2/{branch}/app/manifests/t1").status)
            return within

        self.until_seen(story)


if __name__ == "__main__":
    main()
