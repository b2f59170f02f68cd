"""The file from which a figure can be computed again: it gives the very number that is shown."""

import csv
import io
import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

import openpyxl
import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient, FlaskCliRunner
from sqlalchemy.orm import Session

from feedback.accounts.models import Look
from feedback.interactions.models import StaffMember
from feedback.invitations.models import Invitation
from feedback.measures.estimate import DEFINITIONS
from feedback.responses.models import Answer, Response
from feedback.surveys.models import Survey
from tests.conftest import START, Time
from tests.reports.spreadsheet import Spreadsheet
from tests.reports.stories import answered, person, reader, words

DAYS = "from=2026-08-01&to=2026-09-02&lang=en"


class File:
    """A downloaded file: its rows, what it shows and what its formulas give, and its answers."""

    def __init__(self, rows: Sequence[Sequence[Any]]) -> None:
        self.rows = [["" if cell is None else cell for cell in row] for row in rows]
        self.sheet = Spreadsheet(self.rows)
        self.head = {str(row[0]): row[1] for row in self.rows if len(row) > 1}
        at = next(i for i, row in enumerate(self.rows) if row and row[0] == "Day of the contact")
        self.answers = []
        for row in self.rows[at + 1 :]:
            if not any(cell != "" for cell in row):
                break
            self.answers.append([*row, "", "", ""][:7])

    def lines(self) -> Iterator[tuple[str, object, object]]:
        """Yield each line of the working: its name, what is shown, and what its formula gives."""
        begun = False
        for number, row in enumerate(self.rows, start=1):
            if begun and not any(cell != "" for cell in row):
                return
            if begun:
                yield str(row[0]), row[1], self.sheet.cell(f"C{number}")
            begun = begun or (len(row) > 2 and row[2] == "Computed here")

    def computed(self) -> list[float]:
        """Return the value and both ends as the formulas give them; with those struck after."""
        wanted = ("Value", "Low", "High", "Value with those struck")
        return [float(str(given)) for name, _shown, given in self.lines() if name in wanted]

    def shown(self) -> list[float]:
        """Return the same as they are shown."""
        wanted = ("Value", "Low", "High", "Value with those struck")
        return [float(str(shown)) for name, shown, _given in self.lines() if name in wanted]

    def scores(self, *, struck: bool = False) -> list[int]:
        """Return the scores that count, or all of them."""
        return [int(row[2]) for row in self.answers if struck or int(row[3]) == 1]


def get(client: FlaskClient, query: str, kind: str = "csv") -> File:
    answer = client.get(f"/responses/recompute.{kind}?{DAYS}&{query}")
    assert answer.status_code == 200, answer.location
    assert "attachment" in answer.headers["Content-Disposition"]
    if kind == "csv":
        assert answer.data.startswith(b"\xef\xbb\xbf")
        return File(list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"), newline=""))))
    book = openpyxl.load_workbook(io.BytesIO(answer.data))
    assert book.active is not None
    return File([[_value(cell) for cell in row] for row in book.active.iter_rows()])


def _value(cell: Any) -> Any:
    """Return what a workbook's cell holds; a text that looks like a formula is marked as text."""
    is_text = cell.data_type == "s" and cell.value.startswith("=")
    return f"'{cell.value}" if is_text else cell.value


def strike(session: Session, responses: Sequence[Response], because: str = "test") -> None:
    for response in responses:
        response.excluded_at, response.excluded_because = START, because
    session.commit()


def give_ces(session: Session, responses: Sequence[Response], scores: Sequence[int]) -> None:
    for response, score in zip(responses, scores, strict=True):
        response.answers.append(Answer(question_key="ces", metric="ces", score=score))
    session.commit()


@pytest.fixture
def staff(session: Session, time: Time) -> StaffMember:
    return person(session, "e-1", "李静")


class TestTheNumber:
    @pytest.fixture(autouse=True)
    def manager(self, client: FlaskClient, session: Session, time: Time) -> None:
        reader(client, session, "manager", None)

    @pytest.mark.parametrize("kind", ["csv", "xlsx"])
    def test_csat_comes_out_of_the_rows_and_out_of_the_formulas(
        self, client: FlaskClient, session: Session, staff: StaffMember, kind: str
    ) -> None:
        answered(session, staff, [5] * 10 + [4] * 7 + [3, 2, 1])
        file = get(client, "metric=csat&wave=1", kind)
        assert file.computed() == pytest.approx([0.85, 0.639581, 0.947631], abs=1e-6)
        assert file.shown() == pytest.approx(file.computed(), abs=1e-6)
        scores = file.scores()
        assert sum(score >= 4 for score in scores) / len(scores) == 0.85
        assert [int(row[4]) for row in file.answers] == [int(score >= 4) for score in scores]

    @pytest.mark.parametrize("kind", ["csv", "xlsx"])
    def test_nps_and_its_interval_come_out(
        self, client: FlaskClient, session: Session, staff: StaffMember, kind: str
    ) -> None:
        answered(session, staff, nps=[0, 3, 4, 5, 6, 6, 6, 6] + [7] * 13 + [9, 10] * 7 + [9])
        file = get(client, "metric=nps&wave=1", kind)
        expected = [0.194444, -0.067697, 0.428670]
        assert file.computed() == pytest.approx(expected, abs=1e-6)
        assert file.shown() == pytest.approx(expected, abs=1e-6)
        assert sum(int(row[4]) for row in file.answers) / 36 == pytest.approx(0.194444, abs=1e-6)

    @pytest.mark.parametrize("kind", ["csv", "xlsx"])
    def test_ces_and_its_interval_come_out(
        self, client: FlaskClient, session: Session, staff: StaffMember, kind: str
    ) -> None:
        counts = (8, 21, 14, 11, 16, 18, 12)
        scores = [score for score, times in enumerate(counts, start=1) for _ in range(times)]
        give_ces(session, answered(session, staff, [5] * 100), scores)
        file = get(client, "metric=ces&wave=1", kind)
        expected = DEFINITIONS["ces"].of(dict(enumerate(counts, start=1)))
        assert expected is not None
        numbers = [expected.value, expected.low, expected.high]
        assert file.computed() == pytest.approx(numbers, abs=1e-9)
        assert file.shown() == pytest.approx(numbers, abs=1e-6)
        assert sum(file.scores()) / 100 == pytest.approx(4.08)

    @pytest.mark.parametrize(
        ("metric", "scores"),
        [("csat", [5] * 12), ("csat", [1] * 12), ("nps", [10] * 12), ("nps", [0] * 12),
         ("nps", [8] * 12), ("nps", [0, 10] * 6)],
    )  # fmt: skip
    def test_the_ends_of_the_scale_come_out_too(
        self,
        client: FlaskClient,
        session: Session,
        staff: StaffMember,
        metric: str,
        scores: list[int],
    ) -> None:
        answered(session, staff, **{"csat": [5] * 12} | {metric: scores})
        file = get(client, f"metric={metric}")
        expected = DEFINITIONS[metric].of({score: scores.count(score) for score in scores})
        assert expected is not None
        numbers = [expected.value, expected.low, expected.high]
        assert file.computed() == pytest.approx(numbers, abs=1e-9)

    @pytest.mark.parametrize("kind", ["csv", "xlsx"])
    @pytest.mark.parametrize("metric", ["csat", "nps"])
    def test_struck_answers_are_there_with_their_reason_and_both_figures_come_out(
        self, client: FlaskClient, session: Session, staff: StaffMember, kind: str, metric: str
    ) -> None:
        """Row 22: three of twenty struck, all of them low."""
        scores = [5] * 16 + [1] * 4 if metric == "csat" else [9] * 16 + [2] * 4
        given = answered(session, staff, **{"csat": [5] * 20} | {metric: scores})
        strike(session, given[-3:], "=cmd|'/c calc'!A0")
        file = get(client, f"metric={metric}", kind)
        without, with_them = file.computed()[:3], file.computed()[3:]
        if metric == "csat":
            assert without[0] == pytest.approx(0.941176, abs=1e-6)
            assert with_them[0] == pytest.approx(0.8)
        expected = [
            DEFINITIONS[metric].of({score: found.count(score) for score in found})
            for found in (file.scores(), file.scores(struck=True))
        ]
        numbers = [n for e in expected if e is not None for n in (e.value, e.low, e.high)]
        assert without + with_them == pytest.approx(numbers, abs=1e-9)
        assert file.shown() == pytest.approx(numbers, abs=1e-6)
        struck = [row for row in file.answers if int(row[3]) == 0]
        assert len(struck) == 3
        # Somebody's words are no formula, whatever they begin with.
        assert {row[5] for row in struck} == {"'=cmd|'/c calc'!A0"}

    def test_it_is_the_number_of_the_page_and_of_the_command(
        self, client: FlaskClient, runner: FlaskCliRunner, session: Session, staff: StaffMember
    ) -> None:
        answered(session, staff, [5] * 16 + [2] * 4, nps=[10, 8, 3, 0] * 5)
        page = client.get(f"/reports?{DAYS}").text
        for metric in ("csat", "nps"):
            link = re.search(rf'href="(/responses/recompute.csv[^"]*metric={metric}[^"]*)"', page)
            assert link
            data = client.get(link[1].replace("&amp;", "&")).data.decode("utf-8-sig")
            file = File(list(csv.reader(io.StringIO(data, newline=""))))
            result = runner.invoke(args=["scores", "--metric", metric, "--format", "json"])
            (point,) = json.loads(result.stdout)["groups"][0]["points"]
            assert file.shown() == [point["value"], point["low"], point["high"]]
            assert "Right after Provisional 80 % · 20 answers · 58–92 %" in words(page)

    def test_it_says_what_it_is(
        self, client: FlaskClient, session: Session, staff: StaffMember
    ) -> None:
        answered(session, staff, [5] * 12)
        head = get(client, "metric=csat&wave=1&channel=phone&staff=e-1").head
        assert head["Recompute"] == "CSAT"
        assert head["Definition"] == "csat/1"
        assert (head["From"], head["To"]) == ("2026-08-01", "2026-09-02")
        assert head["Days are"] == "those of the contact, not of the answer"
        assert (head["Wave"], head["Channel"], head["Staff member"]) == ("1", "Phone", "李静")
        assert head["Level of the interval"] == "0.95"
        assert head["Provisional"] == "yes"

    def test_where_a_page_shows_no_score_of_a_person_the_file_shows_none(
        self, client: FlaskClient, session: Session, staff: StaffMember
    ) -> None:
        answered(session, staff, [5] * 7)
        file = get(client, "metric=csat&staff=e-1")
        assert {name: shown for name, shown, _given in file.lines()} == {
            "Answers": "7",
            "Value": "Too few answers to judge (7 of 10).",
        }
        assert len(file.answers) == 7

    def test_other_days_waves_and_questions_stay_out(
        self, client: FlaskClient, session: Session, staff: StaffMember
    ) -> None:
        answered(session, staff, [5] * 10, nps=[1])
        answered(session, staff, [1] * 10, wave=2)
        assert get(client, "").scores() == [5] * 10
        assert get(client, "wave=2").scores() == [1] * 10

    def test_what_is_held_for_a_machines_is_no_answer_and_is_not_struck(
        self, client: FlaskClient, session: Session, staff: StaffMember
    ) -> None:
        answered(session, staff, [5] * 10)
        (held,) = answered(session, staff, [1])
        contact = held.interaction
        invitation = Invitation(
            interaction_id=contact.id,
            customer_id=contact.customer_id,
            survey_id=session.scalars(sa.select(Survey.id)).first(),
            wave=1,
            planned_at=START,
            due_at=START,
            expires_at=START,
        )
        session.add(invitation)
        session.flush()
        held.invitation_id = invitation.id
        held.suspected_at, held.suspected_because = START, "quick_posts"
        session.commit()
        file = get(client, "")
        assert file.scores(struck=True) == [5] * 10


class TestSight:
    def team(self, session: Session, sizes: Sequence[int]) -> list[StaffMember]:
        members = [person(session, f"e-{i}", f"成员{i}") for i in range(len(sizes))]
        for member, size in zip(members, sizes, strict=True):
            answered(session, member, [5, 3, 1, 4, 2, 5, 5, 5, 5][:size])
        return members

    def test_nothing_in_it_tells_who_the_customer_is(
        self, client: FlaskClient, session: Session, time: Time
    ) -> None:
        (me,) = self.team(session, (9,))
        reader(client, session, "staff", me)
        file = get(client, "")
        text = str(file.rows)
        assert "王伟" not in text
        assert "wangwei" not in text
        assert "t-" not in str(file.answers)
        assert [row[6] for row in file.answers] == [""] * 9

    def test_the_contacts_number_is_for_those_whose_list_has_it(
        self, client: FlaskClient, session: Session, time: Time
    ) -> None:
        me, _colleague = self.team(session, (9, 9))
        reader(client, session, "lead", me)
        assert all(str(row[6]).startswith("t-") for row in get(client, "").answers)

    @pytest.mark.parametrize("query", ["staff=e-1", "team=别的组", "staff=nobody", "team=none"])
    def test_others_are_refused(
        self, client: FlaskClient, session: Session, time: Time, query: str
    ) -> None:
        me, _colleague = self.team(session, (9, 9))
        person(session, "e-9", "外人", team="别的组")
        reader(client, session, "staff", me)
        for kind in ("csv", "xlsx"):
            assert client.get(f"/responses/recompute.{kind}?{DAYS}&{query}").status_code == 403

    def test_staff_who_name_nobody_get_their_own(
        self, client: FlaskClient, session: Session, time: Time
    ) -> None:
        me, _colleague = self.team(session, (3, 9))
        reader(client, session, "staff", me)
        assert get(client, "").scores() == [5, 3, 1]

    @pytest.mark.parametrize("query", ["staff=e-0", "from=yesterday", "metric=nps", "wave=2"])
    def test_who_may_not_list_the_answers_is_sent_to_the_list_that_says_why(
        self, client: FlaskClient, session: Session, time: Time, query: str
    ) -> None:
        self.team(session, (3, 6, 9))
        reader(client, session, "manager", None)
        answer = client.get(f"/responses/recompute.csv?to=2026-09-02&lang=en&{query}")
        assert answer.status_code == 302
        assert answer.location.startswith("/responses?")
        assert query in answer.location

    def test_answers_about_somebody_with_too_few_count_and_have_no_day(
        self, client: FlaskClient, session: Session, time: Time
    ) -> None:
        """As in the list: 3 and 6 are not listed, 9 are; the figure is of all 18."""
        self.team(session, (3, 6, 9))
        reader(client, session, "manager", None)
        file = get(client, "metric=csat")
        listed = [row for row in file.answers if row[0]]
        unlisted = [row for row in file.answers if not row[0]]
        assert (len(listed), len(unlisted)) == (9, 9)
        assert file.head["Rows without a day"] == "9"
        scores = [int(row[2]) for row in unlisted]
        assert scores == sorted(scores)
        assert all(row[6] == "" for row in unlisted)
        good = sum(int(row[4]) for row in file.answers)
        assert file.computed()[0] == pytest.approx(good / 18)
        assert file.shown()[0] == pytest.approx(good / 18, abs=1e-6)

    def test_struck_answers_about_somebody_with_too_few_are_told_to_nobody_else(
        self, client: FlaskClient, session: Session, time: Time
    ) -> None:
        self.team(session, (3, 6, 9))
        newcomer = person(session, "e-8", "新人")
        strike(session, answered(session, newcomer, [1, 1]))
        reader(client, session, "manager", None)
        file = get(client, "metric=csat")
        assert [row for row in file.answers if int(row[3]) == 0] == []
        assert "Struck" in file.head
        assert "Value with those struck" not in str(file.rows)

    def test_that_somebody_took_the_file_is_kept_and_can_be_read(
        self, client: FlaskClient, session: Session, time: Time
    ) -> None:
        me, colleague = self.team(session, (7, 9))
        lead = reader(client, session, "lead", me)
        get(client, "")
        looks = session.scalars(sa.select(Look)).all()
        assert [(look.user_id, look.staff_id, look.page) for look in looks] == [
            (lead.id, colleague.id, "recompute")
        ]
        reader(client, session, "staff", colleague)
        assert "Answers, as a file" in words(client.get("/me?lang=en").text)

    def test_somebody_without_a_staff_record_gets_no_file(
        self, client: FlaskClient, session: Session, time: Time
    ) -> None:
        reader(client, session, "staff", None)
        assert client.get(f"/responses/recompute.csv?{DAYS}").status_code == 302

    def test_the_list_leads_to_it(self, client: FlaskClient, session: Session, time: Time) -> None:
        (me,) = self.team(session, (9,))
        reader(client, session, "staff", me)
        page = client.get(f"/responses?{DAYS}&metric=csat&wave=1").text
        (link,) = re.findall(r'href="(/responses/recompute.xlsx[^"]*)"', page)
        assert client.get(link.replace("&amp;", "&")).status_code == 200
        assert "recompute" not in client.get(f"/responses?{DAYS}").text
