"""Comments that cannot wait or contradict their score: for who acts, and in nobody's record."""

import re

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from feedback.interactions.models import StaffMember
from feedback.reports import pick_by_text
from feedback.responses.models import Answer, Response
from tests.conftest import Time
from tests.reports.stories import answered, person, reader, words
from tests.reports.test_answers_page import count_of, get, listed

PRAISE, COMPLAINT, PLAIN = "非常好，谢谢", "太差了，很失望", "星期三来的"
URGENT = "我要投诉，已经找了律师"


@pytest.fixture
def busy(session: Session, time: Time) -> StaffMember:
    """Somebody with plenty of answers, some of which want a call back."""
    staff = person(session, "e-1", "李静")
    answered(
        session,
        staff,
        [3, 5, 1, 5, 1, 4],
        comments=[URGENT, COMPLAINT, PRAISE, PRAISE, PLAIN, None],
    )
    return staff


def chips(page: str) -> list[str]:
    return re.findall(r'<span class="badge words [a-z]+"><bdi>(.*?)</bdi>', page)


@pytest.mark.usefixtures("busy")
class TestWhoActs:
    @pytest.mark.parametrize("role", ["manager", "admin", "lead"])
    def test_they_see_what_is_urgent_and_what_disagrees_with_the_words_that_say_so(
        self, client: FlaskClient, session: Session, role: str
    ) -> None:
        lead = person(session, "e-2", "王组长")
        answered(session, lead, [4] * 6)
        reader(client, session, role, lead)
        found = chips(get(client))
        assert found == [
            "urgent, lowest score, with words",
            "urgent, lowest score, with words",
            "words and score disagree: 非常好, 谢谢",
            "words and score disagree: 失望, 太差了",
            "urgent, complaint, law or press: 投诉, 律师",
        ]

    def test_each_filter_picks_its_own_and_tells_how_the_rest_reads(
        self, client: FlaskClient, session: Session
    ) -> None:
        reader(client, session, "manager", None)
        urgent = get(client, "text=urgent")
        assert count_of(urgent) == "Urgent by their words"
        assert listed(urgent) == 3
        assert "reads as: undecided" in chips(urgent)
        assert "Found among 5 answers with a comment" in words(urgent)
        disagrees = get(client, "text=disagrees")
        assert listed(disagrees) == 2
        assert not [chip for chip in chips(disagrees) if chip.startswith("reads as")]

    def test_the_picked_are_nobodys_to_count_by_person(
        self, client: FlaskClient, session: Session
    ) -> None:
        reader(client, session, "manager", None)
        for text in ("urgent", "disagrees"):
            page = get(client, f"text={text}")
            assert "<span>李静</span>" not in page
        assert "<span>李静</span>" in get(client)
        refused = client.get("/responses?lang=en&text=urgent&staff=e-1")
        assert refused.status_code == 400
        assert "is never asked for about one person" in refused.text

    def test_beside_another_reason_the_lowest_score_is_none(
        self, client: FlaskClient, session: Session, busy: StaffMember
    ) -> None:
        answered(session, busy, [1], comments=["等了四十分钟没人接"], wave=2)
        answered(session, busy, [4] * 5, wave=2)
        reader(client, session, "manager", None)
        assert chips(get(client, "wave=2")) == ["urgent, nobody answers: 四十分钟没人接"]

    def test_other_filters_narrow_the_picked(self, client: FlaskClient, session: Session) -> None:
        reader(client, session, "manager", None)
        assert listed(get(client, "text=urgent&metric=csat&score=1")) == 2
        assert listed(get(client, "text=urgent&wave=2")) == 0

    @pytest.mark.parametrize("text", ["everything", "' OR 1=1", "urgent,disagrees"])
    def test_a_filter_there_is_not_is_refused_by_name(
        self, client: FlaskClient, session: Session, text: str
    ) -> None:
        reader(client, session, "manager", None)
        answer = client.get("/responses", query_string={"lang": "en", "text": text})
        assert answer.status_code == 400
        assert "Words is one of urgent, disagrees" in answer.text

    def test_reading_goes_on_behind_the_link_to_older_ones(
        self,
        client: FlaskClient,
        session: Session,
        busy: StaffMember,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        answered(session, busy, [4] * 30, comments=[PLAIN] * 30)
        monkeypatch.setattr(pick_by_text, "MOST_READ", 10)
        monkeypatch.setattr(pick_by_text, "_AT_ONCE", 5)
        monkeypatch.setattr(pick_by_text, "PAGE", 2)
        reader(client, session, "manager", None)
        address: str | None = "/responses?from=2026-08-01&to=2026-09-02&lang=en&text=urgent"
        seen: list[str] = []
        pages = 0
        while address:
            page = client.get(address).text
            pages += 1
            seen += re.findall(r"<span>(t-\d+)</span>", page)
            link = re.search(r'<a href="([^"]+)" rel="next"', page)
            address = link[1].replace("&amp;", "&") if link else None
        assert len(seen) == len(set(seen)) == 3
        assert pages >= 4

    def test_the_words_of_the_site_are_its_own(
        self, app: Flask, client: FlaskClient, session: Session
    ) -> None:
        app.config["URGENT_WORDS"] = ("星期三",)
        reader(client, session, "manager", None)
        assert "urgent, words of this site: 星期三" in chips(get(client, "text=urgent"))

    def test_switched_off_nothing_is_read(
        self, app: Flask, client: FlaskClient, session: Session
    ) -> None:
        app.config["TEXT_TRIAGE"] = False
        reader(client, session, "manager", None)
        page = get(client)
        assert not chips(page)
        assert 'name="text"' not in page
        refused = client.get("/responses?lang=en&text=urgent")
        assert refused.status_code == 400
        assert "is switched off here" in refused.text
        assert "It is switched off here" in client.get("/method?lang=en").text


@pytest.mark.usefixtures("busy")
class TestNobodysRecord:
    @pytest.mark.parametrize("role", ["staff", "analyst"])
    def test_who_does_not_call_customers_back_sees_nothing_of_it(
        self, client: FlaskClient, session: Session, role: str
    ) -> None:
        me = session.scalars(sa.select(StaffMember).where(StaffMember.external_id == "e-1")).one()
        reader(client, session, role, me)
        page = get(client)
        assert "我要投诉" in page
        assert not chips(page)
        assert 'name="text"' not in page
        refused = client.get("/responses?lang=en&text=urgent")
        assert refused.status_code == 400
        assert "is for those who call customers back" in refused.text

    def test_the_list_of_one_person_has_none_of_it(
        self, client: FlaskClient, session: Session
    ) -> None:
        reader(client, session, "manager", None)
        page = get(client, "staff=e-1")
        assert listed(page) == 6
        assert not chips(page)
        assert 'name="text"' not in page
        assert not chips(client.get("/reports/staff/e-1?lang=en").text)

    def test_what_is_about_a_lead_is_left_to_others(
        self, client: FlaskClient, session: Session
    ) -> None:
        lead = session.scalars(sa.select(StaffMember).where(StaffMember.external_id == "e-1")).one()
        reader(client, session, "lead", lead)
        assert not chips(get(client))
        assert listed(get(client, "text=urgent")) == 0
        assert not chips(client.get("/me?lang=en").text)

    def test_of_people_with_too_few_answers_none_is_picked(
        self, client: FlaskClient, session: Session
    ) -> None:
        answered(session, person(session, "e-3", "新人"), [1], comments=["找律师起诉你们"])
        answered(session, person(session, "e-4", "老人"), [4] * 9)
        reader(client, session, "manager", None)
        page = get(client, "text=urgent")
        assert "起诉" not in page
        assert "not listed" in words(page)

    def test_a_score_that_is_hidden_is_not_told_by_what_contradicts_it(
        self, client: FlaskClient, session: Session
    ) -> None:
        """Four gave a CSAT, nine an NPS: the list may show the one and must not tell the other."""
        session.execute(sa.delete(Answer))
        session.execute(sa.delete(Response))
        session.commit()
        quiet = person(session, "e-5", "少")
        answered(session, quiet, [1] * 4, nps=[9] * 9, comments=[PRAISE] * 9)
        reader(client, session, "manager", None)
        page = get(client, "metric=nps")
        assert listed(page) == 9
        assert not chips(page)
        assert listed(get(client, "metric=nps&text=disagrees")) == 0
        assert listed(get(client, "metric=nps&text=urgent")) == 0
