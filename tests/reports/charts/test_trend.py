"""A control chart says what is news and what is not, and never says it of what it cannot know."""

from dataclasses import replace
from itertools import pairwise

import pytest

from feedback.reports.chart_points import (
    ChartEvent,
    ChartScale,
    ChartTarget,
    ControlLine,
    TrendPoint,
)
from feedback.reports.charts import draw_trend
from feedback.reports.charts.events import laid_events
from feedback.reports.charts.trend import spread
from tests.reports.charts.samples import (
    CONTROL_CHINESE,
    CONTROL_ENGLISH,
    CSAT,
    NPS,
    controlled,
    gap,
    hidden,
    marks,
    months,
    part,
    point,
    strokes,
    styles,
    texts,
    weeks,
)


def drawn(line: ControlLine, scale: ChartScale = CSAT, width: str = "wide") -> bytes:
    return draw_trend(line, scale, dark=False, words=CONTROL_ENGLISH, width=width)  # type: ignore[arg-type]


def points(count: int) -> tuple[TrendPoint, ...]:
    return controlled([*map(point, months(count))]).points


def with_mark(places: dict[int, str], count: int = 14) -> ControlLine:
    found = [*points(count)]
    for place, mark in places.items():
        found[place] = replace(found[place], mark=mark)  # type: ignore[arg-type]
    return ControlLine(tuple(found))


def test_limits_are_steps_each_as_wide_as_its_point_and_the_middle_is_a_line() -> None:
    line = ControlLine(
        tuple(
            TrendPoint(point(label), 0.8, (0.6, 0.8 + 0.01 * place))
            for place, label in enumerate(months(6))
        )
    )
    svg = drawn(line)
    assert strokes(svg, "centre") == 1
    assert strokes(svg, "limit-0") == strokes(svg, "limit-1") == 1
    assert "stroke-dasharray" in styles(svg, "limit-0")
    assert "stroke-dasharray" not in styles(svg, "centre")
    assert "Line across: the baseline, 80%" in texts(svg)
    assert CONTROL_ENGLISH.limits in texts(svg)


def test_a_limit_at_the_end_of_the_scale_is_no_limit_and_is_not_drawn() -> None:
    line = ControlLine(tuple(TrendPoint(point(x), 0.8, (0.6, 1.0)) for x in months(6)))
    svg = drawn(line)
    assert strokes(svg, "limit-0") == 1
    assert strokes(svg, "limit-1") == 0


def test_a_limit_beyond_the_intervals_is_on_the_axis() -> None:
    high = ControlLine(tuple(TrendPoint(point(x), 0.8, (0.55, 1.0)) for x in months(6)))
    low = ControlLine(tuple(TrendPoint(point(x), 0.8, (0.45, 1.0)) for x in months(6)))
    assert "Axis from 50% to 100%" in texts(drawn(high))
    assert "0%" in texts(drawn(low))


def test_only_what_is_news_has_a_second_shape_and_only_what_occurs_is_explained() -> None:
    svg = drawn(with_mark({3: "outside", 5: "run", 6: "run"}))
    assert marks(svg, "mark-outside") == 1
    assert marks(svg, "mark-run") == 2
    assert {CONTROL_ENGLISH.outside, CONTROL_ENGLISH.run} <= set(texts(svg))
    quiet = drawn(with_mark({}))
    assert part(quiet, "mark-outside") is None
    assert part(quiet, "mark-run") is None
    assert not {CONTROL_ENGLISH.outside, CONTROL_ENGLISH.run} & set(texts(quiet))


def test_marks_have_the_colour_of_words_and_no_colour_of_praise_or_blame() -> None:
    low = drawn(with_mark({3: "outside"}))
    assert "stroke: #1b2526" in styles(low, "mark-outside")
    for good_or_bad in (b"#1d6b40", b"#a12d24", b"#7a5200"):
        assert good_or_bad not in low


def test_marks_are_told_apart_by_their_shape() -> None:
    ring, square = drawn(with_mark({3: "outside"})), drawn(with_mark({3: "run"}))
    drawn_ring, drawn_square = part(ring, "mark-outside"), part(square, "mark-run")
    assert drawn_ring is not None
    assert drawn_square is not None
    shapes = [
        next(path.get("d") for path in one.iter() if path.get("d"))
        for one in (drawn_ring, drawn_square)
    ]
    assert shapes[0] != shapes[1]


def test_a_gap_has_no_limits_and_interrupts_them_not_the_middle() -> None:
    found = [*map(point, months(7))]
    found[2], found[4] = gap(months(7)[2]), hidden(months(7)[4])
    svg = drawn(controlled(found))
    assert strokes(svg, "line-0") == 3
    assert strokes(svg, "limit-0") == 3
    assert strokes(svg, "centre") == 1


def test_a_break_interrupts_the_line_its_middle_and_its_limits_and_is_said() -> None:
    found = [*points(8)]
    found[4] = replace(found[4], after_break=True)
    line = ControlLine(tuple(found), (ChartEvent(4.0, "New question", breaks=True),))
    svg = drawn(line)
    for name in ("line-0", "limit-0", "centre"):
        assert strokes(svg, name) == 2, name
    assert CONTROL_ENGLISH.breaks in texts(svg)
    assert CONTROL_ENGLISH.breaks not in texts(drawn(ControlLine(points(8))))


def test_a_band_of_intervals_is_interrupted_at_a_break_too() -> None:
    found = [*controlled([*map(point, weeks(60))]).points]
    found[30] = replace(found[30], after_break=True)
    assert drawn(ControlLine(tuple(found))).count(b'id="interval-0"') == 2


def test_what_stands_instead_of_limits_stands_above_and_remarks_below() -> None:
    short = ControlLine(
        tuple(TrendPoint(point(label)) for label in months(5)),
        instead="Building a baseline: 5 of 12 months",
        remarks=("This chart cannot see much.",),
    )
    svg = drawn(short)
    assert part(svg, "within") is None
    written = texts(svg)
    assert written.index("Building a baseline: 5 of 12 months") < written.index("50%")
    assert written.index("This chart cannot see much.") > written.index("50%")
    assert CONTROL_ENGLISH.limits not in written


def test_what_happened_has_a_number_and_its_words_beside_where_there_is_room() -> None:
    line = ControlLine(points(12), (ChartEvent(2.5, "New script"), ChartEvent(8.0, "第二班")))
    wide, narrow = texts(drawn(line)), texts(drawn(line, width="narrow"))
    for written in (wide, narrow):
        assert [text for text in written if text in {"New script", "第二班"}] == [
            "New script", "第二班",
        ]  # fmt: skip
        assert {"1", "2"} <= set(written)
    # Beside, they come with the plot; below, after the counts, and the number once more.
    assert wide.index("New script") < wide.index("40")
    assert narrow.count("1") == 2
    assert narrow.index("n") < narrow.index("New script")


def test_numbers_never_touch_however_much_happened_at_once() -> None:
    events = [ChartEvent(11.9, f"Event {number}") for number in range(6)]
    laid = laid_events(events, 50, 300, 12, 11, wide=True)
    xs = [one.x for one in laid]
    assert all(b - a >= 15 for a, b in pairwise(xs))
    assert max(xs) <= 300
    assert len({one.line for one in laid}) == 1


def test_words_stand_right_of_their_number_else_left_else_below_and_never_on_another() -> None:
    events = [ChartEvent(1, "a" * 10), ChartEvent(11.5, "b" * 20), ChartEvent(11.9, "c" * 200)]
    assert [one.side for one in laid_events(events, 50, 800, 12, 11, wide=True)] == [
        "right", "left", "",
    ]  # fmt: skip
    assert {one.side for one in laid_events(events, 50, 300, 12, 11, wide=False)} == {""}
    crowded = [ChartEvent(1, "a" * 60), ChartEvent(6, "b" * 60), ChartEvent(11.9, "c" * 60)]
    laid = laid_events(crowded, 50, 800, 12, 11, wide=True)
    assert [one.side for one in laid] == ["", "", "left"]


def test_a_long_text_of_two_hundred_characters_is_wrapped_and_whole() -> None:
    text = "新的电话系统与新的营业时间对全区所有门店生效" * 9
    line = ControlLine(points(12), (ChartEvent(2.5, text),))
    for width in ("wide", "narrow"):
        assert text in "".join(texts(drawn(line, width=width)))


def test_a_target_is_a_line_for_as_long_as_it_holds_with_its_name() -> None:
    targets = (ChartTarget(0, 6, 0.85, "Target 85 %"), ChartTarget(6, 14, 0.9, "Target 90 %"))
    svg = drawn(ControlLine(points(14), targets=targets))
    assert strokes(svg, "target-0") == strokes(svg, "target-1") == 1
    assert {"Target 85 %", "Target 90 %"} <= set(texts(svg))
    narrow = texts(drawn(ControlLine(points(14), targets=targets), width="narrow"))
    assert {"Target 85 %", "Target 90 %"} <= set(narrow)


def test_a_target_above_all_points_is_on_the_axis() -> None:
    low = ControlLine(
        tuple(TrendPoint(point(label, 0.3)) for label in months(6)),
        targets=(ChartTarget(0, 6, 0.9, "Target 90 %"),),
    )
    assert "100%" in texts(drawn(low))


@pytest.mark.parametrize("width", ["wide", "narrow"])
@pytest.mark.parametrize("count", [0, 1, 24, 104, 400])
def test_a_control_chart_of_any_length_stays_small(width: str, count: int) -> None:
    line = controlled([*map(point, weeks(count))], *(["New script"] if count else []))
    svg = drawn(line, width=width)
    assert len(svg) < 250_000


def test_nps_has_its_own_scale_and_chinese_its_own_words() -> None:
    line = ControlLine(
        tuple(TrendPoint(point(label, 0.2), 0.2, (-0.3, 0.7)) for label in months(12))
    )
    svg = draw_trend(line, NPS, dark=True, words=CONTROL_CHINESE)
    assert {"横线：基线，+20", "虚线：界限", "−100"} <= set(texts(svg))


def test_names_far_apart_stay_where_they_are() -> None:
    assert spread([10, 50, 90], 15, 0, 100) == [10, 50, 90]


def test_names_too_close_move_apart_within_the_frame() -> None:
    assert spread([50, 52], 15, 0, 100) == [50, 65]
    assert spread([98, 99], 15, 0, 100) == [85, 100]
    assert spread([-20, 0], 15, 0, 100) == [0, 15]


def test_no_names_need_no_place() -> None:
    assert spread([], 15, 0, 100) == []
