"""Staff see themselves, leads their team, the others everybody."""

import pytest

from feedback.accounts.sight import ROLES, sight_of


def test_staff_see_themselves_and_no_colleague() -> None:
    sight = sight_of("staff", 7, 3)
    assert sight.sees_staff(7, 3)
    assert not sight.sees_staff(8, 3)
    assert not sight.sees_team(3)


def test_a_lead_sees_the_own_team_and_no_other() -> None:
    sight = sight_of("lead", 7, 3)
    assert sight.sees_staff(8, 3)
    assert sight.sees_team(3)
    assert not sight.sees_staff(9, 4)
    assert not sight.sees_team(4)


@pytest.mark.parametrize("role", ["manager", "analyst", "admin"])
def test_the_others_see_everybody(role: str) -> None:
    sight = sight_of(role, None, None)
    assert sight.sees_staff(8, None)
    assert sight.sees_team(4)


def test_somebody_without_a_staff_record_sees_nobody() -> None:
    for role in ("staff", "lead"):
        assert not sight_of(role, None, None).sees_staff(8, None)


def test_a_lead_without_a_team_does_not_see_all_who_have_none() -> None:
    sight = sight_of("lead", 7, None)
    assert sight.sees_staff(7, None)
    assert not sight.sees_staff(8, None)


def test_every_role_has_its_sight() -> None:
    assert {role for role in ROLES if sight_of(role, 1, 1).everything} == {
        "manager", "analyst", "admin",
    }  # fmt: skip
