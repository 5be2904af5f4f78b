# SPDX-License-Identifier: MPL-2.0
"""dlrepo_model: which tags and blobs of a repository must go, in the plainest words."""
import collections
import json
import os
import stat
from pathlib import Path


def is_file(path):
    return path.is_file() and not path.is_symlink()


def directories(path):
    """The names that count as branches, tags or jobs, in order."""
    if not path.is_dir():
        return []
    return sorted(entry for entry in path.iterdir()
                  if not entry.name.startswith(".") and entry.is_dir() and not entry.is_symlink())


def policy(branch, kind):
    """How many tags of this kind a branch keeps; None: all."""
    try:
        value = json.loads((branch / ".cleanup_policy").read_text(encoding="utf-8"))
        value = value.get(kind)
    except (OSError, ValueError, AttributeError):
        return None
    return value if isinstance(value, int) and value > 0 else None


def made_at_s(tag):
    return (tag / ".stamp").stat().st_mtime if is_file(tag / ".stamp") else 0


def surplus(branch, is_published):
    """The tags of a branch that are too many; `is_published`: released ones can be unpublished."""
    tags = [tag for tag in directories(branch)
            if not is_file(tag / ".locked") and tag.name == tag.name.lower()]
    found = []
    for kind, is_released in (("max_daily_tags", False), ("max_released_tags", True)):
        keep = policy(branch, kind)
        if keep is None or is_released and not is_published:
            continue
        alike = [tag for tag in tags if is_file(tag / ".released") == is_released]
        found += sorted(alike, key=lambda tag: -made_at_s(tag))[keep:]
    return found


def files(path):
    """All that is below and is no directory, with its status."""
    for directory, _, names in os.walk(path):
        for name in names:
            file = Path(directory, name)
            yield file, file.lstat()


def must_go(root, now_s, lifetime_s, is_published=True, with_tags=True):
    """The paths of tags and of orphans, below the root, of a run that begins now."""
    root, tags = Path(root), []
    if with_tags:
        tags = [tag for branch in directories(root / "branches")
                if branch.name == branch.name.lower() for tag in surplus(branch, is_published)]
    freed = collections.Counter(status.st_ino for tag in tags for _, status in files(tag))
    orphans = [
        file for folder in (".blobs", ".uploads") for file, status in files(root / folder)
        if stat.S_ISREG(status.st_mode) and not file.name.startswith(".nfs")
        and status.st_nlink - freed[status.st_ino] == 1 and now_s - status.st_mtime >= lifetime_s
    ]
    relative = [{str(path.relative_to(root)) for path in paths} for paths in (tags, orphans)]
    return relative[0], relative[1]
