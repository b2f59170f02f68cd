"""The demo's story: the same whenever it is told, and moved by whole weeks."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from feedback.config import InvitationPolicy, read_settings
from feedback.demo import cast
from feedback.demo.fates import Rows, Telling
from feedback.demo.world import Contact, World, build

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 9, 2, 2, 0, tzinfo=UTC)
WEEK = timedelta(weeks=1)


def tell(now: datetime) -> tuple[World, Rows]:
    """Tell what became of everybody; it takes a while."""
    world = build(now, ZONE)
    policy = InvitationPolicy.from_config(
        read_settings(environment={}, overrides={"SECRET_KEY": "k"})
    )
    return world, Telling(world, policy, {1: 1, 2: 2}, "key", now).tell()


@pytest.fixture(scope="module")
def told() -> tuple[World, Rows]:
    """The story as it is told now, for reading only."""
    return tell(NOW)


def story(contact: Contact) -> tuple[object, ...]:
    person = contact.person.external_id if contact.person else None
    return contact.closed_at, contact.channel, person, contact.customer, contact.subject


def test_told_twice_it_is_the_same(told: tuple[World, Rows]) -> None:
    assert tell(NOW) == told


def test_a_week_later_it_is_the_same_a_week_later() -> None:
    now, later = build(NOW, ZONE), build(NOW + WEEK, ZONE)
    moved = [(closed_at + WEEK, *rest) for closed_at, *rest in map(story, now.contacts)]
    # Both begin on the first of September, so the later one has a week more at its beginning.
    begins = datetime(2024, 9, 8, tzinfo=ZONE)
    assert [story(one) for one in later.contacts if one.closed_at >= begins] == moved


@pytest.mark.parametrize("today", [date(2026, 9, 2), date(2028, 2, 29), date(2027, 1, 31)])
def test_it_begins_with_a_month_two_years_ago_and_ends_now(today: date) -> None:
    now = datetime(today.year, today.month, today.day, 10, 0, tzinfo=ZONE)
    contacts = build(now, ZONE).contacts
    first, last = contacts[0].closed_at, contacts[-1].closed_at
    begins = datetime(today.year - 2, today.month, 1, tzinfo=ZONE)
    assert begins <= first < begins + timedelta(days=4)
    assert now - timedelta(days=4) < last < now
    said = [said for c in contacts for said in (c.first, c.second) if said is not None]
    assert all(one.at < now for one in said)


def test_everybody_and_every_channel_plays() -> None:
    contacts = build(NOW, ZONE).contacts
    people = Counter(c.person.external_id for c in contacts if c.person)
    assert people.keys() == {person.external_id for person in cast.PEOPLE}
    assert {c.channel for c in contacts} == {channel.code for channel in cast.CHANNELS}
    assert (len(cast.CHANNELS), len(cast.TEAMS), len(cast.PEOPLE)) == (6, 4, 24)


@pytest.mark.parametrize("days", range(7))
def test_the_newcomer_has_six_satisfied_of_eleven_on_every_day_of_the_week(days: int) -> None:
    scores = [
        contact.first.csat
        for contact in build(NOW + timedelta(days=days), ZONE).contacts
        if contact.first and contact.person and contact.person.external_id == cast.ONLY_LOOKS_SO
    ]
    assert (len(scores), sum(score >= 4 for score in scores)) == (11, 6)


def test_only_a_few_mails_are_left_for_the_worker(
    told: tuple[World, Rows],
) -> None:
    world, rows = told
    due = [
        invitation
        for invitation in rows.invitation
        if invitation["issued_at"] is None
        and invitation["withheld_at"] is None
        and invitation["due_at"] <= NOW
    ]
    languages = [world.buyers[one["customer_id"] - 1].locale for one in due]
    assert sorted(languages) == ["en", "zh-Hans", "zh-Hans"]


def test_nobody_is_asked_again_within_a_month_and_nobody_answers_what_was_not_asked(
    told: tuple[World, Rows],
) -> None:
    _world, rows = told
    asked: dict[tuple[int, int], datetime] = {}
    by_id = {invitation["id"]: invitation for invitation in rows.invitation}
    for invitation in rows.invitation:
        if invitation["issued_at"] is not None:
            key = invitation["customer_id"], invitation["wave"]
            # A follow-up moved to a working day may come a little sooner after another.
            least = timedelta(days=30 if invitation["wave"] == 1 else 20)
            assert (
                invitation["issued_at"] - asked.get(key, datetime.min.replace(tzinfo=UTC)) >= least
            )
            asked[key] = invitation["issued_at"]
    for response in rows.response:
        invitation = by_id[response["invitation_id"]]
        assert invitation["issued_at"] < response["answered_at"] < invitation["expires_at"]
        assert invitation["answered_at"] == response["answered_at"] < NOW


def test_customers_write_in_both_languages_about_matters_in_their_own(
    told: tuple[World, Rows],
) -> None:
    world, rows = told
    languages = Counter(response["locale"] for response in rows.response)
    assert languages["en"] > 500
    assert languages["zh-Hans"] > 5000
    assert sum(answer["comment"] is not None for answer in rows.answer) > 2000
    for contact in world.contacts:
        assert contact.subject.isascii() == (world.buyers[contact.customer].locale == "en")
