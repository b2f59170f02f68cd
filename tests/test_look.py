"""The look: every pair of colours that meets can be read, by day and by night."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
STYLE = (ROOT / "static" / "style.css").read_text(encoding="utf-8")

# What is written in what, and on which grounds.
TEXT = [
    (ink, ground)
    for ink in ("ink", "ink-soft", "accent")
    for ground in ("paper", "surface", "sunken", "accent-soft")
] + [
    ("on-accent", "accent"), ("on-accent", "accent-strong"), ("accent-strong", "accent-soft"),
    ("good", "good-soft"), ("bad", "bad-soft"), ("wait", "wait-soft"), ("bad", "surface"),
    ("good", "surface"), ("ink", "good-soft"), ("ink", "bad-soft"), ("ink", "wait-soft"),
]  # fmt: skip
EDGES = [("line-strong", "surface"), ("line-strong", "paper"), ("accent", "surface")]


def tokens(dark: bool) -> dict[str, str]:
    blocks = re.findall(r":root \{(.*?)\}", STYLE, flags=re.S)
    chosen = "".join(blocks[:2] if dark else blocks[:1])
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", chosen))


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_text_has_the_contrast_of_wcag_aa(dark: bool) -> None:
    colours = tokens(dark)
    poor = {
        pair: round(ratio, 2)
        for pair in TEXT
        if (ratio := contrast(colours[pair[0]], colours[pair[1]])) < 4.5
    }
    assert poor == {}


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_edges_of_fields_can_be_seen(dark: bool) -> None:
    colours = tokens(dark)
    poor = [pair for pair in EDGES if contrast(colours[pair[0]], colours[pair[1]]) < 3]
    assert poor == []


def test_pages_ask_nobody_else_for_anything() -> None:
    for path in [*(ROOT / "static").glob("*.css"), *(ROOT / "static").glob("*.svg")]:
        text = path.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
        assert "http" not in text, path.name
        assert "@import" not in text, path.name


def test_templates_carry_no_style_and_no_script_of_their_own() -> None:
    """The rules for browsers would refuse them, and the page would quietly lack them."""
    for path in (ROOT / "templates").rglob("*.html"):
        if "mail" in path.parts:
            continue
        # Without what Jinja fills in, where a name such as "one=" is no handler.
        text = re.sub(r"\{([{%]).*?[}%]\}", "", path.read_text(encoding="utf-8"), flags=re.S)
        assert not re.search(r"\sstyle=|<style|\son\w+=", text), path
        assert not re.search(r"<script(?![^>]*(src=|nonce=))", text), path
