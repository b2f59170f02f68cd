"""Finds out how a file's text is encoded: by its mark, else strict UTF-8, else strict GB18030."""

from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE, getincrementaldecoder
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

_CHUNK = 1 << 20
# ZIP, which is what .xlsx is; the older .xls.
_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
# A text cut off in the middle of a letter here and there is damaged; more is another encoding.
# GB18030 read as UTF-8 loses nine letters in ten, nonsense read as GB18030 about one in three.
_MOST_DAMAGE = {"utf-8": 0.4, "utf-8-sig": 0.4, "gb18030": 0.05}


class UnreadableFile(Exception):
    """A file that is no table we can read; `what` says why in a word."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


@dataclass(frozen=True)
class Encoding:
    """What to open the file with; where it is damaged, some bytes of it mean nothing."""

    name: str
    is_damaged: bool = False

    @property
    def errors(self) -> str:
        """Return the error handler: what means nothing is marked, so that its row is refused."""
        return "surrogateescape" if self.is_damaged else "strict"


def find_encoding(path: Path) -> Encoding:
    """Return the file's encoding, or raise UnreadableFile; the file is read to its end."""
    with path.open("rb") as file:
        start = file.read(4)
        if start in _WORKBOOKS:
            raise UnreadableFile("workbook")
        if start.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
            if _is_whole(file, "utf-16"):
                return Encoding("utf-16")
            raise UnreadableFile("encoding")
        names = ("utf-8-sig",) if start.startswith(BOM_UTF8) else ("utf-8", "gb18030")
        for name in names:
            if _is_whole(file, name):
                return Encoding(name)
            # Damaged UTF-8 often passes for GB18030, and would come out as nonsense.
            if _damage(file, name) < _MOST_DAMAGE[name]:
                return Encoding(name, is_damaged=True)
    raise UnreadableFile("encoding")


def _is_whole(file: BinaryIO, encoding: str) -> bool:
    decoder = getincrementaldecoder(encoding)()
    file.seek(0)
    try:
        while chunk := file.read(_CHUNK):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _damage(file: BinaryIO, encoding: str) -> float:
    """Return the share of the letters beyond ASCII that cannot be read in this encoding."""
    decoder = getincrementaldecoder(encoding)("replace")
    file.seek(0)
    letters = lost = 0
    while True:
        chunk = file.read(_CHUNK)
        text = decoder.decode(chunk, final=not chunk)
        letters += sum(not letter.isascii() for letter in text)
        lost += text.count("\ufffd")
        if not chunk:
            return lost / max(letters, 1)
