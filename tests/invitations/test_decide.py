"""When one mail is enough for two contacts: the rule itself, each of its parts."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from feedback.invitations.decide import Due

HOUR = timedelta(hours=1)
CLOSED = datetime(2026, 6, 1, 3, 0, tzinfo=UTC)
NOW = CLOSED + 24 * HOUR
EARLY = Due(
    interaction_id=1,
    customer_id=1,
    channel_id=1,
    wave=1,
    address="wang@example.cn",
    address_digest="d",
    closed_at=CLOSED,
    planned_at=CLOSED,
    due_at=NOW,
    expires_at=NOW + 21 * 24 * HOUR,
    follow_up="all",
    brand_id=1,
    is_barred=False,
)
LATE = replace(
    EARLY, interaction_id=2, closed_at=NOW, planned_at=NOW, due_at=NOW + 24 * HOUR, channel_id=2
)


def test_the_later_contact_stands_for_one_of_a_day_before_and_not_the_other_way_round() -> None:
    assert LATE.may_stand_for(EARLY, NOW)
    assert not EARLY.may_stand_for(LATE, NOW)
    assert not LATE.may_stand_for(LATE, NOW)


def test_of_two_that_ended_in_the_same_moment_the_one_recorded_later_stands_for_both() -> None:
    twin = replace(LATE, closed_at=EARLY.closed_at)
    assert twin.may_stand_for(EARLY, NOW)
    assert not EARLY.may_stand_for(twin, NOW)


@pytest.mark.parametrize(
    "other",
    [
        {"wave": 2},
        {"customer_id": 2},
        {"brand_id": 2},
        {"address_digest": "e"},
        {"address_digest": None},
        {"closed_at": NOW + timedelta(seconds=1)},
        {"planned_at": NOW + timedelta(seconds=1)},
        {"due_at": NOW + 24 * HOUR + timedelta(seconds=1)},
    ],
    ids=lambda other: next(iter(other)),
)
def test_what_differs_in_more_is_asked_about_by_itself(other: dict[str, object]) -> None:
    assert not replace(LATE, **other).may_stand_for(EARLY, NOW)


def test_nobody_without_an_address_is_taken_for_another_without_one() -> None:
    nowhere = {"address_digest": None}
    assert not replace(LATE, **nowhere).may_stand_for(replace(EARLY, **nowhere), NOW)
