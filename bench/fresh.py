"""A file system that nobody has deleted from: ext4 makes new files dear for minutes after many were deleted.

An ext4 image in a sparse file, mounted through a loop device; where that isn't allowed (not root, a container), a new
directory, of which the table says so. The image's home is the build directory's disk."""

import os
import shutil
import subprocess
import tempfile

IMAGE_BYTES = 24 << 30  # sparse: what is written takes room, no more


def quietly(*line):
    try:
        return subprocess.run(line, capture_output=True).returncode == 0
    except FileNotFoundError:
        return False


class FreshPlace:
    """with FreshPlace(home) as place: place.directory, place.what"""

    def __init__(self, home):
        os.makedirs(home, exist_ok=True)
        if shutil.which("chattr"):  # where nothing can be mounted: directories far from each other
            quietly("chattr", "+T", home)
        self.home = tempfile.mkdtemp(prefix="run-", dir=home)
        self.image = os.path.join(self.home, "image")
        self.directory = os.path.join(self.home, "data")
        os.mkdir(self.directory)
        self.mounted = False
        self.what = ""

    def __enter__(self):
        with open(self.image, "wb") as f:
            f.truncate(IMAGE_BYTES)
        self.mounted = (
            os.geteuid() == 0
            and quietly("mkfs.ext4", "-q", "-E", "lazy_itable_init=1,lazy_journal_init=1", self.image)
            and quietly("mount", "-o", "loop,noatime", self.image, self.directory)
        )
        if self.mounted:
            self.what = "ext4, made anew in an image"
        else:
            os.unlink(self.image)
            said = subprocess.run(
                ["findmnt", "-n", "-o", "FSTYPE", "-T", self.directory], capture_output=True, text=True
            ).stdout.strip()
            self.what = f"{said or 'unknown'}, not made anew (nothing can be mounted here)"
        return self

    def __exit__(self, *_):
        if self.mounted:
            quietly("umount", self.directory) or quietly("umount", "-l", self.directory)
        shutil.rmtree(self.home, ignore_errors=True)
