"""Whatever happened and whenever it was added up, tallies and answers together count exactly."""

import threading
from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from itertools import product
from random import Random
from typing import Any

import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from feedback.interactions.models import Interaction
from feedback.reports.models import RollUp, Tally
from feedback.reports.periods import start_of
from feedback.reports.roll_up import OVERLAP, counted_until, roll_up
from feedback.reports.tallies import Question, count
from feedback.responses.models import Answer, Response
from tests.conftest import START
from tests.factories import make_channel, make_interaction, make_response, make_staff

FIRST = date(2026, 8, 24)  # Weeks that begin in August and end in September, and so on.

happenings = st.lists(
    st.one_of(
        st.tuples(
            st.just("answer"),
            st.integers(0, 45),  # day
            st.integers(0, 2),  # channel
            st.integers(0, 2),  # staff member, or nobody
            st.sampled_from([1, 1, 2]),  # wave
            st.integers(1, 5),
        ),
        st.tuples(st.just("amend"), st.integers(0, 99), st.integers(1, 5)),
        st.tuples(st.just("exclude"), st.integers(0, 99)),
        st.tuples(st.just("roll up"), st.integers(0, 1)),
        # Minutes that pass: less than the overlap of two roll-ups, or much more.
        st.tuples(st.just("wait"), st.sampled_from([1, 9, 11, 60, 60 * 24 * 3])),
    ),
    min_size=5,
    max_size=40,
)


class History:
    """Plays what happens, each at its own moment."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.now: datetime = START
        self.channels = [make_channel(session, code).id for code in ("phone", "chat", "web")]
        self.staff = [make_staff(session, "e-1").id, make_staff(session, "e-2").id, None]
        self.responses: list[Response] = []

    def play(self, what: str, *how: int) -> None:
        self.now += timedelta(seconds=1)
        if what == "answer":
            self.answer(*how)
        elif what == "wait":
            self.now += timedelta(minutes=how[0])
        elif what == "roll up":
            # Now and then by a clock that stands a month ahead, as `flask work --now` allows.
            roll_up(self.session, self.now + timedelta(days=30 * how[0]))
        elif self.responses:
            self.change(what, self.responses[how[0] % len(self.responses)], *how[1:])
        self.session.flush()

    def answer(self, day: int, channel: int, staff: int, wave: int, score: int) -> None:
        interaction = make_interaction(
            self.session,
            day=FIRST + timedelta(days=day),
            channel_id=self.channels[channel],
            staff_id=self.staff[staff],
        )
        response = make_response(
            self.session, interaction, csat=score, wave=wave, answered_at=self.now
        )
        self.responses.append(response)

    def change(self, what: str, response: Response, score: int = 0) -> None:
        response.changed_at = self.now
        if what == "amend":
            response.answers[0].score = score
            return
        is_excluded = response.excluded_at is not None
        response.excluded_at = None if is_excluded else self.now
        response.excluded_because = None if is_excluded else "a test"


def recount(rows: Sequence[Any], question: Question) -> dict[Any, dict[int, int]]:
    """Count by going through every answer, one at a time."""
    counts: dict[Any, Counter[int]] = defaultdict(Counter)
    for answer, response, interaction in rows:
        columns = {"channel": interaction.channel_id, "staff": interaction.staff_id}
        if (
            answer.metric == question.metric
            and response.excluded_at is None
            and response.wave in question.waves
            and question.first <= interaction.day <= question.last
            and all(columns[subject] == id_ for subject, id_ in question.where.items())
        ):
            subject_id = (columns.get(question.by or "") or 0) if question.by else 0
            period = start_of(interaction.day, question.period) if question.period else None
            counts[subject_id, response.wave, period][answer.score] += 1
    return {key: dict(scores) for key, scores in counts.items()}


def questions(channel_id: int) -> list[Question]:
    ranges = [
        (FIRST, FIRST + timedelta(days=45)),
        (date(2026, 9, 1), date(2026, 9, 30)),
        (date(2026, 8, 31), date(2026, 9, 13)),
        (date(2026, 9, 3), date(2026, 9, 20)),
    ]
    return [
        Question("csat", by, period, first, last, (1, 2) if by == "wave" else (1,), where)
        for by, period, (first, last), where in product(
            (None, "channel", "staff", "wave"),
            (None, "day", "week", "month", "quarter"),
            ranges,
            ({}, {"channel": channel_id}),
        )
    ]


@settings(
    derandomize=True,
    deadline=None,
    max_examples=10,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(what_happens=happenings, chance=st.randoms(use_true_random=False))
def test_tallies_and_fresh_answers_together_are_a_plain_recount(
    session: Session, what_happens: list[tuple[Any, ...]], chance: Random
) -> None:
    history = History(session)
    for what, *how in what_happens:
        history.play(what, *how)
    rows = session.execute(
        sa.select(Answer, Response, Interaction)
        .join(Response, Response.id == Answer.response_id)
        .join(Interaction, Interaction.id == Response.interaction_id)
    ).all()
    for question in chance.sample(questions(history.channels[0]), 25):
        expected = recount(rows, question)
        assert count(session, question) == expected, question
        assert count(session, question, from_tallies=False) == expected, question
    session.rollback()


def all_of(session: Session) -> dict[Any, dict[int, int]]:
    question = Question("csat", None, "month", FIRST, FIRST + timedelta(days=40), (1,), {})
    return count(session, question)


def test_what_came_while_a_clock_stood_ahead_is_counted_still(session: Session) -> None:
    """Somebody tries the follow-up with `flask work --now` and then answers it, today."""
    make_response(session, csat=5, answered_at=START)
    roll_up(session, START + timedelta(days=30))
    make_response(session, csat=1, answered_at=START + timedelta(minutes=1))
    assert list(all_of(session).values()) == [{5: 1, 1: 1}]
    assert roll_up(session, START + timedelta(minutes=2)) == 1
    assert list(all_of(session).values()) == [{5: 1, 1: 1}]


def test_before_the_first_answer_a_roll_up_promises_nothing(session: Session) -> None:
    roll_up(session, START + timedelta(days=30))
    make_response(session, csat=4, answered_at=START)
    assert list(all_of(session).values()) == [{4: 1}]


def test_what_is_committed_late_is_counted_with_the_next_roll_up(session: Session) -> None:
    make_response(session, csat=5, answered_at=START)
    roll_up(session, START + timedelta(minutes=5))
    make_response(session, csat=5, answered_at=START + timedelta(minutes=1))
    assert list(all_of(session).values()) == [{5: 2}]
    assert counted_until(session) == START + timedelta(minutes=5) - OVERLAP


def test_a_quiet_night_leaves_nothing_to_recount(session: Session) -> None:
    make_response(session, csat=5, answered_at=START)
    assert roll_up(session, START) == 1
    assert roll_up(session, START + timedelta(hours=1)) == 1
    assert roll_up(session, START + timedelta(hours=2)) == 0


def test_the_tallies_can_be_emptied_and_are_built_again(session: Session) -> None:
    for score in (1, 4, 4, 5):
        make_response(session, csat=score, nps=score)
    roll_up(session, START)
    before = session.execute(sa.select(Tally.__table__).order_by(*Tally.__table__.c)).all()
    # By week and by month, for everything and four subjects (nobody named included).
    assert sum(row.count for row in before) == 8 * 2 * 5
    session.execute(sa.delete(Tally))
    session.execute(sa.delete(RollUp))
    session.expire_all()
    roll_up(session, START)
    after = session.execute(sa.select(Tally.__table__).order_by(*Tally.__table__.c)).all()
    assert before == after


def test_a_period_all_of_whose_answers_were_struck_leaves_no_tally(session: Session) -> None:
    response = make_response(session, csat=5, answered_at=START)
    roll_up(session, START)
    response.excluded_at = response.changed_at = START + timedelta(days=1)
    response.excluded_because = "a test"
    session.flush()
    roll_up(session, START + timedelta(days=2))
    assert session.scalars(sa.select(Tally)).all() == []


def test_two_first_roll_ups_at_once_count_once(session: Session) -> None:
    make_response(session, csat=5, answered_at=START)
    session.commit()
    roll_up(session, START)
    engine = session.get_bind()
    done: list[int] = []

    def another() -> None:
        # It waits for the first one's mark, wherever it has come to when that is kept.
        with Session(engine) as other, other.begin():
            done.append(roll_up(other, START))

    thread = threading.Thread(target=another)
    thread.start()
    session.commit()
    thread.join(30)
    assert done == [1]
    assert session.scalar(sa.select(sa.func.count()).select_from(RollUp)) == 1
    assert list(all_of(session).values()) == [{5: 1}]
