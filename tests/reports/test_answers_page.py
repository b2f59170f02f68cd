"""Single answers: exactly those behind a figure, whole, and nobody's that are not to be seen."""

import re
from collections.abc import Sequence
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from feedback.accounts.models import Look
from feedback.interactions.models import StaffMember
from feedback.interactions.move import move
from feedback.responses.models import Answer, Response
from feedback.surveys.models import Survey
from tests.conftest import START, Time
from tests.factories import make_interaction, make_response
from tests.reports.stories import RECENTLY, answered, person, reader, words

DAYS = "from=2026-08-01&to=2026-09-02&lang=en"


def count_of(page: str) -> str:
    found = re.search(r'<h2 id="count">(.*?)</h2>', page)
    assert found
    return found[1]


def listed(page: str) -> int:
    return page.count('<li class="entry')


def get(client: FlaskClient, query: str = "") -> str:
    return client.get(f"/responses?{DAYS}&{query}").text


@pytest.fixture
def busy(session: Session, time: Time) -> StaffMember:
    """Somebody with plenty of answers."""
    staff = person(session, "e-1", "李静")
    answered(session, staff, [5, 4, 3, 2, 1, 5], nps=[10, 8, 3, None, 0, 9])
    return staff


class TestFilters:
    @pytest.fixture(autouse=True)
    def manager(self, client: FlaskClient, session: Session, time: Time) -> None:
        reader(client, session, "manager", None)

    @pytest.mark.parametrize(
        ("query", "count"),
        [
            ("metric=csat", "6 answers"), ("metric=nps", "5 answers"),
            ("metric=csat&wave=1", "6 answers"), ("metric=csat&wave=2", "no answers"),
            ("metric=csat&score=1", "1 answer"), ("metric=csat&score=high", "3 answers"),
            ("metric=csat&score=low", "3 answers"), ("metric=nps&score=high", "2 answers"),
            ("metric=nps&score=middle", "1 answer"), ("metric=nps&score=0", "1 answer"),
            ("staff=e-1", "6 answers"), ("team=客服一组", "6 answers"),
            ("channel=phone", "6 answers"), ("", "6 answers"),
        ],
    )  # fmt: skip
    @pytest.mark.usefixtures("busy")
    def test_each_filter_narrows_the_list(
        self, client: FlaskClient, query: str, count: str
    ) -> None:
        page = get(client, query)
        assert count_of(page) == count
        assert listed(page) == int(count.split()[0].replace("no", "0"))

    def test_days_are_those_of_the_contact(
        self, client: FlaskClient, session: Session, busy: StaffMember
    ) -> None:
        later = make_interaction(
            session, closed_at=RECENTLY - timedelta(days=200), staff_id=busy.id
        )
        make_response(session, later, csat=5, answered_at=RECENTLY)
        session.commit()
        assert count_of(get(client)) == "6 answers"

    def test_only_those_with_words(
        self, client: FlaskClient, session: Session, busy: StaffMember
    ) -> None:
        answered(session, busy, [4, 4], comments=["很好", None])
        page = get(client, "comments=1")
        assert count_of(page) == "1 answer"
        assert "很好" in page

    @pytest.mark.usefixtures("busy")
    @pytest.mark.parametrize(
        ("query", "named"),
        [("metric=csat&score=9", "Score"), ("score=5", "Score"),
         ("metric=csat&score=middle", "Score"), ("before=yesterday", "Place in the list"),
         ("wave=3", "Wave"), ("channel=fax", "Channel")],
    )  # fmt: skip
    def test_a_bad_filter_is_named_and_the_rest_is_still_there(
        self, client: FlaskClient, query: str, named: str
    ) -> None:
        answer = client.get(f"/responses?{DAYS}&{query}")
        assert answer.status_code == 400
        assert named in re.findall(r'role="alert">(.*?)</p>', answer.text)[0]
        assert listed(answer.text) == 6

    def test_fifty_a_page_and_the_older_ones_behind_a_link(
        self, client: FlaskClient, session: Session, busy: StaffMember
    ) -> None:
        # Many at the very same moment, as an import has them: none twice, none left out.
        answered(session, busy, [4] * 120)
        session.execute(sa.update(Response).values(answered_at=RECENTLY))
        session.commit()
        seen: list[str] = []
        address = f"/responses?{DAYS}&metric=csat"
        for more in (True, True, False):
            page = client.get(address).text
            assert count_of(page) == "126 answers"
            seen += re.findall(r"<span>(t-\d+)</span>", page)
            link = re.search(r'<a href="([^"]+)" rel="next"', page)
            assert (link is not None) == more
            address = link[1].replace("&amp;", "&") if link else ""
        assert len(seen) == len(set(seen)) == 126


class TestWords:
    @pytest.fixture(autouse=True)
    def manager(self, client: FlaskClient, session: Session, time: Time) -> None:
        reader(client, session, "manager", None)

    @pytest.mark.parametrize(
        "comment",
        [
            "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{ 7 * 7 }}",
            "مرحبا \u202eabc\u202c", "𠮷野家 👩‍👩‍👧‍👦", "😀" * 1000, "a" * 1000,
            "line one\nline two\n\n  four",
            "%s %(name)s {0}", "&amp; &lt;",
        ],
    )  # fmt: skip
    def test_a_comment_keeps_every_character_and_breaks_nothing(
        self, client: FlaskClient, session: Session, busy: StaffMember, comment: str
    ) -> None:
        answered(session, busy, [4], comments=[comment])
        page = get(client, "comments=1")
        escaped = comment.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        escaped = escaped.replace('"', "&#34;").replace("'", "&#39;")
        assert f'<blockquote class="said" dir="auto">{escaped}</blockquote>' in page
        assert page.count("<script") == page.count("</script") == 0
        assert "onerror=alert(1)>" not in page

    def test_reasons_stand_in_the_readers_language(
        self, client: FlaskClient, session: Session, busy: StaffMember
    ) -> None:
        survey = session.scalars(sa.select(Survey).where(Survey.key == "after")).one()
        response = answered(session, busy, [1])[0]
        response.survey_id = survey.id
        response.answers.append(Answer(question_key="reasons", choice="waiting"))
        # Another system's own word has no translation.
        foreign = answered(session, busy, [1])[0]
        foreign.answers.append(Answer(question_key="reasons", choice="Misc<b>"))
        session.commit()
        english, chinese = get(client), client.get(f"/responses?{DAYS[:-2]}zh").text
        assert "Waiting time" in english
        assert "等待时间" in chinese
        assert "Misc&lt;b&gt;" in english

    def test_nothing_tells_who_the_customer_was(
        self, client: FlaskClient, session: Session, busy: StaffMember
    ) -> None:
        interaction = make_interaction(
            session, closed_at=RECENTLY, staff_id=busy.id, customer_name="欧阳娜娜",
            customer_email="nana@example.cn", customer_phone="+8613800138000",
        )  # fmt: skip
        make_response(session, interaction, csat=4, comment="好")
        session.commit()
        page = get(client)
        for secret in ("欧阳娜娜", "nana", "13800138000"):
            assert secret not in page

    def test_an_excluded_answer_is_struck_with_its_reason_and_not_counted(
        self, client: FlaskClient, session: Session, busy: StaffMember
    ) -> None:
        struck = answered(session, busy, [1], comments=["不是我们的客户"])[0]
        struck.excluded_at, struck.excluded_because = START, "another company's customer"
        session.commit()
        page = get(client, "metric=csat")
        assert count_of(page) == "6 answers"
        assert listed(page) == 7
        entry = page[page.index('<li class="entry struck') :]
        assert "不是我们的客户" in entry
        assert "another company&#39;s customer" in entry
        assert "Struck, not counted" in entry


class TestSight:
    def team(self, session: Session, sizes: Sequence[int]) -> list[StaffMember]:
        people = [person(session, f"e-{i}", f"成员{i}") for i in range(len(sizes))]
        for staff, size in zip(people, sizes, strict=True):
            answered(session, staff, [4] * size, comments=[f"about {staff.name}"] * size)
        return people

    def test_staff_see_their_own_however_few_and_without_the_reference(
        self, client: FlaskClient, session: Session, time: Time
    ) -> None:
        me, _colleague = self.team(session, (2, 9))
        reader(client, session, "staff", me)
        page = get(client)
        assert count_of(page) == "2 answers"
        assert "about 成员0" in page
        assert "成员1" not in page
        assert not re.findall(r"<span>t-\d+</span>", page)

    @pytest.mark.parametrize("asked", ["staff=e-1", "team=客服一组", "staff=e-99", "team=nobody"])
    def test_staff_are_refused_what_is_not_their_own(
        self, client: FlaskClient, session: Session, time: Time, asked: str
    ) -> None:
        me, _colleague = self.team(session, (2, 9))
        reader(client, session, "staff", me)
        assert client.get(f"/responses?{DAYS}&{asked}").status_code == 403

    def test_a_lead_sees_the_own_team_and_is_refused_another(
        self, client: FlaskClient, session: Session, time: Time
    ) -> None:
        lead, _member = self.team(session, (7, 9))
        stranger = person(session, "e-x", "外人", "客服二组")
        answered(session, stranger, [4] * 9, comments=["about a stranger"] * 9)
        reader(client, session, "lead", lead)
        page = get(client)
        assert count_of(page) == "16 answers"
        assert "about a stranger" not in page
        for asked in ("staff=e-x", "team=客服二组", "staff=e-99"):
            assert client.get(f"/responses?{DAYS}&{asked}").status_code == 403

    def test_what_somebody_did_in_a_team_stays_with_it_and_nothing_else_does(
        self, client: FlaskClient, session: Session, time: Time
    ) -> None:
        lead, mover = self.team(session, (7, 9))
        other = person(session, "e-x", "外人", "客服二组").team
        move(session, mover, other, day=START.date(), today=START.date())
        answered(session, mover, [4] * 8, comments=["after moving"] * 8)
        reader(client, session, "lead", lead)
        page = get(client, "team=客服一组&staff=e-1")
        assert count_of(page) == "9 answers"
        assert "after moving" not in page
        assert client.get(f"/responses?{DAYS}&staff=e-1").status_code == 403

    def test_answers_about_whoever_has_too_few_are_counted_and_not_listed(
        self, client: FlaskClient, session: Session, time: Time
    ) -> None:
        # 成员0 has too few, 成员1 covers for that, 成员2 is shown.
        self.team(session, (3, 6, 9))
        reader(client, session, "manager", None)
        page = get(client, "metric=csat")
        assert count_of(page) == "18 answers"
        assert listed(page) == 9
        assert "about 成员2" in page
        assert "about 成员0" not in page
        assert "about 成员1" not in page
        assert "9 of them are about people with too few answers" in words(page)

    @pytest.mark.parametrize("more", ["", "&score=4", "&score=1", "&comments=1"])
    def test_a_person_with_too_few_is_not_listed_and_not_counted(
        self, client: FlaskClient, session: Session, time: Time, more: str
    ) -> None:
        self.team(session, (3, 6, 9))
        reader(client, session, "manager", None)
        for metric in ("&metric=csat", ""):
            if "score" in more and not metric:
                continue
            page = get(client, f"staff=e-0{metric}{more}")
            assert count_of(page) == "too few answers to show"
            assert listed(page) == 0
            assert "about 成员0" not in page.replace("成员0</option>", "")

    def test_a_comment_without_a_score_is_not_listed_to_others_either(
        self, client: FlaskClient, session: Session, time: Time
    ) -> None:
        self.team(session, (9, 9))
        quiet = person(session, "e-9", "成员9")
        answered(session, quiet, comments=["about the quiet one"])
        user = reader(client, session, "manager", None)
        assert user.id
        assert "about the quiet one" not in get(client)

    def test_scores_that_are_too_few_do_not_stand_beside_those_that_are_enough(
        self, client: FlaskClient, session: Session, time: Time
    ) -> None:
        """Five gave a CSAT and four an NPS: the list of the one must not tell the other."""
        answered(session, person(session, "e-1", "李静"), [4] * 5, nps=[9, 9, 9, 9])
        reader(client, session, "manager", None)
        page = get(client, "metric=csat&staff=e-1")
        assert listed(page) == 5
        assert "NPS <strong>" not in page

    def test_whose_answers_were_listed_is_kept_once_a_day(
        self, client: FlaskClient, session: Session, time: Time
    ) -> None:
        me, colleague = self.team(session, (7, 9))
        lead = reader(client, session, "lead", me)
        get(client)
        get(client)
        looks = session.scalars(sa.select(Look)).all()
        assert [(look.user_id, look.staff_id, look.page) for look in looks] == [
            (lead.id, colleague.id, "answers")
        ]

    def test_somebody_without_a_staff_record_is_told_so(
        self, client: FlaskClient, session: Session, time: Time
    ) -> None:
        reader(client, session, "staff", None)
        answer = client.get("/responses?lang=en")
        assert answer.status_code == 200
        assert "belongs to no staff record" in answer.text
