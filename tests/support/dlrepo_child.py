# SPDX-License-Identifier: MPL-2.0
"""dlrepo_child: dlrepo's own code in a process of its own.

`clean` reads lines {"root": ..., "tags": ...} and answers each with {"log": [...], "crash": ...}.
`link DELAY SEED ROOT COUNT` links and uploads COUNT blobs at random until its input ends and it has
done each at least once, then it tells how that went. `serve DELAY SEED` is the server. After each
look for a blob these two stop for up to DELAY ms, at random, as may happen on a busy machine.
"""
import asyncio
import hashlib
import json
import logging
import os
import random
import runpy
import select
import sys
import time
from pathlib import Path

from dlrepo.fs import ArtifactRepository

GIVE_UP_S = 60
MUST_HAPPEN = ("linked", "missing", "uploaded")


async def clean(root, tags):
    repository = ArtifactRepository(root)
    repository.set_publish_semaphore(asyncio.Semaphore(1))
    await repository._cleanup(tags)  # pylint: disable=protected-access


class Lines(logging.Handler):
    def __init__(self):
        super().__init__()
        self.lines = []

    def emit(self, record):
        self.lines.append(record.getMessage())


def clean_all():
    handler = Lines()
    logging.getLogger("dlrepo").addHandler(handler)
    logging.getLogger("dlrepo").setLevel(logging.INFO)
    for line in sys.stdin:
        handler.lines, crash = [], None
        try:
            asyncio.run(clean(**json.loads(line)))
        except Exception as error:  # pylint: disable=broad-exception-caught
            crash = f"{type(error).__name__}: {error}"
        print(json.dumps({"log": handler.lines, "crash": crash}), flush=True)


class Linker:
    """Links a blob as a server does for a client that says it is there; uploads it when not."""

    def __init__(self, seed, root, count):
        count = int(count)
        self.chance = random.Random(seed)
        self.repository = ArtifactRepository(root)
        self.contents = [b"blob %d of %d" % (number, seed) for number in range(count)]
        self.digests = [
            f"sha256:{hashlib.sha256(content).hexdigest()}" for content in self.contents]
        self.places = [
            Path(root, ".blobs", "sha256", digest[7:9], digest[7:]) for digest in self.digests]
        self.target = Path(root, "branches", "race", f"t{os.getpid()}", "job", "fmt", "file")
        self.tally = dict.fromkeys((*MUST_HAPPEN, "held", "refused", "empty", "wrong"), 0)

    async def upload(self, number):
        pieces = [self.contents[number], b""]

        async def read(_):
            return pieces.pop(0)

        name = self.repository.next_upload()
        await self.repository.update_upload(name, read)
        await self.repository.finalize_upload(name, self.digests[number])

    async def step(self):
        number = self.chance.randrange(len(self.contents))
        try:
            self.repository.link_blob(self.digests[number], self.target)
            self.tally["linked"] += 1
        except FileNotFoundError:  # the client is told 404, and sends it
            self.tally["missing"] += 1
            # One that is sent while its place is held is thrown away, and then every orphan comes
            # back: with as many as here none would ever go.
            if os.path.isdir(self.places[number]):
                self.tally["held"] += 1
                return
            try:
                await self.upload(number)
                self.repository.link_blob(self.digests[number], self.target)
                self.tally["uploaded"] += 1
            except OSError:
                self.tally["refused"] += 1
                return
        except OSError:
            self.tally["refused"] += 1
            return
        seen = self.target.read_bytes()
        if seen != self.contents[number]:
            self.tally["wrong" if seen else "empty"] += 1
        self.target.unlink()

    async def run(self):
        while not select.select([sys.stdin], [], [], 0)[0]:
            await self.step()
        give_up_s = time.monotonic() + GIVE_UP_S
        while not all(self.tally[what] for what in MUST_HAPPEN) and time.monotonic() < give_up_s:
            await self.step()
        print(json.dumps(self.tally), flush=True)


def slow_down(delay_ms, seed):
    is_file, chance = Path.is_file, random.Random(seed)

    def look(path, *words, **options):
        is_there = is_file(path, *words, **options)
        if is_there and ".blobs" in path.parts:
            # between dlrepo's look and its touch or link
            time.sleep(chance.random() * delay_ms / 1000)
        return is_there

    Path.is_file = look


def main(command, delay_ms=0, seed=0, *words):
    if int(delay_ms):
        slow_down(int(delay_ms), int(seed))
    if command == "clean":
        clean_all()
    elif command == "link":
        asyncio.run(Linker(int(seed), *words).run())
    else:
        runpy.run_module("dlrepo", run_name="__main__")


if __name__ == "__main__":
    main(*sys.argv[1:])
