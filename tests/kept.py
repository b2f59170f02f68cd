"""What is the same for every application a test process makes, and is therefore made once.

The product makes one application per process. The tests make thousands, and spent a third of
their time on compiling the same words, addresses and templates again.
"""

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path

from feedback.languages import compile_catalogues


@cache
def _words() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="afterword-words-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    compile_catalogues(folder)
    return folder / "cache"


def lend_words(instance: Path) -> None:
    """Put the compiled words into an installation that has none, as its first start would."""
    if not (instance / "cache").exists():
        shutil.copytree(_words(), instance / "cache", copy_function=shutil.copyfile)
