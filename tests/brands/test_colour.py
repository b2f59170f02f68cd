"""Colours: what can be read where, the nearest that can, and the style sheet made of one."""

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedback.brands.colour import (
    DARK_GROUNDS,
    ENOUGH,
    HOUSE,
    LIGHT_GROUNDS,
    contrast,
    is_readable,
    nearest_readable,
    palette_of,
    read_colour,
    stylesheet,
    worst_contrast,
)

CSS = (Path(__file__).parents[2] / "static" / "survey.css").read_text(encoding="utf-8")
colours = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


def test_contrast_is_that_of_wcag() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.478, abs=0.001)
    assert contrast("#ffffff", "#767676") == pytest.approx(4.542, abs=0.001)
    assert contrast("#ff0000", "#ff0000") == 1


@pytest.mark.parametrize(
    ("text", "colour"),
    [("#0D5C63", "#0d5c63"), (" 0d5c63 ", "#0d5c63"), ("#abc", "#aabbcc"), ("fff", "#ffffff")],
)
def test_a_colour_is_read_however_it_is_written(text: str, colour: str) -> None:
    assert read_colour(text) == colour


@pytest.mark.parametrize(
    "text", ["", "red", "#12345", "#gggggg", "rgb(1,2,3)", "#12345６", "#fff;}"]
)
def test_what_is_no_colour_is_none(text: str) -> None:
    with pytest.raises(ValueError):
        read_colour(text)


def test_the_grounds_and_the_house_are_those_of_the_pages() -> None:
    light, dark = re.findall(r":root \{(.*?)\}", CSS, flags=re.S)[:2]
    for grounds, block in ((LIGHT_GROUNDS, light), (DARK_GROUNDS, dark)):
        tokens = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block))
        assert grounds == (tokens["paper"], tokens["surface"], tokens["sunken"])
        names = ("accent", "accent-strong", "accent-soft", "on-accent")
        prefix = "dark_" if grounds == DARK_GROUNDS else ""
        for name in names:
            own = {"accent-strong": "strong", "accent-soft": "soft", "on-accent": "on"}
            assert getattr(HOUSE, prefix + own.get(name, name)) == tokens[name]


@settings(deadline=None)
@given(colours)
def test_the_nearest_can_be_read_and_what_can_be_read_stays(colour: str) -> None:
    nearest = nearest_readable(colour)
    assert is_readable(nearest)
    assert (nearest == colour) == (worst_contrast(colour, LIGHT_GROUNDS) >= ENOUGH)
    assert worst_contrast(nearest_readable(colour, DARK_GROUNDS), DARK_GROUNDS) >= ENOUGH


@pytest.mark.parametrize("colour", ["#e2231a", "#ff6a00", "#07c160", "#1677ff", "#ffd400"])
def test_the_nearest_is_hardly_darker_than_it_must_be_and_keeps_its_hue(colour: str) -> None:
    nearest = nearest_readable(colour)
    assert ENOUGH <= worst_contrast(nearest, LIGHT_GROUNDS) < ENOUGH + 0.1
    order = [colour[i : i + 2] for i in (1, 3, 5)]
    kept = [nearest[i : i + 2] for i in (1, 3, 5)]
    strongest = max(range(3), key=lambda place: order[place])
    assert kept[strongest] == max(kept)


@settings(deadline=None)
@given(colours.map(nearest_readable))
def test_every_pair_that_meets_on_a_page_can_be_read(accent: str) -> None:
    palette = palette_of(accent)
    for ink, ground in (
        (palette.on, palette.accent),
        (palette.on, palette.strong),
        (palette.accent, palette.soft),
        (palette.dark_on, palette.dark_accent),
        (palette.dark_on, palette.dark_strong),
        (palette.dark_accent, palette.dark_soft),
        ("#1b2526", palette.soft),
        ("#e8ebe7", palette.dark_soft),
    ):
        assert contrast(ink, ground) >= ENOUGH, (accent, ink, ground)


def test_the_style_sheet_says_all_four_for_both_schemes() -> None:
    sheet = stylesheet(palette_of("#8a1538"))
    assert sheet.count("--accent: #") == 2
    assert "--accent: #8a1538;" in sheet
    assert "(prefers-color-scheme: dark)" in sheet
    assert sheet.count("{") == sheet.count("}")
