# SPDX-License-Identifier: MPL-2.0
"""dlrepo: a repository of artifacts as dlrepo lays it out, made by hand, and what stands in one."""
import hashlib
import os
import stat
import time
from pathlib import Path

LOCK = ".purgefleet-dlrepo.lock"
IDENTITY = ".purgefleet-dlrepo.id"
DELETING = ".deleting"
OURS = (LOCK, IDENTITY, DELETING)
LARGE = 1 << 24


def sha256(content):
    return hashlib.sha256(content).hexdigest()


def age(path, age_s):
    """As if it had been written so long ago."""
    at_s = time.time() - age_s
    os.utime(path, (at_s, at_s), follow_symlinks=False)


class Repository:
    """The one at `root`, or a user's below it. What is made is new unless an age is told."""

    def __init__(self, root, user=None):
        self.root = Path(root)
        self.home = self.root / "users" / user if user else self.root
        self.blobs = self.root / ".blobs"
        self.uploads = self.root / ".uploads"

    def make(self):
        """The directories that a server has made on its first day."""
        for path in (self.blobs, self.uploads, self.home / "branches"):
            path.mkdir(parents=True, exist_ok=True)
        return self

    def path(self, *names):
        """Of a branch, a tag, a job and so on."""
        return self.home.joinpath("branches", *names)

    def text(self, path, text="", age_s=0):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(os.fsencode(text))
        age(path, age_s)
        return path

    # --- blobs

    def blob_path(self, content, algo="sha256"):
        name = hashlib.new(algo, content).hexdigest()
        return self.blobs / algo / name[:2] / name

    def blob(self, content, age_s=0):
        """A blob; alone it is an orphan. Of one that is there already only the age changes."""
        path = self.blob_path(content)
        return self.text(path, content, age_s) if not path.exists() else (age(path, age_s), path)[1]

    def upload(self, content, age_s=0, name=None):
        return self.text(self.uploads / (name or os.urandom(16).hex()), content, age_s)

    # --- branches

    def policy(self, branch, text):
        return self.text(self.path(branch, ".cleanup_policy"), text)

    def keep(self, branch, daily=0, released=0):
        text = f'{{"max_daily_tags": {daily}, "max_released_tags": {released}}}'
        return self.policy(branch, text)

    def tag(self, branch, name, age_s=0, released=False, locked=False, jobs=("job",)):
        """A tag with jobs of one file each; age None: it has no stamp."""
        path = self.path(branch, name)
        path.mkdir(parents=True)
        for job in jobs:
            self.job(branch, name, job)
        for is_so, file in ((released, ".released"), (locked, ".locked")):
            if is_so:
                self.text(path / file)
        if age_s is not None:
            self.text(path / ".stamp", age_s=age_s)
        return path

    def tags(self, branch, count, step_s=1000, **how):
        """t1 is the newest."""
        return [self.tag(branch, f"t{number}", number * step_s, **how)
                for number in range(1, count + 1)]

    def job(self, branch, tag, name, formats=None, age_s=0):
        """`formats`: {format: {file: content}}; the default is a file whose content is its path."""
        path = self.path(branch, tag, name)
        own = os.fsencode(path.relative_to(self.root))
        for format_name, files in (formats or {"fmt": {"a.txt": own}}).items():
            for file, content in files.items():
                target = path / format_name / file
                target.parent.mkdir(parents=True, exist_ok=True)
                os.link(self.blob(content, age_s), target)
            self.text(path / format_name / ".digests", repr(sorted(files)))
        self.text(path / ".stamp")
        return path

    # --- products

    def version(self, product, variant, branch, version):
        path = self.home.joinpath("products", product, variant, branch, version)
        if not path.is_dir():
            path.mkdir(parents=True)
            self.text(path / ".stamp")
        return path

    def product(self, job, version, formats=None):
        """Links the job to the version and back; `formats`: only these, by default all."""
        link(version, job / ".product")
        for path in sorted(job.iterdir()):
            is_wanted = formats is None or path.name in formats
            if is_wanted and path.is_dir() and not path.is_symlink():
                link(path, version / path.name)


def link(target, path):
    """A relative symlink."""
    path.symlink_to(os.path.relpath(target, path.parent))
    return path


def _look(path, status):
    kind = stat.S_IFMT(status.st_mode)
    if kind == stat.S_IFLNK:
        return ("link", os.readlink(path), None)
    if kind == stat.S_IFREG:
        content = sha256(Path(path).read_bytes()) if status.st_size < LARGE else str(status.st_size)
        return ("file", content, status.st_nlink)
    return ({stat.S_IFDIR: "dir", stat.S_IFIFO: "fifo"}.get(kind, "other"), None, None)


def snapshot(root, ours=False, quotas=False, links=True):
    """{path: (kind, digest or target, link count)}. `ours`: with the lock, the number and .deleting,
    `quotas`: with .disk_usage; `links` False: no link counts."""
    found = {}

    def walk(directory):
        with os.scandir(directory) as entries:
            for entry in entries:
                take(entry)

    def take(entry):
        name = os.path.relpath(entry.path, root)
        if not ours and name in OURS or not quotas and entry.name == ".disk_usage":
            return
        seen = _look(entry.path, entry.stat(follow_symlinks=False))
        found[name] = seen if links else seen[:2]
        if seen[0] == "dir":
            walk(entry.path)

    walk(os.fspath(root))
    return found


def without(taken, paths):
    """A snapshot without these paths and all below them."""
    return {name: seen for name, seen in taken.items()
            if not any(name == path or name.startswith(f"{path}/") for path in paths)}
