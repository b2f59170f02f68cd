"""Takes a picture somebody uploads for a logo: looked at, drawn anew, and small.

What is kept is never what was sent. A picture is decoded as one of two formats, and written as a
PNG of our own without anything that is no pixel.
"""

import hashlib
from dataclasses import dataclass
from io import BytesIO

from flask_babel import gettext as _
from PIL import Image, ImageOps

LARGEST_FILE = 512 * 1024
# Asked of the header, before anything is unpacked: 16 MB once it is.
LONGEST_SIDE = 2000
SHORTEST_SIDE = 16
# Three times what a page shows of it, for sharp screens.
FITS_IN = (480, 144)
_LARGEST_MADE = 40 * 1024
# A JPEG may be built up in thousands of passes, each over the whole picture; ten are usual.
_MOST_PASSES = 40
_START_OF_PASS = b"\xff\xda"


class BadLogo(Exception):
    """A file that cannot become a logo, with the rule it breaks."""


@dataclass(frozen=True)
class MadeLogo:
    """A logo as it is kept: a PNG, its size in pixels, and the name its content gives it."""

    png: bytes
    width: int
    height: int

    @property
    def digest(self) -> str:
        """Return what stands for the content in an address."""
        return hashlib.sha256(self.png).hexdigest()


def make_logo(sent: bytes) -> MadeLogo:
    """Return the logo made of a file that was sent. Raises BadLogo."""
    if not sent:
        raise BadLogo(_("The file is empty."))
    if len(sent) > LARGEST_FILE:
        raise BadLogo(
            _(
                "The file has %(size)s kB; at most %(most)s kB are taken.",
                size=-(-len(sent) // 1024),
                most=LARGEST_FILE // 1024,
            )
        )
    if b"<svg" in sent[:4096].lower():
        raise BadLogo(_("An SVG can carry programs and is not taken; please save it as a PNG."))
    if sent.count(_START_OF_PASS) > _MOST_PASSES and sent.startswith(b"\xff\xd8"):
        raise BadLogo(_("The picture is built up in too many passes; please save it as a PNG."))
    picture = _open(sent)
    width, height = picture.size
    if max(width, height) > LONGEST_SIDE:
        raise BadLogo(
            _(
                "The picture has %(width)s × %(height)s pixels; at most %(most)s on a side.",
                width=width,
                height=height,
                most=LONGEST_SIDE,
            )
        )
    if min(width, height) < SHORTEST_SIDE:
        raise BadLogo(
            _(
                "The picture has %(width)s × %(height)s pixels; at least %(least)s on a side.",
                width=width,
                height=height,
                least=SHORTEST_SIDE,
            )
        )
    if getattr(picture, "n_frames", 1) > 1:
        raise BadLogo(_("The picture moves; please save one that stands still."))
    return _draw_anew(picture)


def _open(sent: bytes) -> Image.Image:
    try:
        # Named, since each further format is a further program that reads what a stranger wrote.
        return Image.open(BytesIO(sent), formats=("PNG", "JPEG"))
    # As a warning it comes only where warnings are errors; the size is asked for below as well.
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise BadLogo(
            _("The picture has too many pixels; at most %(most)s on a side.", most=LONGEST_SIDE)
        ) from error
    except Exception as error:
        raise BadLogo(_("A logo is a PNG or a JPEG; this file is neither.")) from error


def _draw_anew(picture: Image.Image) -> MadeLogo:
    try:
        picture.load()
        upright = ImageOps.exif_transpose(picture)
        is_clear = "A" in upright.getbands() or "transparency" in upright.info
        drawn = upright.convert("RGBA" if is_clear else "RGB")
    # A damaged picture may break any part of what reads it.
    except Exception as error:
        raise BadLogo(_("The picture is damaged or cut off.")) from error
    drawn.thumbnail(FITS_IN, Image.Resampling.LANCZOS)
    png = _written(drawn)
    if len(png) > _LARGEST_MADE:
        # A photograph; with so few colours a small one looks the same.
        png = _written(drawn.quantize(256, Image.Quantize.FASTOCTREE))
    return MadeLogo(png, *drawn.size)


def _written(picture: Image.Image) -> bytes:
    # A new picture of the same pixels takes no colour profile, text or position along.
    bare = Image.new(picture.mode, picture.size)
    bare.paste(picture)
    if picture.mode == "P":
        bare = picture.copy()
        bare.info.clear()
    file = BytesIO()
    bare.save(file, "PNG", optimize=True)
    return file.getvalue()
