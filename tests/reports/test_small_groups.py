"""Too few to show, and what would give them away."""

from feedback.reports.hidden.small_groups import hidden_groups


def test_a_group_under_the_least_hides_and_takes_the_next_smallest_along() -> None:
    assert hidden_groups({"a": 3, "b": 9, "c": 7}, 5) == {"a", "c"}


def test_several_that_add_up_to_enough_hide_each_other() -> None:
    assert hidden_groups({"a": 3, "b": 4, "c": 7}, 5) == {"a", "b"}


def test_several_that_add_up_to_too_few_need_one_more() -> None:
    assert hidden_groups({"a": 1, "b": 2, "c": 7, "d": 8}, 5) == {"a", "b", "c"}


def test_nobody_hides_behind_no_answers() -> None:
    assert hidden_groups({"a": 3, "b": 0, "c": 7}, 5) == {"a", "c"}
    assert hidden_groups({"a": 0, "b": 9}, 5) == set()


def test_what_is_hidden_for_another_reason_is_a_gap_like_any_other() -> None:
    assert hidden_groups({"a": 20, "b": 9, "c": 7}, 5, besides={"a"}) == {"a", "c"}


def test_nobody_hides_behind_the_readers_own() -> None:
    """The reader knows that one, and would subtract it with the rest."""
    assert hidden_groups({"me": 6, "a": 3, "b": 9}, 5, known={"me"}) == {"a", "b"}
    assert hidden_groups({"me": 2, "a": 9}, 5, known={"me"}) == set()
