"""Writes a file aside and puts it in its place when it is whole."""

import os
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType

import click
from flask_babel import gettext as _


def checked_target(path: Path) -> Path:
    """Return where a file is to go, or end with why nothing can be put there."""
    if path.is_dir():
        raise click.UsageError(_("%(path)s is a folder", path=path))
    # A link stays one, and what it leads to is replaced.
    target = path.resolve()
    if target.exists() and not target.is_file():
        raise click.UsageError(_("%(path)s is no file on a disk", path=path))
    if not target.parent.is_dir():
        raise click.UsageError(_("%(path)s: there is no such folder", path=target.parent))
    if not os.access(target.parent, os.W_OK | os.X_OK):
        raise click.UsageError(_("%(path)s cannot be written to", path=target.parent))
    return target


@contextmanager
def written_aside(target: Path) -> Iterator[Path]:
    """Give a file to write, which only its owner may read, and rename it when the block is done.

    Whatever ends the block before, Ctrl-C and SIGTERM too, leaves what was there as it was.
    """
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".part", dir=target.parent)
    os.close(handle)
    aside = Path(name)
    before = signal.signal(signal.SIGTERM, _end)
    try:
        yield aside
        with aside.open("rb+") as file:
            os.fsync(file.fileno())
        aside.replace(target)
    finally:
        signal.signal(signal.SIGTERM, before)
        with suppress(FileNotFoundError):
            aside.unlink()


def _end(number: int, frame: FrameType | None) -> None:
    sys.exit(128 + number)
