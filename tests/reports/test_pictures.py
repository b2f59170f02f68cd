"""What is drawn of people: who is outside is found by the limits, and nothing else is said."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest
from flask import Flask

from feedback.measures.funnel_limits import funnel_limits
from feedback.reports import pictures
from feedback.reports.chart_points import Funnel, FunnelDot
from feedback.reports.people import people_funnel
from feedback.reports.people.people_funnel import PeopleFunnel
from feedback.reports.pictures import funnel_picture

TEAM = (
    FunnelDot("Far", 80, 0.6),
    FunnelDot("Few", 4, 0.25),
    FunnelDot("Usual", 50, 0.8),
    FunnelDot("Perfect", 12, 1.0),
)


def people(dots: Sequence[FunnelDot], centre: float = 0.8, tau: float = 0.0) -> PeopleFunnel:
    is_outside = people_funnel._outside(centre, tau)
    judged = tuple(replace(dot, outside=is_outside(dot)) for dot in dots)
    return PeopleFunnel(judged, (), centre, tau, 0)


def outside(found: PeopleFunnel) -> set[str]:
    return {dot.name for dot in found.dots if dot.outside}


@pytest.fixture
def drawn(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Funnel]]:
    """Note what would be drawn."""
    asked: list[Funnel] = []

    def draw(funnel: Funnel, *_how: object) -> bytes:
        asked.append(funnel)
        return b"<svg/>"

    monkeypatch.setattr(pictures, "_drawn_funnel", draw)
    with app.test_request_context(headers={"Accept-Language": "en"}):
        yield asked


def test_who_lies_beyond_the_outer_limits_is_outside() -> None:
    low, _high = funnel_limits(0.8, 80, 0.998) or (0, 0)
    assert low > 0.6
    assert outside(people(TEAM)) == {"Far"}


def test_where_people_truly_differ_a_little_the_wider_limits_decide(drawn: list[Funnel]) -> None:
    wider = people(TEAM, tau=0.1)
    assert outside(wider) == set()
    funnel_picture(wider, dark=False, narrow=False)
    assert drawn[-1].wider[-1].outer[0] < drawn[-1].limits[-1].outer[0]


def test_limits_reach_from_one_answer_to_the_most(drawn: list[Funnel]) -> None:
    funnel_picture(people(TEAM, 0.80642448), dark=False, narrow=False)
    (funnel,) = drawn
    assert funnel.limits[0].n == 1
    assert funnel.limits[-1].n == pytest.approx(80)
    assert funnel.limits[0].inner == pytest.approx((0.032043, 1.0), abs=1e-6)
    assert funnel.wider == ()


def test_a_limit_itself_is_not_outside() -> None:
    low, _high = funnel_limits(0.8, 80, 0.998) or (0, 0)
    dots = (FunnelDot("Edge", 80, low), FunnelDot("All", 9, 1.0), FunnelDot("Past", 80, low - 1e-6))
    assert outside(people(dots)) == {"Past"}


def test_the_picture_itself_is_small_in_both_widths(app: Flask) -> None:
    crowd = [FunnelDot(f"P {n}", 1 + n % 60, (n * 7 % 11) / 10) for n in range(1368)]
    with app.test_request_context(headers={"Accept-Language": "en"}):
        for narrow in (False, True):
            svg = funnel_picture(people(crowd), dark=True, narrow=narrow)
            assert svg.lstrip().startswith(b"<?xml")
            assert len(svg) < 250_000
