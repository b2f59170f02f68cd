"""A control chart of a page: all periods make the baseline, the page's days are what is shown."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from feedback.interactions.models import StaffMember
from feedback.reports.filters import Filters
from feedback.reports.findings import control_finding
from feedback.reports.gather import About
from feedback.reports.models import Annotation
from feedback.reports.pictures import control_line
from feedback.reports.reader import Reader
from feedback.reports.request import ScoreRequest
from feedback.reports.scores import score_groups
from feedback.reports.spans import Span
from feedback.reports.trends.baselines import Progress
from feedback.reports.trends.control import Control, control
from feedback.reports.trends.control_words import (
    instead_words,
    mark_words,
    marks_sentence,
    thin_words,
)
from feedback.reports.trends.point_limits import hold_points
from feedback.touchpoints.models import Target
from tests.factories import make_user
from tests.reports.stories import answered, person

NOW = datetime(2026, 9, 20, 4, 0, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Shanghai")
# From July 2025 on; so many of twenty were satisfied.
STEADY = (16, 17, 15, 18, 16, 15, 17, 16, 18, 15, 16, 17)
Charted = Callable[..., Control]


@pytest.fixture
def staff(session: Session) -> StaffMember:
    return person(session, "e-1", "李静")


def month(place: int) -> datetime:
    """Return the 10th of a month, counted from July 2025."""
    year, number = divmod(6 + place, 12)
    return datetime(2025 + year, number + 1, 10, 4, 0, tzinfo=UTC)


def story(session: Session, staff: StaffMember, good: tuple[int, ...], n: int = 20) -> None:
    for place, satisfied in enumerate(good):
        if satisfied >= 0:
            scores = [5] * satisfied + [2] * (n - satisfied)
            answered(session, staff, scores, closed_at=month(place))


@pytest.fixture
def charted(app: Flask, session: Session) -> Iterator[Charted]:
    with app.test_request_context(headers={"Accept-Language": "en"}):

        def chart(
            first: date = date(2025, 7, 1),
            last: date = date(2026, 9, 20),
            *,
            metric: str = "csat",
            wave: int = 1,
            period: str = "month",
            staff: StaffMember | None = None,
            own: bool = False,
        ) -> Control:
            session.commit()
            reader = Reader(
                session, ZONE, 5, "en", NOW, staff.id if own and staff else None, 30, sees_all=own
            )
            where = {"staff": staff.external_id} if staff else {}
            ids = {"staff": staff.id} if staff else {}
            filters = Filters(Span(first, last), metric, period, wave, where)
            about = About(person=staff is not None, own=own)
            return control(reader, filters, metric, wave, about, ids)

        yield chart


def test_the_baseline_is_older_than_the_page(
    session: Session, staff: StaffMember, charted: Charted
) -> None:
    story(session, staff, (*STEADY, 16, 4))
    whole, late = charted(), charted(date(2026, 7, 1))
    assert [part.label for part in late.trend.parts] == ["2026-07", "2026-08", "2026-09"]
    assert late.points == whole.points[-3:]
    assert [one.mark for one in late.points] == [None, "outside", None]
    assert late.progress == Progress(12)
    assert instead_words(late) == ""


def test_a_page_of_an_early_month_is_held_against_the_same_baseline(
    session: Session, staff: StaffMember, charted: Charted
) -> None:
    story(session, staff, (*STEADY, 16, 4))
    early = charted(date(2025, 9, 1), date(2025, 10, 31))
    assert early.points == charted().points[2:4]


def test_too_short_a_history_says_how_far_the_baseline_is(
    session: Session, staff: StaffMember, charted: Charted
) -> None:
    story(session, staff, STEADY[:7])
    found = charted()
    assert {one.limits for one in found.points} == {None}
    assert instead_words(found) == "Building a baseline: 7 of 12 months"
    assert control_line(found).instead == "Building a baseline: 7 of 12 months"
    assert instead_words(charted(period="week")) == "Building a baseline: 7 of 12 weeks"


def test_hidden_months_are_no_part_of_it_and_have_neither_limits_nor_mark(
    session: Session, staff: StaffMember, charted: Charted
) -> None:
    story(session, staff, (*STEADY[:11], -1, 16, 16))
    # Three answers, all bad: under five they are shown to nobody.
    answered(session, staff, [1, 1, 1], closed_at=month(11))
    found = charted()
    hidden = next(i for i, part in enumerate(found.trend.parts) if part.label == "2026-06")
    assert found.figures[hidden].n is None
    assert (found.points[hidden].limits, found.points[hidden].mark) == (None, None)
    # Eleven months and July; were June among them, its answers would have moved the middle.
    good = sum(STEADY[:11]) + 16
    assert found.points[-1].centre == pytest.approx(good / 240)


def test_the_month_that_is_not_over_is_hollow_and_never_news(
    session: Session, staff: StaffMember, charted: Charted
) -> None:
    story(session, staff, (*STEADY, 16, 16, 1))
    found = charted()
    assert found.figures[-1].provisional
    assert found.figures[-1].value == 0.05
    assert found.points[-1].limits is not None
    assert found.points[-1].mark is None


def test_a_month_the_page_cuts_short_is_not_that_month_and_has_no_limits(
    session: Session, staff: StaffMember, charted: Charted
) -> None:
    story(session, staff, (*STEADY, 4))
    answered(session, staff, [5] * 6, closed_at=month(12) + timedelta(days=10))
    whole, cut = charted(date(2026, 6, 1)), charted(date(2026, 6, 1), date(2026, 7, 15))
    assert whole.points[1].mark == "outside"
    assert cut.figures[1].n == 20
    assert (cut.points[1].limits, cut.points[1].mark) == (None, None)


def test_an_annotation_that_breaks_begins_a_new_baseline_and_others_do_not(
    session: Session, staff: StaffMember, charted: Charted
) -> None:
    story(session, staff, (*STEADY, 8, 9))
    manager = make_user(session, "manager")

    def note(day: date, text: str, *, breaks: bool) -> None:
        session.add(
            Annotation(
                day=day, text=text, breaks=breaks, subject="all", subject_id=0,
                made_at=NOW, made_by_id=manager.id,
            )
        )  # fmt: skip

    note(date(2026, 7, 20), "Summer party", breaks=False)
    assert [one.mark for one in charted().points][-3:-1] == ["outside", "outside"]
    note(date(2026, 7, 1), "New script", breaks=True)
    found = charted()
    assert {one.mark for one in found.points} == {None}
    assert [one.after_break for one in found.points][-3:] == [True, False, False]
    assert instead_words(found) == "Building a baseline: 2 of 12 months"
    assert [(one.text, one.breaks) for one in found.events] == [
        ("New script", True), ("Summer party", False),
    ]  # fmt: skip
    line = control_line(found)
    assert [event.text for event in line.events] == [
        "1 Jul 2026: New script", "20 Jul 2026: Summer party",
    ]  # fmt: skip
    assert [event.place for event in line.events] == [12.0, 12 + 19 / 31]
    # On a page that begins later it still parts the baselines, and is not drawn.
    later = charted(date(2026, 8, 1))
    assert later.events == ()
    assert instead_words(later) == "Building a baseline: 2 of 12 months"


def target(session: Session, **values: object) -> None:
    manager, other = make_user(session, "manager"), make_user(session, "admin")
    given = {
        "metric": "csat", "wave": 1, "subject": "all", "subject_id": 0, "value": 0.9,
        "from_day": date(2026, 7, 1), "set_at": datetime(2026, 6, 1, tzinfo=UTC),
        "set_on": date(2026, 6, 1), "set_by_id": manager.id,
    } | values  # fmt: skip
    if given["from_day"] <= given["set_on"]:  # type: ignore[operator]
        given |= {"confirmed_at": given["set_at"], "confirmed_by_id": other.id}
    session.add(Target(**given))


def test_a_target_is_a_line_from_its_first_day_on(
    session: Session, staff: StaffMember, charted: Charted
) -> None:
    story(session, staff, (*STEADY, 16, 16))
    target(session)
    found = control_line(charted())
    (line,) = found.targets
    assert (line.first, line.last, line.value, line.label) == (12.0, 15.0, 0.9, "Target 90 %")
    assert not [remark for remark in found.remarks if "set on" in remark]


def test_a_target_set_after_its_period_began_says_so_on_the_chart(
    session: Session, staff: StaffMember, charted: Charted
) -> None:
    story(session, staff, (*STEADY, 16, 16))
    target(
        session, set_on=date(2026, 8, 12), set_at=datetime(2026, 8, 12, tzinfo=UTC),
        reason="Agreed with the works council.",
    )  # fmt: skip
    remarks = " ".join(control_line(charted()).remarks)
    assert "12 Aug 2026" in remarks
    assert "Agreed with the works council." in remarks


def test_nobody_is_held_against_a_target_line(
    session: Session, staff: StaffMember, charted: Charted
) -> None:
    story(session, staff, (*STEADY, 16, 16))
    target(session)
    assert control_line(charted(staff=staff)).targets == ()


def test_a_chart_that_cannot_see_much_says_so(
    session: Session, staff: StaffMember, charted: Charted
) -> None:
    story(session, staff, tuple(good // 2 for good in STEADY), n=10)
    found = charted(staff=staff)
    assert thin_words(found) == (
        "With so few answers a month (usually 10), this chart cannot see a change of 10 points."
    )
    assert thin_words(found) in control_line(found).remarks
    story(session, staff, (10,) * 12, n=10)
    assert thin_words(charted(staff=staff)) == ""


def test_a_person_sees_of_themselves_what_others_see_held_the_same(
    session: Session, staff: StaffMember, charted: Charted
) -> None:
    story(session, staff, (*STEADY, 4))
    answered(session, staff, [1, 1], closed_at=month(13))
    others, own = charted(staff=staff), charted(staff=staff, own=True)
    assert others.points == own.points
    assert [one.mark for one in own.points][-3:] == ["outside", None, None]


def test_each_wave_is_a_chart_of_its_own_and_the_table_has_both(
    session: Session, staff: StaffMember, charted: Charted
) -> None:
    story(session, staff, (*STEADY, 4))
    answered(session, staff, [5] * 9 + [1], closed_at=month(5), wave=2)
    first, second = charted(), charted(wave=2)
    assert [one.mark for one in first.points].count("outside") == 1
    assert {one.limits for one in second.points} == {None}
    assert instead_words(second) == "Building a baseline: 1 of 12 months"
    assert first.trend == second.trend


def test_the_same_is_said_in_words(session: Session, staff: StaffMember, charted: Charted) -> None:
    story(session, staff, (*STEADY, 16, 4))
    found = charted()
    assert mark_words(found.points[13]) == "outside the limits"
    assert marks_sentence(found) == "1 point is outside the limits."
    said = control_finding(found)
    assert said.startswith("CSAT, right after: in Aug 2026 20 % (20 answers, 95 % interval 8–42 %)")
    assert "limits 56–100 % about 82 %" in said
    assert said.endswith("1 point is outside the limits.")
    quiet = charted(date(2025, 7, 1), date(2026, 6, 30))
    assert marks_sentence(quiet) == (
        "No point is outside the limits, and there is no long run on one side."
    )


def test_a_long_run_is_said_in_words(
    session: Session, staff: StaffMember, charted: Charted
) -> None:
    story(session, staff, (*(14,) * 4, *(18,) * 10))
    found = charted()
    assert [one.mark for one in found.points] == [None] * 4 + ["run"] * 10 + [None]
    assert mark_words(found.points[5]) == "one of 8 or more in a row on one side"
    assert marks_sentence(found) == "10 points are among 8 or more in a row on one side."


def test_programs_get_limits_and_marks_for_the_points_of_scores(
    app: Flask, session: Session, staff: StaffMember, charted: Charted
) -> None:
    story(session, staff, (*STEADY, 16, 4))
    page = charted()
    (group,) = score_groups(
        session,
        ScoreRequest("csat", None, "month", date(2025, 7, 1), date(2026, 9, 20), 1, {}),
        zone=ZONE, min_group=5, sees_all=False, locale="en", now=NOW,
    )  # fmt: skip
    starts = [part.days.first for part in page.trend.parts]
    assert tuple(hold_points("csat", group["points"], starts)) == page.points


def test_no_answers_at_all_is_no_chart_and_no_error(session: Session, charted: Charted) -> None:
    found = charted()
    assert found.trend.is_empty
    assert not found.is_thin
    assert control_finding(found) == "CSAT: too few answers to show."
