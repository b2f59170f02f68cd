"""Names at the ends of lines move apart, and no further than they must."""

from feedback.reports.charts.trend import spread


def test_names_far_apart_stay_where_they_are() -> None:
    assert spread([10, 50, 90], 15, 0, 100) == [10, 50, 90]


def test_names_too_close_move_apart_within_the_frame() -> None:
    assert spread([50, 52], 15, 0, 100) == [50, 65]
    assert spread([98, 99], 15, 0, 100) == [85, 100]
    assert spread([-20, 0], 15, 0, 100) == [0, 15]


def test_no_names_need_no_place() -> None:
    assert spread([], 15, 0, 100) == []
