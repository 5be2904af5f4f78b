# SPDX-License-Identifier: MPL-2.0
"""one_link: a directory shown again elsewhere by FUSE, where every file seems to have one link.

As a program of its own, `one_link.py SOURCE MOUNT` does so until it is unmounted. `OneLink` runs it.
"""
import os
import subprocess
import sys
from pathlib import Path

STAT = ("st_atime", "st_ctime", "st_gid", "st_mode", "st_mtime", "st_size", "st_uid", "st_ino")


class OneLink:
    """Unmounting is left to who made it, before `close`."""

    def __init__(self, source, mount):
        self._process = subprocess.Popen(
            [sys.executable, __file__, str(source), str(mount)], stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self._mount = mount

    def is_settled(self):
        """Mounted, or ended without."""
        return os.path.ismount(self._mount) or self._process.poll() is not None

    def why_not(self):
        """The last thing that it said when it could not be mounted, else None."""
        if self._process.poll() is None:
            return None
        lines = self._process.stdout.read().splitlines()
        return lines[-1] if lines else f"it ended with {self._process.returncode}"

    def close(self):
        self._process.kill()
        self._process.wait()
        self._process.stdout.close()


def serve(source, mount):
    import mfusepy  # pylint: disable=import-outside-toplevel  # needs a library that may be missing

    class Passthrough(mfusepy.Operations):
        """What is done to a path is done to the same one below `source`."""
        use_ns = True

        def _at(self, path):
            return source + path

        def getattr(self, path, fh=None):
            found = os.fstat(fh) if fh else os.lstat(self._at(path))
            seen = {name: getattr(found, name) for name in STAT}
            seen.update({name: getattr(found, f"{name}_ns") for name in STAT if "time" in name})
            return {**seen, "st_nlink": 1}

        def readdir(self, path, fh):
            return [".", "..", *os.listdir(self._at(path))]

        def readlink(self, path):
            return os.readlink(self._at(path))

        def mkdir(self, path, mode):
            os.mkdir(self._at(path), mode)

        def rmdir(self, path):
            os.rmdir(self._at(path))

        def unlink(self, path):
            os.unlink(self._at(path))

        def rename(self, old, new):
            os.rename(self._at(old), self._at(new))

        def link(self, target, source):  # pylint: disable=redefined-outer-name
            os.link(self._at(source), self._at(target))

        def symlink(self, target, source):  # pylint: disable=redefined-outer-name
            os.symlink(source, self._at(target))

        def chmod(self, path, mode):
            os.chmod(self._at(path), mode)

        def chown(self, path, uid, gid):
            os.chown(self._at(path), uid, gid, follow_symlinks=False)

        def utimens(self, path, times=None):
            os.utime(self._at(path), ns=times, follow_symlinks=False)

        def create(self, path, mode, fi=None):
            return os.open(self._at(path), os.O_RDWR | os.O_CREAT, mode)

        def open(self, path, flags):
            return os.open(self._at(path), flags)

        def read(self, path, size, offset, fh):
            return os.pread(fh, size, offset)

        def write(self, path, data, offset, fh):
            return os.pwrite(fh, data, offset)

        def truncate(self, path, length, fh=None):
            os.truncate(fh or self._at(path), length)

        def release(self, path, fh):
            os.close(fh)

        def statfs(self, path):
            found = os.statvfs(self._at(path))
            return {name: getattr(found, name) for name in dir(found) if name.startswith("f_")}

    mfusepy.FUSE(Passthrough(), mount, foreground=True, nothreads=True, hard_remove=True)


if __name__ == "__main__":
    serve(str(Path(sys.argv[1]).resolve()), sys.argv[2])
