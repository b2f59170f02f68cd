"""Pictures as somebody might upload them: good ones, and hostile ones."""

import struct
import zlib
from io import BytesIO
from typing import Any

from PIL import Image, PngImagePlugin


def picture(
    kind: str = "PNG", size: tuple[int, int] = (300, 90), mode: str = "RGB", **options: Any
) -> bytes:
    """Return a picture with something in it."""
    drawn = Image.new(mode, size, 120 if mode in ("L", "P") else None)
    if mode in ("RGB", "RGBA", "CMYK"):
        drawn.paste((200, 30, 60, 255)[: len(mode)], (5, 5, size[0] // 2, size[1] - 5))
    file = BytesIO()
    drawn.save(file, kind, **options)
    return file.getvalue()


def noise(size: tuple[int, int]) -> bytes:
    """Return a picture that no compression makes small, as a photograph."""
    file = BytesIO()
    bands = [Image.effect_noise(size, 100) for _ in range(3)]
    Image.merge("RGB", bands).save(file, "PNG")
    return file.getvalue()


def chunk(kind: bytes, content: bytes) -> bytes:
    check = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", check)


def bomb(width: int, height: int) -> bytes:
    """Return a PNG of a few kB that says it unpacks to this many pixels, and does."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    lines = zlib.compressobj(9)
    row = b"\0" * (3 * width + 1)
    packed = b"".join(lines.compress(row) for _ in range(min(height, 50))) + lines.flush()
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")
    )


def text_bomb() -> bytes:
    """Return a small PNG whose description unpacks to 80 MB."""
    packed = zlib.compress(b"a" * 80_000_000, 9)
    small = picture(size=(20, 20))
    return small[:33] + chunk(b"zTXt", b"Comment\0\0" + packed) + small[33:]


def moving() -> bytes:
    """Return an animated PNG."""
    file = BytesIO()
    first, second = Image.new("RGB", (40, 40), "red"), Image.new("RGB", (40, 40), "blue")
    first.save(file, "PNG", save_all=True, append_images=[second], duration=100)
    return file.getvalue()


def telling() -> bytes:
    """Return a PNG that says where and by whom it was made, and carries a program."""
    words = PngImagePlugin.PngInfo()
    words.add_text("Author", "SECRET-AUTHOR")
    words.add_text("Comment", "<script>alert(1)</script>")
    return picture(pnginfo=words) + b"<script>TRAILER</script>"


def many_passes() -> bytes:
    """Return a JPEG built up in far too many passes."""
    whole = picture("JPEG", progressive=True)
    place = whole.rindex(b"\xff\xda")
    last = whole[place:-2]
    return whole[:place] + last * 60 + whole[-2:]


SVG = (
    b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
)
