"""Two years of contacts and answers, drawn from one seed; the same day gives the same world."""

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from feedback.demo import cast, voices

DAYS = 730
# Chance that a customer wrote, and answered, in each wave.
_COMMENTS = 0.35
_ANSWERS_FIRST, _ANSWERS_AFTER_FIRST, _ANSWERS_SECOND_ONLY = 0.36, 0.48, 0.10


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
    """A customer."""

    name: str
    gender: str
    email: str | None
    phone: str
    locale: str


@dataclass
class World:
    """Everything that happened."""

    buyers: list[Buyer] = field(default_factory=list)
    contacts: list[Contact] = field(default_factory=list)


def build(now: datetime, zone: ZoneInfo) -> World:
    """Return the two years that end at `now`; nothing in it is later than that."""
    draw = random.Random(cast.SEED)  # noqa: S311 — a world to look at, not a secret.
    world = World()
    last = now.astimezone(zone).date()
    scripted = iter(cast.FIRST_SCORES)
    for day_number in range(DAYS, -1, -1):
        day = last - timedelta(days=day_number)
        for closed_at, person in _shifts(draw, day, day_number, zone):
            if closed_at < now:
                world.contacts.append(
                    _contact(draw, world, closed_at, person, 1 - day_number / DAYS, scripted)
                )
    for contact in world.contacts:
        contact.first = _only_past(contact.first, now)
        contact.second = _only_past(contact.second, now)
    return world


def _only_past(said: Said | None, now: datetime) -> Said | None:
    return said if said is not None and said.at < now else None


def _shifts(
    draw: random.Random, day: date, day_number: int, zone: ZoneInfo
) -> Iterator[tuple[datetime, cast.Person | None]]:
    usual = 1.5 if day.weekday() < 5 else 0.6
    # Business grows by a quarter in two years, and February is quiet.
    usual *= (1 + 0.25 * (1 - day_number / DAYS)) * (0.7 if day.month == 2 else 1.0)
    for person in cast.PEOPLE:
        if person.joined_days_ago is not None and day_number > person.joined_days_ago:
            continue
        for _ in range(_poisson(draw, usual * person.load)):
            yield _working_moment(draw, day, zone), person
    if draw.random() < 0.3:
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
    scripted: Iterator[int],
) -> Contact:
    channels = cast.TEAMS[person.team] if person else {"web": 1.0}
    channel = draw.choices(list(channels), list(channels.values()))[0]
    contact = Contact(
        number=len(world.contacts) + 1,
        channel=channel,
        person=person,
        customer=_customer(draw, world),
        subject=draw.choice(cast.SUBJECTS),
        closed_at=closed_at,
    )
    if person is None:
        return contact
    locale = world.buyers[contact.customer].locale
    good = _chance_of_good(channel, progress, person.skill)
    answers_first = draw.random() < _ANSWERS_FIRST
    score = _csat(draw, draw.random() < good)
    if answers_first and person.external_id == cast.ONLY_LOOKS_SO:
        following = next(scripted, None)
        answers_first, score = following is not None, following or score
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
    odds = channel.then + (channel.today - channel.then) * progress + skill
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


def _customer(draw: random.Random, world: World) -> int:
    """Return a customer's place in the list: now and then one who was here before."""
    if world.buyers and draw.random() < 0.22:
        return draw.randrange(max(0, len(world.buyers) - 900), len(world.buyers))
    number = len(world.buyers) + 1
    english = draw.random() < 0.1
    gender = draw.choice(("male", "female", ""))
    name = draw.choice(voices.ENGLISH)
    if not english:
        name = draw.choice(voices.SURNAMES) + draw.choice(voices.GIVEN)
    email: str | None = f"customer{number}@example.com"
    if draw.random() < 0.16:
        email = None
    elif draw.random() < 0.012:
        email = f"customer{number}@"
    world.buyers.append(
        Buyer(name, gender, email, f"+86139{number:08d}", "en" if english else "zh-Hans")
    )
    return len(world.buyers) - 1
