"""Why somebody must not be asked."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from feedback.invitations.eligibility import REASONS, reason_at_issue, reason_on_arrival
from feedback.invitations.reasons import reason_label

NOW = datetime(2026, 9, 2, 2, 0, tzinfo=UTC)
ARRIVAL: dict[str, Any] = {
    "address": "wang@example.cn",
    "address_is_valid": True,
    "address_is_own": False,
    "has_staff": True,
    "is_barred": False,
    "age": timedelta(hours=1),
    "max_age": timedelta(days=7),
}
ISSUE: dict[str, Any] = {
    "wave": 1,
    "now": NOW,
    "expires_at": NOW + timedelta(days=21),
    "address_is_own": False,
    "is_barred": False,
    "is_suppressed": False,
    "is_kind_stopped": False,
    "first_wave_issued": True,
    "first_wave_answered": False,
    "follow_up": "all",
    "last_asked_at": None,
    "recontact": timedelta(days=30),
}


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({}, None),
        ({"address": None, "address_is_valid": False}, "no_address"),
        ({"address": "wang@", "address_is_valid": False}, "invalid_address"),
        ({"address_is_own": True}, "own_staff"),
        ({"has_staff": False}, "nobody"),
        ({"is_barred": True}, "do_not_ask"),
        ({"age": timedelta(days=7)}, None),
        ({"age": timedelta(days=7, seconds=1)}, "too_old"),
    ],
)
def test_what_is_known_on_arrival(facts: dict[str, Any], reason: str | None) -> None:
    assert reason_on_arrival(**(ARRIVAL | facts)) == reason


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({}, None),
        ({"expires_at": NOW}, "too_old"),
        ({"is_suppressed": True}, "suppressed"),
        ({"is_kind_stopped": True}, "kind_stopped"),
        ({"is_kind_stopped": True, "is_suppressed": True}, "suppressed"),
        ({"wave": 2, "is_kind_stopped": True, "first_wave_issued": False}, "kind_stopped"),
        ({"address_is_own": True, "expires_at": NOW, "is_suppressed": True}, "own_staff"),
        ({"last_asked_at": NOW - timedelta(days=29)}, "recontact"),
        ({"last_asked_at": NOW - timedelta(days=30)}, None),
        ({"last_asked_at": NOW, "recontact": timedelta(0)}, None),
        ({"wave": 2, "last_asked_at": NOW - timedelta(days=29)}, "follow_up_cap"),
        ({"wave": 2, "first_wave_issued": False}, "first_wave_withheld"),
        ({"wave": 2, "follow_up": "answered"}, "first_wave_unanswered"),
        ({"wave": 2, "follow_up": "answered", "first_wave_answered": True}, None),
        ({"wave": 2, "follow_up": "unanswered"}, None),
        (
            {"wave": 2, "follow_up": "unanswered", "first_wave_answered": True},
            "first_wave_answered",
        ),
        # The rule is about follow-ups, and never opens what another rule closes.
        ({"wave": 1, "follow_up": "answered"}, None),
        ({"wave": 2, "follow_up": "unanswered", "is_suppressed": True}, "suppressed"),
        ({"wave": 2, "follow_up": "unanswered", "first_wave_issued": False}, "first_wave_withheld"),
        # Somebody who asked us to stop is never counted as anything else.
        ({"wave": 2, "first_wave_issued": False, "is_suppressed": True}, "suppressed"),
    ],
)
def test_what_is_known_only_when_it_is_due(facts: dict[str, Any], reason: str | None) -> None:
    assert reason_at_issue(**(ISSUE | facts)) == reason


def test_every_reason_has_a_name_for_people() -> None:
    assert all(reason_label(reason) not in ("", reason) for reason in REASONS)
