#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""dlrepo: blobs and tags a second of a clean-up of a repository, beside find and dlrepo itself, in the same run.

All take turns on equal copies of the same repository, in both orders, with a warm cache. One blob of ten is an orphan, and of
each branch the newest tag stays. What is quoted is the median of the ratios. Exit status 1 when a median is below its least
value, or when anything is left that was due, or gone that was not.

`find` and dlrepo remove what has one link and is old, and have no guard against a server that links just then. Ours has, and waits for
it: `pure` is without that wait, of which there is one for each 40,000 orphans. With --no-server it has none either.
Usage: dlrepo.py [--blobs N] [--python-blobs N] [--tags N] [--branches N] [--rounds N] [--dir DIR] [--baseline PURGEFLEET]
"""
import argparse
import hashlib
import math
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
# pylint: disable=wrong-import-position
from cost import Cost, median  # noqa: E402
from harness import purgefleet  # noqa: E402
from harness.dlrepo_upstream import environment  # noqa: E402

OLD_S = 86400
ORPHANS = 10  # each so-manieth blob
WAIT_S = 2.5  # --orphan-wait, and until the file goes whose place was freed
ASIDE_MOST = 40_000  # files that lie aside at a time
LEAST = {"find": 0.9, "python": 10, "python, guarded": 6, "tags": 5}
CHILD = Path(__file__).resolve().parents[1] / "support/dlrepo_child.py"


# --- repositories

def make_blobs(root, count):
    """The other blobs have a link each, which no tag has: nothing looks at those."""
    blobs, links = root / ".blobs/sha256", root / "users/links"
    links.mkdir(parents=True)
    for folder in ("branches", ".uploads"):
        (root / folder).mkdir()
    for shard in range(256):
        (blobs / f"{shard:02x}").mkdir(parents=True)
        (links / f"{shard:02x}").mkdir()
    old_s = time.time() - OLD_S
    for number in range(count):
        name = hashlib.sha256(b"%d" % number).hexdigest()
        path = f"{blobs}/{name[:2]}/{name}"
        with open(path, "wb") as file:
            file.write(b"x")
        if number % ORPHANS != 0:
            os.link(path, f"{links}/{name[:2]}/{name}")
        os.utime(path, (old_s, old_s))


def make_tags(root, count, branches):
    """Tags with a job of two files, of which the newest of each branch stays."""
    blob = root / ".blobs/sha256/00" / ("0" * 64)
    blob.parent.mkdir(parents=True)
    blob.write_bytes(b"x")
    (root / ".uploads").mkdir()
    for number in range(count):
        branch = root / f"branches/b{number % branches}"
        if not branch.exists():
            branch.mkdir(parents=True)
            (branch / ".cleanup_policy").write_text('{"max_daily_tags": 1}', encoding="ascii")
        files = branch / f"t{number}/job/fmt"
        files.mkdir(parents=True)
        for name in ("a", "b"):
            os.link(blob, files / name)
        (files.parent / ".stamp").touch()
        (branch / f"t{number}/.stamp").touch()


def count_files(path):
    return sum(len(files) for _, _, files in os.walk(path))


def count_tags(root):
    return sum(1 for path in root.glob("branches/*/*") if path.is_dir())


# --- who cleans it

def ours(root, *options, binary=purgefleet.BINARY):
    return [binary, "run", "dlrepo", "--oneshot", "--root", str(root), "--max-fraction", "0", *options]


def find(root):
    return ["find", str(root / ".blobs"), "-type", "f", "-links", "1", "-mmin", "+10", "-delete"]


def cost_of(words, stdin=b""):
    return Cost(words, environment(), stdin)


def python_clean(root, tags):
    """dlrepo's own, as its server does it, with the start of the interpreter."""
    question = f'{{"root": "{root}", "tags": {str(tags).lower()}}}\n'.encode()
    return cost_of([sys.executable, str(CHILD), "clean"], question)


class Bench:
    def __init__(self, options):
        self.options = options
        self.failed = False

    def on_a_copy(self, make, clean, check):
        """The cost of `clean` on a new repository."""
        place = Path(tempfile.mkdtemp(prefix="purgefleet-bench-", dir=self.options.dir))
        try:
            root = place / "root"
            root.mkdir()
            make(root)
            os.sync()
            count_files(root)  # warm
            cost = clean(root)
            wrong = check(root)
        finally:
            shutil.rmtree(place)
        if wrong:
            self.failed = True
            print(f"  WRONG: {wrong}", flush=True)
        return cost

    def turns(self, make, check, kinds):
        """{name: costs}, each as often as there are rounds; the order turns round each time."""
        costs = {name: [] for name in kinds}
        for number in range(self.options.rounds):
            names = list(kinds)
            for name in names if number % 2 == 0 else reversed(names):
                costs[name].append(self.on_a_copy(make, kinds[name], check))
        return costs

    def judge(self, what, ratio, least):
        if ratio < least:
            self.failed = True
        print(f"  {what}: median ratio {ratio:.2f} (at least {least})", flush=True)

    # --- the scenes

    def blobs(self):
        count = self.options.blobs
        due = (count + ORPHANS - 1) // ORPHANS

        def check(root):
            left = count_files(root / ".blobs")
            return None if left == count - due else f"{left} files instead of {count - due}"

        kinds = {
            "find": lambda root: cost_of(find(root)),
            "ours": lambda root: cost_of(ours(root, "--orphans-only")),
            "ours --no-server": lambda root: cost_of(ours(root, "--orphans-only", "--no-server")),
        }
        if self.options.baseline:
            kinds["baseline"] = lambda root: cost_of(ours(root, "--orphans-only", binary=self.options.baseline))
        print(f"{count} blobs, {due} of them orphans")
        costs = self.turns(lambda root: make_blobs(root, count), check, kinds)
        show(costs, count, {"ours": waits_s(due), "baseline": waits_s(due)})
        pure = [cost.wall_s - waits_s(due) for cost in costs["ours"]]
        self.judge("ours, pure, to find", ratio(walls(costs["find"]), pure), LEAST["find"])
        self.judge("ours --no-server to find", ratio(walls(costs["find"]), walls(costs["ours --no-server"])), LEAST["find"])

    def python_blobs(self):
        count = self.options.python_blobs
        due = (count + ORPHANS - 1) // ORPHANS

        def check(root):
            left = count_files(root / ".blobs")
            return None if left == count - due else f"{left} files instead of {count - due}"

        print(f"{count} blobs, beside dlrepo's own collection")
        costs = self.turns(lambda root: make_blobs(root, count), check, {
            "python": lambda root: python_clean(root, False),
            "ours": lambda root: cost_of(ours(root, "--orphans-only")),
            "ours --no-server": lambda root: cost_of(ours(root, "--orphans-only", "--no-server")),
        })
        show(costs, count, {"ours": waits_s(due)})
        pure = [cost.wall_s - waits_s(due) for cost in costs["ours"]]
        alone = walls(costs["ours --no-server"])
        self.judge("ours --no-server to python", ratio(walls(costs["python"]), alone), LEAST["python"])
        self.judge("ours, pure, to python", ratio(walls(costs["python"]), pure), LEAST["python, guarded"])

    def tags(self):
        count, branches = self.options.tags, self.options.branches

        def check(root):
            left = count_tags(root)
            return None if left == branches else f"{left} tags instead of {branches}"

        print(f"{count} tags in {branches} branches, beside dlrepo's own clean-up")
        costs = self.turns(lambda root: make_tags(root, count, branches), check, {
            "python": lambda root: python_clean(root, True),
            "ours": lambda root: cost_of(ours(root)),
        })
        show(costs, count, {})
        self.judge("ours to python", ratio(walls(costs["python"]), walls(costs["ours"])), LEAST["tags"])


def waits_s(orphans):
    return WAIT_S * math.ceil(orphans / ASIDE_MOST)


def walls(costs):
    return [cost.wall_s for cost in costs]


def ratio(theirs_s, own_s):
    """The median of the ratios of one round each."""
    return median([theirs / own for theirs, own in zip(theirs_s, own_s)])


def show(costs, count, without_s):
    print(f"  {'':18} {'seconds':>8} {'pure':>8} {'a second':>10} {'CPU us each':>12} {'MiB':>5}")
    for name, some in costs.items():
        pure_s = median(walls(some)) - without_s.get(name, 0)
        print(f"  {name:18} {median(walls(some)):8.2f} {pure_s:8.2f} {count / pure_s:10.0f} "
              f"{median([cost.cpu_s for cost in some]) / count * 1e6:12.2f} {max(cost.memory_mib for cost in some):5.0f}", flush=True)


def main():
    parser = argparse.ArgumentParser(prog="dlrepo")
    parser.add_argument("--blobs", type=int, default=200_000)
    parser.add_argument("--python-blobs", type=int, default=200_000)
    parser.add_argument("--tags", type=int, default=10_000)
    parser.add_argument("--branches", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--dir", help="where the repositories are made")
    parser.add_argument("--baseline", help="an older build of purgefleet")
    bench = Bench(parser.parse_args())
    for scene, count in ((bench.blobs, bench.options.blobs), (bench.python_blobs, bench.options.python_blobs),
                         (bench.tags, bench.options.tags)):
        if count > 0:
            scene()
    return 1 if bench.failed else 0


if __name__ == "__main__":
    sys.exit(main())
