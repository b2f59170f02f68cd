"""No answer of somebody with too few comes out of the pages, whatever days and filters they have.

The attacker reads every list and every figure, for all days and with one or two filters, and
solves the equations.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import combinations, product
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from feedback.interactions.models import Channel, Interaction, StaffMember, Team
from feedback.reports.answers import Which, how_many, newest
from feedback.reports.hidden.blocks import Blocks
from feedback.reports.hidden.listable import listable
from feedback.reports.reader import Reader
from feedback.reports.spans import Span
from feedback.reports.subjects import id_of
from feedback.responses.models import Response
from tests.conftest import START
from tests.factories import make_channel, make_interaction, make_response
from tests.reports.stories import person
from tests.reports.subtraction import in_span

Where = dict[str, str]
DAYS = [date(2025, 11, 20), date(2026, 7, 2), date(2026, 8, 5)]
TEAMS = {"e-0": "A", "e-1": "A", "e-2": "A", "e-3": "B", "e-4": "B"}
CHANNELS = ("phone", "chat")
LEAST = 5


@pytest.fixture(autouse=True)
def in_a_request(app: Flask) -> Iterator[None]:
    with app.test_request_context("/?lang=en"):
        yield


def manager(session: Session, own: int | None = None) -> Reader:
    session.commit()
    return Reader(session, ZoneInfo("Asia/Shanghai"), LEAST, "en", START, own, 30)


def company(session: Session, seed: int) -> None:
    """Make a small company up: two people have too few answers, the others some or many."""
    chance = Random(seed)  # noqa: S311
    sizes = [chance.randint(2, 3), 6, 25, 4, 20]
    for (key, team), size in zip(TEAMS.items(), sizes, strict=True):
        staff = person(session, key, key, team)
        for _answer in range(size):
            interaction = make_interaction(
                session,
                day=chance.choice(DAYS),
                channel_id=make_channel(session, chance.choice(CHANNELS)).id,
                staff_id=staff.id,
                team_id=staff.team_id,
            )
            make_response(session, interaction, csat=chance.randint(1, 5))
    session.commit()


class Attack:
    """Somebody who reads everything the pages show, and what each of it counts."""

    def __init__(self, session: Session) -> None:
        self.reader = manager(session)
        self.answers = session.execute(
            sa.select(
                Response.id,
                StaffMember.external_id.label("staff"),
                Channel.code.label("channel"),
                Team.name.label("team"),
                Interaction.day,
            )
            .select_from(Response)
            .join(Interaction)
            .join(StaffMember, StaffMember.id == Interaction.staff_id)
            .join(Channel)
            .join(Team, Team.id == Interaction.team_id)
        ).all()
        self.known: list[list[int]] = []
        self.listed: set[int] = set()
        spans = [Span(a, b) for a, b in product(DAYS, repeat=2) if a <= b]
        for where, span in product(self._filters(), spans):
            self._read_list(where, span)
            self._read_figures(where, span, None)
            if "staff" not in where:
                self._read_figures(where, span, "staff")

    def _filters(self) -> Iterator[Where]:
        kinds = {"staff": list(TEAMS), "channel": CHANNELS, "team": ("A", "B")}
        for number in (0, 1, 2):
            for subjects in combinations(kinds, number):
                for keys in product(*(kinds[one] for one in subjects)):
                    where = dict(zip(subjects, keys, strict=True))
                    yield where

    def _read_list(self, where: Where, span: Span) -> None:
        ids = {one: id_of(self.reader.session, one, key) or 0 for one, key in where.items()}
        which = Which(span, (1,), ids, metric="csat")
        may = listable(self.reader, which)
        if may.waves:
            found, _older = newest(self.reader.session, which, may.groups, limit=500)
            self.listed |= {one.id for one in found}
            if may.is_told and how_many(self.reader.session, which):
                self._learn(where, span)

    def _read_figures(self, where: Where, span: Span, by: str | None) -> None:
        for group in self.reader.ask("csat", span, where, by=by, wave=1):
            if group["points"][0]["n"]:
                self._learn({**where, **group["key"]}, span)

    def _learn(self, where: Where, span: Span) -> None:
        self.known.append([int(self._is_in(one, where, span)) for one in self.answers])

    def _is_in(self, one: Any, where: Where, span: Span) -> bool:
        return span.first <= one.day <= span.last and all(
            getattr(one, subject) == key for subject, key in where.items()
        )

    def comes_out(self) -> list[tuple[str, date | None]]:
        """Return of whom who has too few what comes out: a day's answers, or all (None)."""
        rows = [*self.known, *([int(a.id == one) for a in self.answers] for one in self.listed)]
        sought = {}
        for key in TEAMS:
            mine = [one for one in self.answers if one.staff == key]
            if len(mine) < LEAST:
                for day in (None, *DAYS):
                    row = [int(a in mine and day in (None, a.day)) for a in self.answers]
                    if any(row):
                        sought[key, day] = row
        found = in_span(np.unique(rows, axis=0), np.array([*sought.values()]))
        return [what for what, is_out in zip(sought, found, strict=True) if is_out]


@pytest.mark.parametrize("seed", range(2))
def test_no_answer_of_whoever_has_too_few_comes_out_of_all_pages(
    session: Session, seed: int
) -> None:
    company(session, seed)
    attack = Attack(session)
    assert attack.listed
    assert attack.comes_out() == []


def test_without_the_guard_the_same_attack_finds_answers(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    company(session, 0)
    monkeypatch.setattr(Blocks, "parts", lambda *_which: False)
    assert Attack(session).comes_out()


def many(
    session: Session, staff: StaffMember, times: int, day: date, *, every: int = 0, **values: Any
) -> None:
    for number in range(times):
        interaction = make_interaction(
            session,
            day=day + timedelta(days=number * every),
            staff_id=staff.id,
            team_id=staff.team_id,
            channel_id=make_channel(session, values.get("channel", "phone")).id,
        )
        make_response(session, interaction, csat=1 + number % 5, wave=values.get("wave", 1))


def ordinary(session: Session) -> StaffMember:
    """Have six people with some answers each week since January, and return a new colleague."""
    for number in range(6):
        staff = person(session, f"e-{number}", f"成员{number}", f"{'一二'[number % 2]}组")
        many(session, staff, 120, date(2026, 1, 1), every=2)
    newcomer = person(session, "new", "新人", "一组")
    many(session, newcomer, 3, date(2026, 8, 10), every=1)
    return newcomer


def shown(found: list[dict[str, Any]]) -> list[int | None]:
    return [point["n"] for group in found for point in group["points"]]


def test_a_newcomer_hides_hardly_a_month_or_a_week_of_an_ordinary_company(
    session: Session,
) -> None:
    ordinary(session)
    reader, span = manager(session), Span(date(2026, 1, 1), date(2026, 8, 31))
    for by in (None, "channel", "team"):
        assert None not in shown(reader.ask("csat", span, {}, by=by, period="month"))
        weeks = shown(reader.ask("csat", span, {}, by=by, period="week"))
        assert weeks.count(None) <= len(weeks) // 20
    assert shown(reader.ask("csat", span, {}))[0] == 6 * 120 + 3


def test_a_day_that_holds_some_of_what_is_secret_is_not_shown(session: Session) -> None:
    ordinary(session)
    reader = manager(session)
    day = Span(date(2026, 8, 11), date(2026, 8, 11))
    (group,) = reader.ask("csat", day, {})
    assert (group["points"][0]["status"], group["points"][0]["counts"]) == ("too_few", None)
    # A day without the newcomer is nobody's secret.
    assert shown(reader.ask("csat", Span(date(2026, 5, 1), date(2026, 5, 1)), {})) == [6]


def test_whoever_has_too_few_of_all_days_stays_secret_with_the_cover_on_any(
    session: Session,
) -> None:
    newcomer = ordinary(session)
    secrets = manager(session).secrets("csat")
    assert newcomer.id in secrets.people[1]
    assert len(secrets.people[1]) == 2
    (cover,) = secrets.people[1] - {newcomer.id}
    key = session.get_one(StaffMember, cover).external_id
    # In spring, when the newcomer had not come yet, the cover is no more to be seen than now.
    spring = Span(date(2026, 3, 1), date(2026, 5, 31))
    assert shown(manager(session).ask("csat", spring, {"staff": key})) == [None]


def test_where_nobody_has_too_few_nothing_is_secret_and_every_day_is_shown(
    session: Session,
) -> None:
    newcomer = ordinary(session)
    many(session, newcomer, 2, date(2026, 8, 20))
    reader = manager(session)
    assert not reader.secrets("csat").people[1]
    day = Span(date(2026, 8, 11), date(2026, 8, 11))
    (group,) = reader.ask("csat", day, {})
    assert (group["points"][0]["status"], group["points"][0]["n"]) == ("ok", 7)


def test_ones_own_answers_are_no_secret_to_oneself_and_cover_nobody(session: Session) -> None:
    newcomer = ordinary(session)
    other = person(session, "other", "另一人", "一组")
    many(session, other, 4, date(2026, 8, 1), every=3)
    own = manager(session, newcomer.id)
    assert newcomer.id not in own.secrets("csat").people[1]
    assert other.id in own.secrets("csat").people[1]
    assert len(own.secrets("csat").people[1]) == 2
    assert manager(session, other.id).secrets("csat").people != own.secrets("csat").people


def test_waves_and_metrics_have_secrets_of_their_own(session: Session) -> None:
    newcomer = ordinary(session)
    many(session, newcomer, 2, date(2026, 8, 20))
    many(session, newcomer, 2, date(2026, 7, 20), wave=2)
    many(session, session.scalars(sa.select(StaffMember)).first() or newcomer, 9, date(2026, 7, 1))
    secrets = manager(session).secrets("csat")
    assert not secrets.people[1]
    assert newcomer.id in secrets.people[2]
    assert not manager(session).secrets("nps").people[1]


def test_one_colleague_more_is_secret_where_else_whole_channels_would_be_hidden(
    session: Session,
) -> None:
    """The smallest colleague has been on the phone only; the newcomer chats as well."""
    for number, channels in enumerate((("phone",), ("phone", "chat"), ("phone", "chat"))):
        staff = person(session, f"e-{number}", f"成员{number}", "一组")
        for channel in channels:
            many(session, staff, 9 + number, date(2026, 8, 1), every=1, channel=channel)
    for number in range(3, 7):
        many(session, person(session, f"e-{number}", f"成员{number}", "二组"), 20, date(2026, 8, 1))
    newcomer = person(session, "new", "新人", "一组")
    for channel in ("phone", "chat"):
        many(session, newcomer, 2, date(2026, 8, 3), every=1, channel=channel)
    reader, span = manager(session), Span(date(2026, 8, 1), date(2026, 8, 31))
    names = {
        session.get_one(StaffMember, id_).external_id for id_ in reader.secrets("csat").people[1]
    }
    assert names == {"new", "e-0", "e-1"}
    assert None not in shown(reader.ask("csat", span, {}, by="channel", period="month"))
    assert shown(reader.ask("csat", span, {"staff": "e-1"})) == [None]
    which = Which(span, (1,), {}, metric="csat")
    found, _older = newest(session, which, listable(reader, which).groups, limit=500)
    listed = {one.interaction.staff.external_id for one in found if one.interaction.staff}
    assert listed == {"e-2", "e-3", "e-4", "e-5", "e-6"}
