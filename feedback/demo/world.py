"""Two years of contacts and answers, drawn from one seed; the same day gives the same world."""

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from feedback.demo import cast, voices

# Enough for 24 whole months and the one that has begun, wherever in its week and month today is.
WEEKS = 110
_DAYS = WEEKS * 7
_MONTHS = 24
# Chance that a customer wrote, and answered, in each wave.
_COMMENTS = 0.35
_ANSWERS_FIRST, _ANSWERS_AFTER_FIRST, _ANSWERS_SECOND_ONLY = 0.31, 0.48, 0.09


@dataclass
class Said:
    """One response: when, and what."""

    at: datetime
    csat: int
    nps: int | None
    reasons: tuple[str, ...]
    comment: str | None
    solved: str | None = None


@dataclass
class Contact:
    """One finished interaction and what its customer would say if asked, now and 30 days on."""

    number: int
    channel: str
    person: cast.Person | None
    customer: int
    subject: str
    closed_at: datetime
    first: Said | None = None
    second: Said | None = None


@dataclass
class Buyer:
    """A customer; one in a hundred has a mailbox that refuses us."""

    name: str
    gender: str
    email: str | None
    phone: str
    locale: str
    refuses: bool = False


@dataclass
class World:
    """Everything that happened."""

    buyers: list[Buyer] = field(default_factory=list)
    contacts: list[Contact] = field(default_factory=list)


def build(now: datetime, zone: ZoneInfo) -> World:
    """Return what happened until `now`, from the first of the month 24 months ago.

    It is one story, always the same and moved by whole weeks, so that weekdays stay weekdays;
    only where it is cut depends on the day.
    """
    draw = random.Random(cast.SEED)  # noqa: S311 — a world to look at, not a secret.
    world = World()
    today = now.astimezone(zone).date()
    monday = today - timedelta(days=today.weekday())
    begins = monday - timedelta(weeks=WEEKS - 1)
    newcomer = iter(cast.FIRST_SCORES)
    for number in range(_DAYS):
        day = begins + timedelta(days=number)
        for closed_at, person in _shifts(draw, day, number, zone):
            world.contacts.append(
                _contact(draw, world, closed_at, person, number / _DAYS, newcomer)
            )
    first = _months_before(today)
    told = [one for one in world.contacts if one.closed_at < now and one.closed_at.date() >= first]
    world.contacts = sorted(told, key=lambda one: one.closed_at)
    for number, contact in enumerate(world.contacts, start=1):
        contact.number = number
        contact.first = _only_past(contact.first, now)
        contact.second = _only_past(contact.second, now)
    return world


def _months_before(today: date) -> date:
    return date(today.year - _MONTHS // 12, today.month, 1)


def _only_past(said: Said | None, now: datetime) -> Said | None:
    return said if said is not None and said.at < now else None


def _shifts(
    draw: random.Random, day: date, number: int, zone: ZoneInfo
) -> Iterator[tuple[datetime, cast.Person | None]]:
    usual = 2.1 if number % 7 < 5 else 0.8
    # Business grows by a quarter in two years.
    usual *= 1 + 0.25 * number / _DAYS
    for person in cast.PEOPLE:
        joined = person.joined_days_ago
        if joined is not None and number < _DAYS - 7 - joined:
            continue
        for _ in range(_poisson(draw, usual * person.load)):
            yield _working_moment(draw, day, zone), person
    if draw.random() < 0.35:
        yield _working_moment(draw, day, zone), None


def _working_moment(draw: random.Random, day: date, zone: ZoneInfo) -> datetime:
    minute = draw.randrange(9 * 60, 18 * 60)
    return datetime(day.year, day.month, day.day, minute // 60, minute % 60, tzinfo=zone)


def _poisson(draw: random.Random, mean: float) -> int:
    # Knuth's way; the means here are near one, so the loop is short.
    limit, count, product = math.exp(-mean), 0, draw.random()
    while product > limit:
        count += 1
        product *= draw.random()
    return count


def _contact(
    draw: random.Random,
    world: World,
    closed_at: datetime,
    person: cast.Person | None,
    progress: float,
    newcomer: Iterator[int],
) -> Contact:
    channels = cast.TEAMS[person.team] if person else {"web": 1.0}
    channel = draw.choices(list(channels), list(channels.values()))[0]
    is_newcomer = person is not None and person.external_id == cast.ONLY_LOOKS_SO
    customer = _customer(draw, world, sure_to_be_asked=is_newcomer)
    locale = world.buyers[customer].locale
    subject = draw.choice(cast.SUBJECTS[locale])
    contact = Contact(0, channel, person, customer, subject, closed_at)
    if person is None:
        return contact
    answers_first = draw.random() < _ANSWERS_FIRST
    score = _csat(draw, draw.random() < _chance_of_good(channel, progress, person.skill))
    if is_newcomer:
        # Two customers in five, until all of her first answers are given.
        scripted = next(newcomer, None) if customer % 5 < 2 else None
        answers_first, score = scripted is not None, scripted or score
    if answers_first:
        at = closed_at + timedelta(hours=0.2 + draw.expovariate(1 / 14))
        contact.first = _said(draw, at, score, locale, wave=1)
    again = _ANSWERS_AFTER_FIRST if answers_first else _ANSWERS_SECOND_ONLY
    if draw.random() < again:
        at = closed_at + timedelta(days=30, hours=9 + draw.expovariate(1 / 20))
        later = _csat(draw, draw.random() < (0.92 if score >= 4 else 0.30))
        contact.second = _said(draw, at, later, locale, wave=2)
    return contact


def _chance_of_good(channel_code: str, progress: float, skill: float) -> float:
    channel = next(c for c in cast.CHANNELS if c.code == channel_code)
    # Little changes for a year; most of it within the year that the reports show at first.
    changed = _between_0_and_1((progress - 0.72) / 0.08)
    return _between_0_and_1(channel.then + (channel.today - channel.then) * changed + skill)


def _between_0_and_1(odds: float) -> float:
    return 1 / (1 + math.exp(-odds))


def _csat(draw: random.Random, good: bool) -> int:
    if good:
        return draw.choices((5, 4), (0.7, 0.3))[0]
    return draw.choices((3, 2, 1), (0.34, 0.24, 0.42))[0]


_NPS = {
    5: ((10, 9, 8, 7, 6), (0.45, 0.25, 0.18, 0.08, 0.04)),
    4: ((10, 9, 8, 7, 6), (0.10, 0.20, 0.36, 0.24, 0.10)),
    3: ((8, 7, 6, 5), (0.15, 0.35, 0.25, 0.25)),
    2: ((7, 6, 5, 4, 3), (0.10, 0.20, 0.30, 0.20, 0.20)),
    1: ((5, 3, 2, 1, 0), (0.20, 0.20, 0.15, 0.15, 0.30)),
}


def _said(draw: random.Random, at: datetime, csat: int, locale: str, *, wave: int) -> Said:
    side = voices.HIGH if csat >= 4 else voices.LOW
    mood = voices.MIDDLE if csat == 3 else side
    comment = None
    if draw.random() < _COMMENTS:
        bank = voices.OPENINGS if wave == 1 else voices.AFTERWARDS
        comment = draw.choice(bank[locale, mood])
        if draw.random() < 0.3:
            joint = "" if locale == "zh-Hans" else " "
            comment += joint + draw.choice(voices.ADDITIONS[locale])
    scores, weights = _NPS[csat]
    return Said(
        at=at,
        csat=csat,
        nps=draw.choices(scores, weights)[0] if draw.random() < 0.88 else None,
        reasons=tuple(sorted({draw.choice(voices.REASONS[side]) for _ in range(draw.randrange(3))}))
        if wave == 1
        else (),
        comment=comment,
        solved=None
        if wave == 1
        else draw.choice(("yes", "yes", "partly") if csat >= 3 else ("no",)),
    )


def _customer(draw: random.Random, world: World, *, sure_to_be_asked: bool) -> int:
    """Return a customer's place in the list: now and then one who was here before."""
    if world.buyers and not sure_to_be_asked and draw.random() < 0.22:
        return draw.randrange(max(0, len(world.buyers) - 900), len(world.buyers))
    number = len(world.buyers) + 1
    english = draw.random() < 0.1
    gender = draw.choice(("male", "female", ""))
    name = draw.choice(voices.ENGLISH)
    if not english:
        name = draw.choice(voices.SURNAMES) + draw.choice(voices.GIVEN)
    email: str | None = f"customer{number}@example.com"
    fate = 1.0 if sure_to_be_asked else draw.random()
    if fate < 0.16:
        email = None
    elif fate < 0.17:
        email = f"customer{number}@"
    world.buyers.append(
        Buyer(
            name,
            gender,
            email,
            f"+86139{number:08d}",
            "en" if english else "zh-Hans",
            refuses=0.17 <= fate < 0.178,
        )
    )
    return len(world.buyers) - 1
