"""A funnel is a crowd of alike dots; it names the reader and the few chance does not explain."""

from dataclasses import replace

import pytest

from feedback.reports.chart_points import Funnel, FunnelDot
from feedback.reports.charts import draw_funnel
from feedback.reports.charts.labels import Box, placed
from tests.reports.charts.crowds import CENTRE, people
from tests.reports.charts.samples import (
    CSAT,
    FUNNEL_ENGLISH,
    marks,
    part,
    strokes,
    styles,
    texts,
)


def drawn(funnel: Funnel, width: str = "wide") -> bytes:
    return draw_funnel(funnel, CSAT, dark=False, words=FUNNEL_ENGLISH, width=width)  # type: ignore[arg-type]


@pytest.mark.parametrize("width", ["wide", "narrow"])
@pytest.mark.parametrize("count", [1, 8, 1368])
def test_every_person_is_a_dot_and_the_picture_stays_small(count: int, width: str) -> None:
    svg = drawn(people(count), width)
    assert len(svg) < 250_000
    layers = [name for number in range(4) if part(svg, name := f"people-{number}") is not None]
    assert layers
    # Where many are at the same place, the fifth and later ones add nothing to see.
    assert sum(strokes(svg, name) for name in layers) <= count
    if count == 8:
        assert sum(strokes(svg, name) for name in layers) == count


def test_nobody_is_named_for_being_among_the_others() -> None:
    svg = drawn(people(200))
    assert not [text for text in texts(svg) if text.startswith("Person")]
    assert {"#0d5c63"} == {
        color for color in ("#0d5c63", "#1d6b40", "#a12d24") if color in styles(svg, "people-0")
    }


def test_who_is_outside_marked_or_the_reader_is_named_and_told_by_shape() -> None:
    far = FunnelDot("李静", 60, 0.4, outside=True)
    marked = FunnelDot("Ann Marked", 30, 0.9, marked=True)
    own = FunnelDot("Myself", 20, 0.75, own=True)
    svg = drawn(people(40, far, marked, own))
    written = texts(svg)
    # One's own name is no news to oneself.
    assert {"李静", "Ann Marked", "You"} <= set(written)
    assert "Myself" not in written
    assert strokes(svg, "outside") == strokes(svg, "named") == 1
    assert marks(svg, "marked") == marks(svg, "own") == 1
    assert {FUNNEL_ENGLISH.outside, FUNNEL_ENGLISH.marked} <= set(written)
    plain = texts(drawn(people(40)))
    assert not {FUNNEL_ENGLISH.outside, FUNNEL_ENGLISH.marked} & set(plain)


def test_limits_are_curves_and_the_wider_ones_are_drawn_when_given() -> None:
    svg = drawn(people(200))
    for name in ("limit-0-0", "limit-1-0", "centre"):
        assert part(svg, name) is not None, name
    assert part(svg, "limit-2-0") is None
    assert FUNNEL_ENGLISH.wider not in texts(svg)
    wide = drawn(people(200, tau=0.06))
    assert part(wide, "limit-2-0") is not None
    assert FUNNEL_ENGLISH.wider in texts(wide)
    assert "stroke-dasharray" in styles(wide, "limit-2-0")


def test_the_common_rate_is_said_and_the_axis_of_answers_is_named() -> None:
    written = texts(drawn(people(200)))
    assert "Line across: all together, 80%" in written
    assert "Answers" in written
    assert {"1", "2", "5", "10"} <= set(written)


def test_nobody_is_a_picture_that_says_so() -> None:
    assert FUNNEL_ENGLISH.nobody in texts(drawn(Funnel((), CENTRE, ())))


def test_names_that_find_no_room_are_counted() -> None:
    crowd = [FunnelDot(f"Somebody Longname {i}", 50, 0.3, outside=True) for i in range(60)]
    svg = drawn(people(0, *crowd), "narrow")
    named = [text for text in texts(svg) if text.startswith("Somebody")]
    more = next(text for text in texts(svg) if text.endswith("more are outside"))
    assert len(named) + int(more.split()[0]) == 60
    assert strokes(svg, "outside") == 60


def test_names_lie_on_no_other_name_and_on_no_named_dot() -> None:
    anchors = [(100 + 9 * (i % 7), 100 + 7 * (i // 7)) for i in range(30)]
    room = Box(0, 0, 400, 300)
    found = [one for one in placed(anchors, [60] * 30, 14, room, anchors, 7) if one is not None]
    boxes = [box for box, _far in found]
    assert len(boxes) > 3
    for number, box in enumerate(boxes):
        assert box.within(room)
        assert not any(box.meets(other) for other in boxes[number + 1 :])
        assert not any(box.left < x < box.right and box.top < y < box.bottom for x, y in anchors)


def test_the_same_people_give_the_same_bytes() -> None:
    crowd = people(300, FunnelDot("李静", 60, 0.4, outside=True))
    assert drawn(crowd) == drawn(crowd)
    assert drawn(replace(crowd, centre=0.7)) != drawn(crowd)
