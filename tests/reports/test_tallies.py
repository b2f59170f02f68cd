"""Both ways of counting give the same, whatever the days, before and after a roll-up."""

import random
from datetime import date, timedelta
from itertools import product

from sqlalchemy.orm import Session

from feedback.reports.roll_up import roll_up
from feedback.reports.tallies import Question, count
from tests.conftest import START, Time
from tests.reports.stories import answered, person

TODAY = date(2026, 9, 2)


def test_tallies_and_rows_agree(session: Session, time: Time) -> None:
    draw = random.Random(5)  # noqa: S311 — a world to look at, not a secret.
    people = [person(session, f"e-{number}", f"n{number}") for number in range(3)]
    for _ in range(12):
        answered(
            session, draw.choice(people), [draw.randrange(1, 6)],
            closed_at=START - timedelta(days=draw.randrange(120)),
            channel=draw.choice(("phone", "chat")), wave=draw.choice((1, 2)),
        )  # fmt: skip
    roll_up(session, START + timedelta(hours=1))
    # What came after the roll-up is counted too.
    late = answered(session, people[0], [1], closed_at=START - timedelta(days=40))[0]
    late.changed_at = START + timedelta(hours=2)
    session.flush()
    for by, period in product((None, "staff", "channel"), (None, "week", "month", "quarter")):
        for _ in range(8):
            first = TODAY - timedelta(days=draw.randrange(150))
            last = first + timedelta(days=draw.randrange(160))
            question = Question("csat", by, period, first, last, (1, 2), {})
            assert count(session, question) == count(session, question, from_tallies=False)
