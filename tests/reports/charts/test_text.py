"""Names of any kind come out as what the fonts have, as wide as they may be."""

import random
import unicodedata

import matplotlib
import pytest
from matplotlib.textpath import text_to_path

from feedback.reports.charts import text as chart_text
from feedback.reports.charts.text import fitted, legible, split, width_of


@pytest.mark.parametrize(
    ("given", "drawn"),
    [
        ("李静", "李静"),
        ("  two \n lines\t", "two lines"),
        ("喆镕堃䶮㛃𠮷 張黃劉", "喆镕堃䶮㛃𠮷 張黃劉"),
        ("①ＡＢＣ（全角）→–%·", "①ＡＢＣ（全角）→–%·"),
        ("Nguyễn Łukasz Иван Ελένη", "Nguyễn Łukasz Иван Ελένη"),
        ("한국", "□□"),
        ("☎\ufe0f", "☎"),
        ("👨‍👩", "□□"),
        ("a\u202eb\u200bc\ufeff", "abc"),
        ("\x00\x1b\ufffe\ud800", "□□□□"),
        # The accent and the Chinese character are in no font together.
        ("遛\u0304", "遛"),
        ("e\u0301", "é"),
        ("", ""),
    ],
)
def test_what_no_font_has_is_a_square_and_what_draws_nothing_is_dropped(
    given: str, drawn: str
) -> None:
    assert legible(given) == drawn


def test_no_string_whatever_draws_a_glyph_that_is_not_there() -> None:
    dice = random.Random(7)  # noqa: S311
    drawn = sorted(frozenset().union(*chart_text._DRAWN))
    accents = [c for c in map(chr, range(0x20000)) if unicodedata.category(c)[0] == "M"]
    pools = (drawn, accents, [*map(chr, range(0x250))], [*map(chr, range(0x1F300, 0x1FA00))])
    for _ in range(300):
        name = "".join(dice.choice(dice.choice(pools)) for _ in range(dice.randint(1, 15)))
        once = legible(name)
        assert legible(once) == once
        # A missing glyph would be a warning, which here is an error.
        text_to_path.get_text_path(chart_text._PROPERTIES, once)


def test_only_the_fonts_we_bring_are_asked() -> None:
    assert matplotlib.rcParams["font.family"] == ["Afterword Charts", "DejaVu Sans"]
    files = [str(file) for file in chart_text._FILES]
    assert files[0].endswith("feedback/fonts/AfterwordCharts-Regular.otf")
    assert "mpl-data" in files[1]


def test_a_text_that_is_too_wide_ends_in_dots_of_its_script() -> None:
    assert fitted("Christopher", 12, 1000) == "Christopher"
    cut = fitted("Christopher Montgomery", 12, 60)
    assert cut.endswith("...")
    assert width_of(cut, 12) <= 60
    assert fitted("办理之后三十天再问一次", 12, 60).endswith("…")
    assert width_of(fitted("办理之后三十天再问一次", 12, 60), 12) <= 60


def test_a_percentage_is_not_parted_from_its_sign() -> None:
    for width in range(20, 120, 3):
        lines = split("Line across: the baseline, 79 % (79–82 %), 80 %, together", 10, width)
        assert not [line for line in lines if line.startswith("%")]


def test_a_sentence_is_split_between_words_or_chinese_signs() -> None:
    english = "Provisional: late answers are still arriving"
    lines = split(english, 10, 90)
    assert len(lines) > 1
    assert " ".join(line.strip() for line in lines) == english
    assert all(width_of(line, 10) <= 90 for line in lines)
    chinese = "暂定：答复仍在到达，稍后会有变化。"
    assert "".join(split(chinese, 10, 60)) == chinese
    assert not [line for line in split(chinese, 10, 60) if line[0] in "，。："]


def test_a_chart_never_changes_matplotlibs_settings_while_drawing() -> None:
    assert matplotlib.rcParams["text.parse_math"] is False
    assert matplotlib.rcParams["svg.fonttype"] == "path"
    assert matplotlib.rcParams["svg.hashsalt"] == "afterword"
