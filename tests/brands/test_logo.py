"""Logos: what is taken, that it is drawn anew, and that no upload does harm."""

from io import BytesIO

import pytest
from flask import Flask
from PIL import Image

from feedback import create_app
from feedback.brands.logo import LARGEST_FILE, BadLogo, make_logo
from tests.brands import pictures
from tests.conftest import settings_for


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """An application whose database is never asked."""
    return create_app(settings_for("sqlite:///unused.sqlite", tmp_path_factory.mktemp("logo")))


@pytest.mark.parametrize(
    "sent",
    [
        pictures.picture(),
        pictures.picture("JPEG"),
        pictures.picture("JPEG", progressive=True),
        pictures.picture("JPEG", mode="CMYK"),
        pictures.picture(mode="RGBA"),
        pictures.picture(mode="P"),
        pictures.picture(mode="L"),
        pictures.picture(mode="1"),
        pictures.picture(mode="I;16"),
        pictures.picture(size=(2000, 2000)),
        pictures.picture(size=(2000, 16)),
    ],
)
def test_ordinary_pictures_become_small_png(site: Flask, sent: bytes) -> None:
    with site.test_request_context():
        made = make_logo(sent)
    with Image.open(BytesIO(made.png)) as drawn:
        assert drawn.format == "PNG"
        assert drawn.size == (made.width, made.height)
    assert made.width <= 480
    assert made.height <= 144
    assert len(made.png) < 80 * 1024
    assert len(made.digest) == 64


def test_the_same_picture_has_the_same_name_and_another_has_another(site: Flask) -> None:
    with site.test_request_context():
        one, again = make_logo(pictures.picture()), make_logo(pictures.picture())
        other = make_logo(pictures.picture(size=(301, 90)))
    assert one.digest == again.digest != other.digest


def test_what_is_clear_stays_clear(site: Flask) -> None:
    with site.test_request_context():
        made = make_logo(pictures.picture(mode="RGBA"))
    with Image.open(BytesIO(made.png)) as drawn:
        assert drawn.convert("RGBA").getpixel((made.width - 1, 0))[3] == 0  # type: ignore[index]


def test_a_photograph_is_made_small(site: Flask) -> None:
    sent = pictures.noise((400, 300))
    assert len(sent) < LARGEST_FILE
    with site.test_request_context():
        assert len(make_logo(sent).png) < 80 * 1024


def test_nothing_but_pixels_is_kept(site: Flask) -> None:
    with site.test_request_context():
        made = make_logo(pictures.telling())
    for word in (b"SECRET-AUTHOR", b"script", b"TRAILER", b"tEXt", b"iCCP", b"eXIf"):
        assert word not in made.png


@pytest.mark.parametrize(
    ("sent", "rule"),
    [
        (b"", "empty"),
        (b"x" * (LARGEST_FILE + 1), "at most 512 kB"),
        (b"hello", "neither"),
        (b"%PDF-1.7 ...", "neither"),
        (pictures.picture("GIF", mode="P"), "neither"),
        (pictures.picture("WEBP"), "neither"),
        (pictures.picture("BMP"), "neither"),
        (pictures.SVG, "SVG can carry programs"),
        (b"\xef\xbb\xbf<!-- -->\n" + pictures.SVG.upper(), "SVG can carry programs"),
        (pictures.picture(size=(2001, 20)), "at most 2000"),
        (pictures.bomb(2100, 2100), "at most 2000"),
        (pictures.bomb(12000, 12000), "at most 2000"),
        (pictures.bomb(60000, 60000), "at most 2000"),
        (pictures.picture(size=(15, 15)), "at least 16"),
        (pictures.moving(), "moves"),
        (pictures.picture()[:200], "damaged or cut off"),
        (pictures.picture("JPEG")[:700], "damaged or cut off"),
        (pictures.many_passes(), "too many passes"),
    ],
)
def test_a_hostile_or_wrong_file_is_refused_with_the_rule(
    site: Flask, sent: bytes, rule: str
) -> None:
    with site.test_request_context("/?lang=en"), pytest.raises(BadLogo, match=rule):
        make_logo(sent)


def test_a_description_that_unpacks_without_end_is_refused(site: Flask) -> None:
    sent = pictures.text_bomb()
    assert len(sent) < LARGEST_FILE
    with site.test_request_context("/?lang=en"), pytest.raises(BadLogo):
        make_logo(sent)


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_whatever_is_damaged_is_refused_or_drawn_and_nothing_else(site: Flask, kind: str) -> None:
    whole = pictures.picture(kind)
    with site.test_request_context("/?lang=en"):
        for place in range(0, len(whole), max(1, len(whole) // 150)):
            damaged = bytearray(whole)
            damaged[place] ^= 0xFF
            try:
                made = make_logo(bytes(damaged))
            except BadLogo:
                continue
            assert made.png.startswith(b"\x89PNG")
