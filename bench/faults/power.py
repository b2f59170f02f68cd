"""Power (F9, G2): a machine that loses it forgets what the disk had not been made to keep.

A file system in a file is mounted, the database lives on it, and at a random moment the kernel is
told to drop whatever it had not written (`shutdown` with its log left unflushed). What was
acknowledged before that moment must be there when the file system is mounted again.
"""

import fcntl
import os
import shutil
import sqlite3
import struct
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from bench.faults.answers import look
from bench.faults.customers import Crowd
from bench.faults.databases import Database, Server, opened
from bench.faults.sites import Site
from bench.faults.stories import invited
from bench.faults.trial import Found, Trial
from feedback import clock

PLANTS = {"commit-lightly": "lost"}

# _IOR('X', 125, __u32), the same for ext4 and xfs, and "without flushing the log" (xfs_fs.h).
_SHUTDOWN, _LOG_NOT_FLUSHED = 0x8004587D, 2
_MIB = 1 << 20
# What xfs wants at least; the file is sparse and takes up what is written.
_SIZE = 400 * _MIB
# A machine that comes back is there for its customers again within this, on an idle one.
_START_WITHIN = 10.0


def run(trial: Trial) -> list[Found]:
    """Cut the power under each file system that can be made here."""
    kinds = ["ext4"] if trial.is_short or trial.planted else ["ext4", "xfs"]
    return [cut(trial, kind) for kind in kinds if shutil.which(f"mkfs.{kind}")]


class NoDisk(Exception):
    """No file system can be mounted here, as in most containers."""


class Disk:
    """A file system of our own, in a file, that forgets at a word what is not written yet."""

    def __init__(self, folder: Path, kind: str) -> None:
        self.kind, self.image, self.at = kind, folder / f"{kind}.img", folder / kind
        self.at.mkdir()
        with self.image.open("wb") as file:
            file.truncate(_SIZE)
        subprocess.run([f"mkfs.{kind}", "-q", str(self.image)], check=True)

    def mount(self) -> None:
        """Put it in its place; what it had begun to write is ended or undone by its journal."""
        mounting = ["mount", "-o", "loop", str(self.image), str(self.at)]
        done = subprocess.run(mounting, capture_output=True, text=True)
        if done.returncode:
            raise NoDisk(done.stderr.strip())

    def cut_power(self) -> None:
        """Drop what is not written."""
        handle = os.open(self.at, os.O_RDONLY)
        try:
            fcntl.ioctl(handle, _SHUTDOWN, struct.pack("I", _LOG_NOT_FLUSHED))
        finally:
            os.close(handle)

    def unmount(self) -> None:
        """Take it away as soon as the dead have let go of it."""
        for _each in range(100):
            if subprocess.run(["umount", str(self.at)], capture_output=True).returncode == 0:
                return
            time.sleep(0.1)
        raise TimeoutError(f"{self.at} is still in use")


@contextmanager
def _placed(trial: Trial, kind: str) -> Iterator[tuple[Disk, Database]]:
    """Give a disk with a database on it that is brought up to date and written out."""
    disk = Disk(trial.folder, kind)
    disk.mount()
    server = None
    try:
        if trial.database.kind == "postgresql":
            disk.at.chmod(0o755)
            server = Server(disk.at / "server")
            server.create()
            server.start()
            database = Database("postgresql", server.make("afterword"), server)
        else:
            database = Database("sqlite", f"sqlite:///{disk.at / 'feedback.sqlite'}")
        with opened(database, trial.folder):
            pass
        os.sync()
        yield disk, database
    finally:
        if server is not None:
            with suppress(RuntimeError):
                server.stop()
        with suppress(TimeoutError):
            disk.unmount()


def cut(trial: Trial, kind: str) -> Found:
    """Cut the power again and again while customers answer."""
    found = Found(f"power: cut under {kind}", 0, "cuts")
    acknowledged: dict[int, str] = {}
    with _placed(trial, kind) as (disk, database):
        while found.trials < trial.kills:
            acknowledged |= _thanked_before_a_cut(trial, disk, database, found)
            _come_back(disk, database, found)
            # After each cut, since what is lost would be asked for and given once more.
            after = Found(found.name, 1, found.of)
            with opened(database, trial.folder) as app:
                look(app, acknowledged, after)
            found.counts["lost"] += after.counts["lost"]
            found.counts["stored"] = after.counts["stored"]
            found.broken += after.broken
            found.trials += 1
    found.counts["acknowledged before a cut"] = len(acknowledged)
    return found


def _thanked_before_a_cut(
    trial: Trial, disk: Disk, database: Database, found: Found
) -> dict[int, str]:
    """Serve customers until the power goes; return what they had been thanked for by then."""
    with opened(database, trial.folder) as app:
        links = list(invited(app, 40, clock.now()).items())
    site = Site(database, trial.folder, trial.planted)
    try:
        took = site.start()
        found.counts["starts of more than ten seconds"] += int(took > _START_WITHIN)
        crowd = Crowd(site.port, at_once=6, timeout=5)
        load = threading.Thread(target=crowd.answer_all, args=(links,))
        load.start()
        end = time.monotonic() + 60
        while len(crowd.acknowledged) < 3 and time.monotonic() < end:
            time.sleep(0.005)
        time.sleep(trial.chance.uniform(0.0, 0.4))
        # The cut takes a moment itself, and what is thanked during it may go either way.
        thanked = dict(crowd.acknowledged)
        disk.cut_power()
        site.kill_all()
        crowd.over.set()
        load.join()
    finally:
        site.clear()
    if database.server is not None:
        database.server.kill()
    return thanked


def _come_back(disk: Disk, database: Database, found: Found) -> None:
    """Start the machine again, as far as the database goes."""
    disk.unmount()
    disk.mount()
    if database.server is not None:
        database.server.forget_process()
        database.server.start()
        return
    file = sqlite3.connect(disk.at / "feedback.sqlite")
    found.must_hold("sound", file.execute("PRAGMA integrity_check").fetchone() == ("ok",))
    file.close()
