"""How figures are written, which range an axis has, and where a line is interrupted."""

import pytest

from feedback.reports.chart_points import ChartLine, ChartPoint, ChartScale, check_same_labels, runs
from tests.reports.charts.samples import CES, CSAT, ENGLISH, NPS, gap, hidden, point


@pytest.mark.parametrize(
    ("scale", "value", "written"),
    [
        (CSAT, 0.0, "0%"),
        (CSAT, 1.0, "100%"),
        (CSAT, 0.864, "86%"),
        (CSAT, 0.125, "13%"),
        # In binary 28.499999…, to people a half.
        (CSAT, 0.285, "29%"),
        (CSAT, 0.998, "99.8%"),
        (CSAT, 0.99999, "99.9%"),
        (CSAT, 0.0001, "0.1%"),
        (NPS, 0.125, "+13"),
        (NPS, -0.125, "−13"),
        (NPS, 0.004, "0"),
        (NPS, -0.004, "0"),
        (NPS, -1.0, "−100"),
        (CES, 5.25, "5.3"),
        (CES, 7.0, "7.0"),
    ],
)
def test_values_are_written_as_people_write_them(
    scale: ChartScale, value: float, written: str
) -> None:
    assert scale.write(value) == written


def test_the_sign_of_a_percentage_is_the_languages_own() -> None:
    assert ChartScale(0, 1, "percent", sign=" %").write(0.5) == "50 %"


def test_the_axis_names_whole_means_without_an_idle_decimal() -> None:
    assert [CES.name(tick) for tick in CES.ticks((1, 7))] == ["1", "2", "3", "4", "5", "6", "7"]


@pytest.mark.parametrize(
    ("scale", "span", "names"),
    [
        (CSAT, (0, 1), "0% 25% 50% 75% 100%"),
        (CSAT, (0.5, 1), "50% 60% 70% 80% 90% 100%"),
        (NPS, (-1, 1), "−100 −50 0 +50 +100"),
        (NPS, (0, 1), "0 +25 +50 +75 +100"),
        (NPS, (-1, 0), "−100 −75 −50 −25 0"),
        (CES, (4, 7), "4 5 6 7"),
    ],
)
def test_ticks_are_even_and_reach_both_ends(
    scale: ChartScale, span: tuple[float, float], names: str
) -> None:
    assert " ".join(scale.name(tick) for tick in scale.ticks(span)) == names


def test_an_axis_is_the_whole_scale_or_the_half_that_holds_every_interval() -> None:
    assert CSAT.span([point(value=0.7), point(value=0.9)]) == (0.5, 1)
    assert CSAT.span([point(value=0.7), point(value=0.59)]) == (0, 1)
    assert CSAT.span([point(value=0.2)]) == (0, 0.5)
    assert NPS.span([point(value=0.2)]) == (0, 1)
    assert NPS.span([point(value=0.05)]) == (-1, 1)
    assert CSAT.span([ChartPoint("x", 3, 0.6, 0.5, 0.7)]) == (0.5, 1)


def test_an_axis_without_values_is_the_whole_scale() -> None:
    assert NPS.span([gap("a"), hidden("b")]) == (-1, 1)
    assert NPS.span([]) == (-1, 1)


def test_runs_are_the_stretches_with_values() -> None:
    points = [gap("a"), point(), point(), gap("d"), point(), hidden("f")]
    assert runs(points) == [range(1, 3), range(4, 5)]
    assert runs([]) == []
    assert runs([gap("a")]) == []
    assert runs([point()]) == [range(0, 1)]


def test_nothing_is_explained_by_silence_only_where_all_were_silent() -> None:
    assert ENGLISH.why_nothing([]) == ENGLISH.no_answers
    assert ENGLISH.why_nothing([gap("a"), gap("b")]) == ENGLISH.no_answers
    assert ENGLISH.why_nothing([gap("a"), hidden("b")]) == ENGLISH.too_few
    assert ENGLISH.why_nothing([ChartPoint("a", 4, None, None, None)]) == ENGLISH.too_few


def test_lines_share_labels_and_their_order() -> None:
    a, b = point("a"), point("b")
    check_same_labels([])
    check_same_labels([ChartLine("x", (a, b)), ChartLine("y", (a, b))])
    with pytest.raises(ValueError, match="same order"):
        check_same_labels([ChartLine("x", (a, b)), ChartLine("y", (b, a))])
