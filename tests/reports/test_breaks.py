"""A question put in other words is found in the answers to it, and only where it concerns."""

from datetime import UTC, date, datetime, timedelta

from sqlalchemy.orm import Session

from feedback.interactions.models import StaffMember
from feedback.reports.trends.breaks import Reworded, reworded
from feedback.surveys.models import Option, OptionText, Question, QuestionText, Survey
from tests.factories import make_channel, make_interaction, make_response
from tests.reports.stories import person

JUNE = datetime(2026, 6, 1, 1, 0, tzinfo=UTC)
PROMPT = "How satisfied are you?"


def survey(
    session: Session,
    version: int,
    prompt: str = PROMPT,
    *,
    locale: str = "en",
    scores: int = 5,
    published_at: datetime | None = JUNE,
    other: str = "Anything else?",
    key: str = "visit",
) -> Survey:
    """Publish a version of a questionnaire that asks CSAT in these words."""
    made = Survey(
        key=key,
        version=version,
        published_at=published_at,
        retired_at=published_at + timedelta(days=900) if published_at else None,
    )
    made.questions = [
        Question(
            position=1,
            key="csat",
            kind="csat",
            texts=[QuestionText(locale=locale, prompt=prompt)],
            options=[
                Option(
                    position=score,
                    value=str(score),
                    texts=[OptionText(locale=locale, label=f"Score {score}")],
                )
                for score in range(1, scores + 1)
            ],
        ),
        Question(
            position=2,
            key="comment",
            kind="text",
            texts=[QuestionText(locale=locale, prompt=other)],
        ),
    ]
    session.add(made)
    session.flush()
    return made


def answered(
    session: Session,
    to: Survey,
    *days: int,
    staff: StaffMember | None = None,
    wave: int = 1,
    channel: str = "phone",
) -> None:
    """Let customers answer this version about contacts so many days after 1 June."""
    for day in days:
        closed_at = JUNE + timedelta(days=day)
        values = {"staff_id": staff.id, "team_id": staff.team_id} if staff else {}
        contact = make_interaction(
            session, closed_at=closed_at, channel_id=make_channel(session, channel).id, **values
        )
        make_response(
            session, contact, csat=4, wave=wave, survey_id=to.id,
            answered_at=closed_at + timedelta(hours=2),
        )  # fmt: skip
    session.commit()


def test_other_words_are_a_break_on_the_day_of_the_first_contact_asked_so(
    session: Session,
) -> None:
    answered(session, survey(session, 1), 0, 5, 20)
    answered(session, survey(session, 2, "How happy are you?"), 40, 12, 30)
    assert reworded(session, "csat", 1, {}) == [Reworded(date(2026, 6, 13), 2)]


def test_a_new_key_is_a_break_even_where_the_words_are_the_same(session: Session) -> None:
    answered(session, survey(session, 1), 0)
    two = survey(session, 2)
    two.questions[0].key = "csat_2"
    answered(session, two, 12)
    assert reworded(session, "csat", 1, {}) == [Reworded(date(2026, 6, 13), 2)]


def test_the_same_words_in_a_new_version_are_none(session: Session) -> None:
    answered(session, survey(session, 1), 0)
    answered(session, survey(session, 2, f"  {PROMPT} ", other="What else?"), 12)
    assert reworded(session, "csat", 1, {}) == []


def test_a_version_in_one_language_more_is_none(session: Session) -> None:
    answered(session, survey(session, 1), 0)
    two = survey(session, 2)
    two.questions[0].texts.append(QuestionText(locale="zh", prompt="您满意吗？"))
    for option in two.questions[0].options:
        option.texts.append(OptionText(locale="zh", label=f"{option.value} 分"))
    answered(session, two, 12)
    assert reworded(session, "csat", 1, {}) == []


def test_another_language_in_place_of_the_only_one_is_a_break(session: Session) -> None:
    answered(session, survey(session, 1), 0)
    answered(session, survey(session, 2, "您满意吗？", locale="zh"), 12)
    assert [one.version for one in reworded(session, "csat", 1, {})] == [2]


def test_another_scale_and_other_labels_are_breaks(session: Session) -> None:
    answered(session, survey(session, 1), 0)
    answered(session, survey(session, 2, scores=4), 12)
    three = survey(session, 3, scores=4)
    three.questions[0].options[0].texts[0].label = "Very bad"
    answered(session, three, 20)
    assert [one.version for one in reworded(session, "csat", 1, {})] == [2, 3]


def test_a_version_nobody_answered_is_no_break_nor_is_what_takes_its_words_back(
    session: Session,
) -> None:
    answered(session, survey(session, 1), 0)
    survey(session, 2, "How happy are you?")
    answered(session, survey(session, 3), 12)
    assert reworded(session, "csat", 1, {}) == []


def test_a_draft_and_struck_answers_are_no_break(session: Session) -> None:
    answered(session, survey(session, 1), 0)
    survey(session, 2, "How happy are you?", published_at=None)
    three = survey(session, 3, "How glad are you?")
    make_response(
        session, csat=1, survey_id=three.id, excluded_at=JUNE, excluded_because="A test.",
    )  # fmt: skip
    session.commit()
    assert reworded(session, "csat", 1, {}) == []


def test_each_wave_and_each_figure_has_breaks_of_its_own(session: Session) -> None:
    answered(session, survey(session, 1), 0)
    two = survey(session, 2, "How happy are you?")
    answered(session, two, 12)
    assert reworded(session, "csat", 2, {}) == []
    assert reworded(session, "nps", 1, {}) == []
    answered(session, two, 3, wave=2)
    assert [one.day for one in reworded(session, "csat", 2, {})] == [date(2026, 6, 4)]


def test_other_surveys_asking_otherwise_are_no_break(session: Session) -> None:
    answered(session, survey(session, 1), 0)
    answered(session, survey(session, 1, "How was the store?", key="store"), 12)
    assert reworded(session, "csat", 1, {}) == []


def test_a_break_concerns_only_those_who_were_asked_so_and_has_everybodys_day(
    session: Session,
) -> None:
    first, second = person(session, "e-1", "李静"), person(session, "e-2", "白云")
    answered(session, survey(session, 1), 0, 1, staff=first)
    two = survey(session, 2, "How happy are you?")
    answered(session, two, 12, staff=first)
    assert reworded(session, "csat", 1, {"staff": second.id}) == []
    # When their own first answer to it was is nobody's affair.
    answered(session, two, 33, staff=second)
    assert reworded(session, "csat", 1, {"staff": second.id}) == [Reworded(date(2026, 6, 13), 2)]
    web = make_channel(session, "web").id
    assert reworded(session, "csat", 1, {"channel": web}) == []
    answered(session, two, 40, staff=second, channel="web")
    assert reworded(session, "csat", 1, {"channel": web}) == [Reworded(date(2026, 6, 13), 2)]
