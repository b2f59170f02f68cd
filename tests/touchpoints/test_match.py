"""Which touchpoint takes an interaction: the most specific, and always the same."""

from itertools import permutations

import pytest
from sqlalchemy.orm import Session

from feedback.touchpoints.match import kinds_of, live_touchpoints, match, specificity
from feedback.touchpoints.models import Touchpoint

TRIGGERS = {
    "everything": {},
    "team": {"team_id": 7},
    "channel": {"channel_code": "phone"},
    "kind": {"kind": "Complaint, 投诉"},
    "channel and team": {"channel_code": "phone", "team_id": 7},
    "kind and team": {"kind": "complaint", "team_id": 7},
    "kind and channel": {"kind": "complaint", "channel_code": "phone"},
    "all three": {"kind": "complaint", "channel_code": "phone", "team_id": 7},
}


def touchpoints(*names: str) -> list[Touchpoint]:
    found = [Touchpoint(id=at, key=name, **TRIGGERS[name]) for at, name in enumerate(names, 1)]
    return sorted(found, key=specificity)


@pytest.mark.parametrize(
    ("kind", "channel", "team", "taken"),
    [
        ("complaint", "phone", 7, "all three"),
        ("complaint", "phone", 8, "kind and channel"),
        ("complaint", "chat", 7, "kind and team"),
        ("call", "phone", 7, "channel and team"),
        ("complaint", "chat", None, "kind"),
        ("投诉", "phone", 8, "kind"),
        ("call", "phone", 8, "channel"),
        ("call", "chat", 7, "team"),
        ("", "chat", None, "everything"),
    ],
)
def test_the_most_specific_takes_it(kind: str, channel: str, team: int | None, taken: str) -> None:
    found = match(touchpoints(*TRIGGERS), kind=kind, channel=channel, team_id=team)
    assert found is not None
    assert found.key == taken


def test_the_order_they_were_made_in_does_not_matter_unless_they_say_the_same() -> None:
    for order in permutations(("team", "channel", "kind", "everything")):
        found = match(touchpoints(*order), kind="COMPLAINT", channel="phone", team_id=7)
        assert found is not None
        assert found.key == "kind"
    same = sorted([Touchpoint(id=2), Touchpoint(id=1)], key=specificity)
    assert [one.id for one in same] == [1, 2]


def test_what_no_trigger_names_is_taken_by_nobody() -> None:
    assert match(touchpoints("team", "channel", "kind"), kind="", channel="web", team_id=1) is None


def test_kinds_are_compared_however_they_are_spelled() -> None:
    assert kinds_of(" Pre-Sale,售前；  Site  Visit ,") == ["pre-sale", "售前", "site visit"]


def test_only_what_is_live_takes_anything(session: Session) -> None:
    keys = {one.key for one in live_touchpoints(session)}
    assert len(keys) == 14
    service = session.query(Touchpoint).filter_by(key="service").one()
    service.live_since = None
    session.flush()
    assert {one.key for one in live_touchpoints(session)} == keys - {"service"}
