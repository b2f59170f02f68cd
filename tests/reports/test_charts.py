"""What pictures show and never show: gaps, hollow marks, names of any kind, the same bytes."""

import hashlib
import os
import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Literal

import pytest

from feedback.reports.chart_points import (
    ChartLine,
    ChartPoint,
    ChartScale,
    ChartWords,
    ControlLine,
    TrendPoint,
)
from feedback.reports.charts import draw_funnel, draw_intervals, draw_panels, draw_trend
from tests.reports.charts.crowds import people
from tests.reports.charts.samples import (
    CES,
    CHINESE,
    CONTROL_ENGLISH,
    CSAT,
    ENGLISH,
    FUNNEL_ENGLISH,
    NPS,
    SCALES,
    controlled,
    gap,
    hidden,
    line,
    marks,
    months,
    part,
    point,
    strokes,
    styles,
    texts,
    tree,
    weeks,
)

HREF = "{http://www.w3.org/1999/xlink}href"
ROOT = Path(__file__).parents[2]


def _trend(lines: list[ChartLine], words: ChartWords, scale: ChartScale = CSAT) -> bytes:
    """Draw the first line as a trend, the names of all as what happened."""
    points = lines[0].points if lines else ()
    chart = controlled(points, *(one.label for one in lines), centre=scale.highest * 0.8)
    return draw_trend(chart, scale, dark=False, words=replace(CONTROL_ENGLISH, chart=words))


def _plain(points: Sequence[ChartPoint], width: Literal["wide", "narrow"] = "wide") -> bytes:
    """Draw these points as a trend without a baseline."""
    line = ControlLine(tuple(map(TrendPoint, points)))
    return draw_trend(line, CSAT, dark=False, words=CONTROL_ENGLISH, width=width)


def _panels(lines: list[ChartLine], words: ChartWords, scale: ChartScale = CSAT) -> bytes:
    return draw_panels(lines, scale, dark=False, words=words)


def _intervals(lines: list[ChartLine], words: ChartWords, scale: ChartScale = CSAT) -> bytes:
    rows = [(a_line.label, a_line.points[-1]) for a_line in lines]
    return draw_intervals(rows, scale, dark=False, words=words)


Draw = Callable[..., bytes]
every_kind = pytest.mark.parametrize("draw", [_trend, _panels, _intervals])


def everything() -> bytes:
    """Return all kinds of pictures in both languages and themes, one after another."""
    lines = [line("Right after", months(8)), line("30 天后", months(8), shift=-0.1)]
    rows = [("李静", point()), ("Zoë 😀", point(value=0.5)), ("𠮷田", hidden("x")), ("Ö", gap("x"))]
    drawn = []
    for words, dark in ((ENGLISH, False), (CHINESE, True)):
        drawn += [
            draw_trend(
                controlled(lines[0].points, "New script", "新问卷"), CSAT, dark=dark,
                words=replace(CONTROL_ENGLISH, chart=words),
            ),
            draw_funnel(people(30), CSAT, dark=dark, words=FUNNEL_ENGLISH),
            draw_panels(
                lines[:1], CSAT, dark=dark, words=words, columns=1, later=lines[1:],
                names=("Right after", "30 天后"),
            ),
            draw_intervals(rows, CSAT, dark=dark, words=words, width="narrow"),
        ]  # fmt: skip
    return b"\n".join(drawn)


@every_kind
def test_the_same_figures_give_the_same_bytes(draw: Draw) -> None:
    lines = [line("Phone", months(5)), line("Chat", months(5), shift=0.1)]
    assert draw(lines, ENGLISH) == draw(lines, ENGLISH)


@every_kind
def test_other_figures_labels_or_words_give_other_bytes(draw: Draw) -> None:
    lines = [line("Phone", months(5))]
    first = draw(lines, ENGLISH)
    assert draw([line("Phone", months(5), shift=0.01)], ENGLISH) != first
    assert draw([line("Telephone", months(5))], ENGLISH) != first
    *before, last = lines[0].points
    more = ChartPoint(last.label, 1234, last.value, last.low, last.high, last.provisional)
    assert draw([ChartLine("Phone", (*before, more))], ENGLISH) != first
    assert draw(lines, CHINESE) != first


def test_another_process_without_any_system_font_draws_the_same_bytes() -> None:
    program = (
        "from matplotlib.font_manager import fontManager\n"
        "fontManager.ttflist = [f for f in fontManager.ttflist if 'mpl-data' in f.fname]\n"
        "import hashlib\n"
        "from tests.reports.test_charts import everything\n"
        "print(hashlib.sha256(everything()).hexdigest())\n"
    )
    environment = os.environ | {"PYTHONHASHSEED": "4711"}
    # Warnings are errors there too: a glyph that is nowhere would be one.
    command = [sys.executable, "-W", "error", "-c", program]
    run = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    assert run.stdout.strip() == hashlib.sha256(everything()).hexdigest()


def test_threads_drawing_at_once_do_not_disturb_each_other() -> None:
    lines = [line("办理之后", months(5)), line("30 天后", months(5), shift=-0.1)]
    rows = [("李静", point()), ("王伟", point(value=0.4))]

    def draw(number: int) -> bytes:
        if number % 2:
            return draw_intervals(rows, NPS, dark=True, words=CHINESE)
        return _trend(lines, CHINESE)

    alone = [draw(0), draw(1)]
    with ThreadPoolExecutor(8) as threads:
        together = list(threads.map(draw, range(16)))
    assert together == alone * 8


@every_kind
@pytest.mark.parametrize("scale", SCALES, ids=lambda scale: scale.unit)
def test_words_are_outlines_and_the_ground_is_the_card(draw: Draw, scale: ChartScale) -> None:
    lines = [line("Phone 电话", months(6), scale=scale), line("Chat", months(6), scale=scale)]
    svg = draw(lines, CHINESE, scale)
    tags = {element.tag.rpartition("}")[2] for element in tree(svg).iter()}
    assert not tags & {"text", "script", "image", "foreignObject", "a"}
    # The only full rectangle there could be is the figure's own ground.
    assert part(svg, "patch_1") is None
    assert b"Date" not in svg
    assert b"matplotlib v" not in svg


@every_kind
@pytest.mark.parametrize(
    "name",
    [
        "<script>alert(1)</script>",
        "$x^2$ and $$",
        "Müller & Söhne",
        "--> ]]> \\frac{a}{b} %s {low}",
        "电话\n\t客服",
        "𠮷䶮㛃 镕喆堃",
        "👩🏽‍💻 🇨🇳 ☎️",
        "محمد أحمد",
        "e\u0301 遛\u0301 \u202eabc \u200b\x00\x1b\ufffe\ud800",
        "한국어 ไทย हिन्दी",
        "",
    ],
)
def test_any_name_is_drawn_as_a_name(draw: Draw, name: str) -> None:
    svg = draw([line(name, months(3)), line("x", months(3))], ENGLISH)
    assert tree(svg).tag.endswith("svg")
    assert b"<script" not in svg


def test_a_formula_stays_a_name() -> None:
    svg = draw_intervals([("$x^2$", point())], CSAT, dark=False, words=ENGLISH)
    assert "$x^2$" in texts(svg)


@pytest.mark.parametrize("draw", [_panels, _intervals])
def test_a_long_name_is_cut_instead_of_breaking_the_picture(draw: Draw) -> None:
    short = draw([line("Phone", months(3))], ENGLISH)
    long = draw([line("Department of long names " * 40, months(3))], ENGLISH)
    assert tree(long).get("viewBox", "").split()[2] == tree(short).get("viewBox", "").split()[2]
    assert any(text.startswith("Depart") and text.endswith("...") for text in texts(long))


def test_no_answers_are_a_gap_and_never_zero() -> None:
    labels = months(7)
    points = [point(label) for label in labels]
    points[2], points[4] = gap(labels[2]), hidden(labels[4])
    svg = _plain(points)
    whole = _plain([*map(point, labels)])
    assert strokes(whole, "line-0") == 1
    # 0-1, 3 alone, 5-6.
    assert strokes(svg, "line-0") == 3
    assert marks(svg, "settled-0") == 5
    assert strokes(svg, "interval-0") == 5


def test_a_band_is_interrupted_where_nobody_answered_and_one_period_alone_has_one() -> None:
    labels = weeks(60)
    points = [point(label) for label in labels]
    points[10], points[12] = gap(labels[10]), gap(labels[12])
    svg = _plain(points)
    assert svg.count(b'id="interval-0"') == 3


def test_provisional_points_are_hollow_and_explained() -> None:
    labels = months(5)
    points = tuple(point(label, provisional=label >= labels[3]) for label in labels)
    svg = _plain(points)
    assert marks(svg, "settled-0") == 3
    assert marks(svg, "provisional-0") == 2
    assert "fill: #fffefb" in styles(svg, "provisional-0")
    assert "fill: #fffefb" not in styles(svg, "settled-0")
    assert ENGLISH.provisional in texts(svg)
    settled = ChartLine("Phone", tuple(map(point, labels)))
    assert ENGLISH.provisional not in texts(_trend([settled], ENGLISH))


def test_a_provisional_period_without_answers_needs_no_explanation() -> None:
    points = (point("2026-07"), point("2026-08", None, 0, provisional=True))
    assert ENGLISH.provisional not in texts(_trend([ChartLine("Phone", points)], ENGLISH))


def test_every_count_stands_under_its_point_and_a_hidden_one_as_a_dash() -> None:
    points = (point("2026-07", n=1234), gap("2026-08"), hidden("2026-09"), point("2026-10", n=7))
    written = texts(_trend([ChartLine("Phone", points)], ENGLISH))
    counts = [text for text in written if text in {"1,234", "0", "–", "7"}]
    assert counts == ["1,234", "0", "–", "7"]
    assert f"– {ENGLISH.too_few}" in written


def test_counts_without_room_are_bars_with_the_largest_named() -> None:
    svg = _plain(line("Phone", weeks(104)).points)
    assert strokes(svg, "bars") == 104
    assert "133" in texts(svg)
    assert "132" not in texts(svg)


@pytest.mark.parametrize("width", ["wide", "narrow"])
@pytest.mark.parametrize("count", [1, 2, 24, 104, 400])
def test_any_number_of_periods_stays_readable(width: str, count: int) -> None:
    svg = _plain(line("Right after", weeks(count)).points, width)  # type: ignore[arg-type]
    assert marks(svg, "settled-0") + marks(svg, "provisional-0") == count
    named = [text for text in texts(svg) if re.fullmatch(r"W\d\d", text)]
    assert 1 <= len(named) <= 26


@every_kind
def test_nothing_at_all_is_a_picture_that_says_so(draw: Draw) -> None:
    assert ENGLISH.no_answers in texts(draw([], ENGLISH))
    assert CHINESE.no_answers in texts(draw([], CHINESE))


@every_kind
def test_only_gaps_say_why_there_is_nothing(draw: Draw) -> None:
    empty = ChartLine("Phone", tuple(map(gap, months(6))))
    secret = ChartLine("Phone", tuple(map(hidden, months(6))))
    assert ENGLISH.no_answers in texts(draw([empty], ENGLISH))
    assert ENGLISH.too_few in texts(draw([secret], ENGLISH))
    assert ENGLISH.no_answers not in texts(draw([secret], ENGLISH))


def test_a_line_without_periods_says_that_there_are_no_answers() -> None:
    empty = [ChartLine("Phone", ())]
    assert ENGLISH.no_answers in texts(_trend(empty, ENGLISH))
    assert ENGLISH.no_answers in texts(_panels(empty, ENGLISH))


def test_lines_that_do_not_share_their_periods_are_refused() -> None:
    lines = [line("Phone", months(6)), line("Chat", months(7)[1:])]
    with pytest.raises(ValueError, match="same labels"):
        _panels(lines, ENGLISH)


def test_a_half_axis_is_said_and_a_whole_one_is_not() -> None:
    high = [ChartLine("Phone", tuple(map(point, months(6))))]
    low = [ChartLine("Phone", tuple(point(label, 0.55) for label in months(6)))]
    assert "Axis from 50% to 100%" in texts(_trend(high, ENGLISH))
    assert not [text for text in texts(_trend(low, ENGLISH)) if text.startswith("Axis")]
    assert "0%" in texts(_trend(low, ENGLISH))


def test_lines_are_told_apart_by_mark_and_dash_besides_colour() -> None:
    lines = [line("Phone", months(4), shift=-0.05 * i) for i in range(2)]
    svg = draw_panels(
        lines[:1], CSAT, dark=False, words=ENGLISH, later=lines[1:], names=("Now", "Later")
    )
    looks = set()
    for i in range(2):
        marked = part(svg, f"settled-0-{i}")
        assert marked is not None
        shape = next(use.get(HREF) for use in marked.iter() if use.get(HREF))
        dashes = re.search(r"stroke-dasharray: ([\d., ]+)", styles(svg, f"line-0-{i}"))
        looks.add((shape, dashes[1] if dashes else ""))
    assert len(looks) == 2


def test_panels_are_called_by_their_lines_and_share_one_axis() -> None:
    lines = [line(name, months(4)) for name in ("Phone", "Web")]
    lines.insert(1, line("Chat", months(4), shift=-0.4))
    svg = draw_panels(lines, CSAT, dark=False, words=ENGLISH)
    assert {"Phone", "Chat", "Web"} <= set(texts(svg))
    # One row of three: the axis is named once, and it is the whole one that Chat needs.
    assert texts(svg).count("0%") == 1
    stacked = draw_panels(lines, CSAT, dark=False, words=ENGLISH, columns=1)
    assert texts(stacked).count("0%") == 3


def test_a_panel_may_hold_both_waves_and_then_names_them() -> None:
    first = [line("Phone", months(5)), line("Chat", months(5))]
    second = [line("Phone", months(5), shift=-0.1), line("Chat", months(5), shift=-0.1)]
    names = ("Right after", "30 days later")
    svg = draw_panels(first, CSAT, dark=False, words=ENGLISH, later=second, names=names)
    assert part(svg, "line-1-1") is not None
    assert [text for text in texts(svg) if text in names] == list(names)
    for wrong in ({"later": second}, {"names": names}, {"later": second[:1], "names": names}):
        with pytest.raises(ValueError):
            draw_panels(first, CSAT, dark=False, words=ENGLISH, **wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize("width", ["wide", "narrow"])
def test_intervals_keep_the_order_given_and_write_figure_and_count(width: str) -> None:
    rows = [("Zhao", point(value=0.2, n=12)), ("Adams", point(value=0.9, n=1234)), ("Mo", gap("x"))]
    svg = draw_intervals(rows, CSAT, dark=False, words=ENGLISH, width=width)  # type: ignore[arg-type]
    written = texts(svg)
    start = written.index("Zhao")
    expected = ["Zhao", "12", "20%", "Adams", "1,234", "90%", "Mo", "0", "", ENGLISH.no_answers]
    assert [text for text in written[start:] if text in expected] == [e for e in expected if e]
    assert strokes(svg, "interval-0") == 1
    assert part(svg, "interval-2") is None


def test_a_hidden_group_shows_neither_figure_nor_count() -> None:
    svg = draw_intervals([("Li", hidden("x"))], CSAT, dark=False, words=ENGLISH)
    assert part(svg, "settled-0") is None
    assert ENGLISH.too_few in texts(svg)
    assert texts(svg).count("–") == 1


def test_nps_and_ces_are_written_as_people_write_them() -> None:
    nps = texts(draw_intervals([("a", point(value=-0.2))], NPS, dark=False, words=ENGLISH))
    assert {"−20", "−100", "0"} <= set(nps)
    ces = texts(_trend([line("Phone", months(3), scale=CES)], ENGLISH, CES))
    assert {"4", "5", "6", "7", "Axis from 4 to 7"} <= set(ces)


@every_kind
def test_both_themes_draw_the_same_shapes_in_other_colours(draw: Draw) -> None:
    lines = [line("Phone", months(6))]
    light = draw(lines, ENGLISH)
    dark = {
        _trend: lambda: draw_trend(
            controlled(lines[0].points, "Phone"), CSAT, dark=True, words=CONTROL_ENGLISH
        ),
        _panels: lambda: draw_panels(lines, CSAT, dark=True, words=ENGLISH),
        _intervals: lambda: draw_intervals(
            [("Phone", lines[0].points[-1])], CSAT, dark=True, words=ENGLISH
        ),
    }[draw]()  # type: ignore[index]
    assert b"#0d5c63" in light
    assert b"#0d5c63" not in dark
    assert texts(light) == texts(dark)


@every_kind
def test_a_long_sentence_under_a_narrow_chart_is_wrapped_not_cut(draw: Draw) -> None:
    sentence = "These figures are provisional because late answers are still arriving, as they do"
    words = ChartWords("n", "none", "few", sentence, "band", "line", "{low}{high}")
    lines = [line("Phone", months(6))]
    if draw is _trend:
        svg = draw_trend(
            controlled(lines[0].points), CSAT, dark=False,
            words=replace(CONTROL_ENGLISH, chart=words), width="narrow",
        )  # fmt: skip
    elif draw is _panels:
        svg = draw_panels(lines, CSAT, dark=False, words=words, columns=1)
    else:
        svg = draw_intervals(
            [("a", lines[0].points[-1])], CSAT, dark=False, words=words, width="narrow"
        )
    assert sentence in " ".join(texts(svg))
