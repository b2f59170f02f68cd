"""The one thing we did not make: a font, with its licence, under a name of its own."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest
from fontTools.ttLib import TTFont

FONTS = Path(__file__).parent.parent / "feedback" / "fonts"
FONT = FONTS / "AfterwordCharts-Regular.otf"


@pytest.fixture(scope="module")
def font() -> TTFont:
    with TTFont(FONT, lazy=True) as opened:
        opened.ensureDecompiled()
        return opened


def _build() -> ModuleType:
    found = importlib.util.spec_from_file_location("build_font", FONTS / "build.py")
    assert found is not None
    assert found.loader is not None
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


def test_every_font_has_its_licence_beside_it(font: TTFont) -> None:
    licence = (FONTS / "OFL.txt").read_text(encoding="utf-8")
    assert "SIL OPEN FONT LICENSE Version 1.1" in licence
    assert "PERMISSION & CONDITIONS" in licence
    assert {path.name for path in FONTS.glob("*.?tf")} == {FONT.name}
    assert FONT.name in licence
    # The copyright notice travels in both: the licence asks for it.
    assert font["name"].getDebugName(0).removesuffix(".") in licence
    assert "Open Font License" in font["name"].getDebugName(13)


def test_a_changed_font_does_not_bear_the_name_of_the_original(font: TTFont) -> None:
    names = font["name"]
    assert names.getDebugName(1) == "Afterword Charts"
    for number in (1, 2, 4, 6, 16):
        assert "Noto" not in (names.getDebugName(number) or "")
        assert "Source" not in (names.getDebugName(number) or "")


def test_the_font_has_what_charts_and_names_need(font: TTFont) -> None:
    has = set(font.getBestCmap())
    for text in (
        "0123456789 %+−–—…·→←↑↓№□○●①",
        "abcxyzABCXYZ ÄÖÜäöüß éèñçøå āáǎà",
        "喆镕堃䶮㛃𠮷玥珺祎赟頔昇犇",
        "張陳黃劉趙",
        "，。：；？！、（）《》“”％＋－０１２ＡＢ",
        "アンケートひらがな Иван Ελλη",
    ):
        assert not {character for character in text if ord(character) not in has}
    gb2312 = (bytes((lead, trail)) for lead in range(0xB0, 0xF8) for trail in range(0xA1, 0xFF))
    common = {text for pair in gb2312 if (text := pair.decode("gb2312", errors="ignore"))}
    assert len(common) == 6763
    assert not {character for character in common if ord(character) not in has}


def test_the_font_is_what_its_script_makes(font: TTFont) -> None:
    build = _build()
    wanted = build.wanted()
    assert len(wanted & set(font.getBestCmap())) > 10_900
    listed = {ord(c) for c in (*build.NAMES, *build.RARE_NAMES) if not c.isspace()}
    assert listed <= set(font.getBestCmap())
    assert build.FONT == FONT


def test_the_font_is_light_enough_to_come_along() -> None:
    assert FONT.stat().st_size < 2_600_000
