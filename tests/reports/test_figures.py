"""A figure in words: with its count and interval, or with the reason why there is none."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from feedback import create_app
from feedback.measures.estimate import csat, nps
from feedback.reports import figures
from feedback.reports.figures import Figure, figure_of, interval_words, value_words
from tests.conftest import settings_for


@pytest.fixture
def english(tmp_path: Path) -> Iterator[None]:
    """No database is asked, so any will do."""
    app = create_app(settings_for(f"sqlite:///{tmp_path / 'none.sqlite'}", tmp_path))
    with app.test_request_context("/?lang=en"):
        yield


def point(counts: dict[int, int], metric: str = "csat") -> dict[str, Any]:
    estimate = {"csat": csat, "nps": nps}[metric](counts)
    return {
        "n": estimate.n if estimate else 0,
        "counts": {str(score): times for score, times in counts.items()},
        "value": estimate.value if estimate else None,
        "low": estimate.low if estimate else None,
        "high": estimate.high if estimate else None,
        "provisional": False,
    }


def figure(good: int, bad: int, **about: Any) -> Figure:
    return figure_of("csat", 1, point({5: good, 1: bad}), "/responses?x", **about)


@pytest.mark.usefixtures("english")
class TestInEnglish:
    def test_all_of_it_stands_in_one_line(self) -> None:
        assert figure(52, 12).line == "81 % · 64 answers · 70–89 %"

    def test_no_answers_are_not_zero(self) -> None:
        nobody = figure_of("csat", 1, point({}), "")
        assert nobody.line == "no answers"
        assert nobody.value_words == ""

    def test_what_may_not_be_known_shows_nothing(self) -> None:
        hidden = {"n": None, "counts": None, "value": None, "low": None, "high": None}
        found = figure_of("csat", 1, hidden | {"provisional": False}, "", person=True)
        assert found.line == "too few answers to show"
        assert found.spread == []

    @pytest.mark.parametrize(
        ("n", "grade"),
        [(1, "comments"), (4, "comments"), (5, "count"), (9, "count"), (10, "grey"), (29, "grey"),
         (30, "full")],
    )  # fmt: skip
    def test_how_much_is_said_of_oneself_follows_from_the_count(self, n: int, grade: str) -> None:
        # With a weight of 12, thirty answers have a reliability of 0.71.
        assert figure(n, 0, person=True, own=True, weight=12).grade == grade

    def test_thirty_answers_carry_little_where_people_hardly_differ(self) -> None:
        assert figure(30, 0, person=True, weight=13).grade == "grey"
        assert figure(500, 0, person=True, weight=None).grade == "grey"

    def test_a_few_answers_show_their_spread_and_no_percentage(self) -> None:
        few = figure(5, 2, person=True, own=True)
        assert few.line == "7 answers · Too few answers to judge (7 of 10)."
        assert [(label, times) for _v, label, times, _s in few.spread] == [
            ("5", 5), ("4", 0), ("3", 0), ("2", 0), ("1", 2),
        ]  # fmt: skip

    def test_fewer_than_five_of_ones_own_show_no_score(self) -> None:
        few = figure(3, 0, person=True, own=True)
        assert few.line == "3 answers · too few for a score"
        assert few.spread == []

    def test_a_group_is_no_person_and_shows_its_score(self) -> None:
        assert figure(5, 2).value_words == "71 %"

    def test_a_point_of_a_trend_is_no_headline(self) -> None:
        assert figure(5, 2, person=True, in_trend=True).value_words == "71 %"
        assert figure(3, 0, person=True, own=True, in_trend=True).value_words == ""

    def test_all_and_none_are_said_of_all_and_none_only(self) -> None:
        assert value_words("csat", 1) == "100 %"
        assert value_words("csat", 0.998) == "99.8 %"
        assert value_words("csat", 0.0003) == "0.1 %"
        assert value_words("csat", 0) == "0 %"

    def test_halves_are_rounded_as_the_charts_round_them(self) -> None:
        assert value_words("csat", 0.625) == "63 %"
        assert value_words("nps", -0.125) == "−13"

    def test_points_carry_their_sign(self) -> None:
        assert value_words("nps", 0.194444) == "+19"
        assert interval_words("nps", -0.067697, 0.42867) == "−7 to +43"
        assert value_words("nps", 0.004) == "0"

    def test_the_mean_stands_second_and_never_alone(self) -> None:
        known = figure_of("csat", 1, point({1: 1, 2: 2, 3: 4, 4: 7, 5: 6}), "")
        assert known.line == "65 % · 20 answers · 43–82 %"
        assert known.second_words == "Mean 3.8 (3.2–4.2)"
        few = figure_of("csat", 1, point({1: 3, 5: 4}), "", person=True, own=True)
        assert few.second_words == ""
        assert figure_of("nps", 1, point({10: 4, 0: 1}, "nps"), "").second_words == ""

    def test_a_mean_has_one_digit(self) -> None:
        assert value_words("ces", 5.25) == "5.3"
        assert interval_words("ces", 4.81, 5.6) == "4.8–5.6"

    def test_nps_is_spread_over_its_three_groups(self) -> None:
        found = figure_of("nps", 1, point({10: 4, 8: 2, 0: 1}, "nps"), "/responses?x")
        assert [(value, times) for value, _label, times, _share in found.spread] == [
            ("high", 4), ("middle", 2), ("low", 1),
        ]  # fmt: skip

    def test_every_side_that_has_scores_has_a_name(self) -> None:
        named = [
            figures.side_words(metric, side)
            for metric in ("csat", "nps", "ces")
            for side in ("high", "middle", "low")
            if figures.has_side(metric, side)
        ]
        assert len(named) == 8


def test_chinese_writes_percentages_without_a_space(app: Flask) -> None:
    with app.test_request_context("/?lang=zh"):
        assert figure(52, 12).line == "81% · 64 份答复 · 70–89%"
        assert interval_words("nps", -0.07, 0.43) == "−7 到 +43"
