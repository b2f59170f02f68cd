"""A scanner that presses every button of a mail leaves no score; the person after it counts."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from feedback.integrations.list_responses import list_responses
from feedback.invitations.models import Invitation
from feedback.measures.estimate import DEFINITIONS
from feedback.reports.funnel import funnel
from feedback.reports.request import read_score_request
from feedback.reports.roll_up import roll_up
from feedback.reports.scores import scores
from feedback.responses.models import FormerAnswer, QuickPost, Response
from feedback.responses.suspects import DIFFERENT, QUICK, WITHIN
from tests.conftest import Time
from tests.factories import make_interaction
from tests.responses.stories import (
    at_once,
    checked,
    count,
    hidden,
    invited,
    link,
    looking,
    said,
    send,
    stored,
    the_response,
    written,
)

ALL = ("1", "2", "3", "4", "5")


def press(
    client: FlaskClient, path: str, values: tuple[str, ...], time: Time, *, wait: float, gap: float
) -> list[int]:
    """Open each rating link, wait, press Send, and go on to the next; return the statuses."""
    statuses = []
    for csat in values:
        page = client.get(f"{path}?csat={csat}").text
        time.forward(seconds=wait)
        if "<button" in page:
            fields = hidden(page) | dict(checked(page))
            statuses.append(client.post(path, data=fields).status_code)
        time.forward(seconds=gap)
    return statuses


def figures(app: Flask, session: Session, time: Time) -> dict[str, Any]:
    """Return what reports say: the answers counted, asked and answered, and the funnel's end."""
    request = read_score_request({"metric": "csat"})
    with app.test_request_context(), looking(session) as own:
        zone = ZoneInfo("Asia/Shanghai")
        shown = scores(
            own, request, zone=zone, min_group=5, sees_all=True, locale="en", now=time.now
        )
        point = shown["groups"][0]["points"][0]
        passed = funnel(own, start=None, end=None, wave=1, where={})
    assert request.metric in DEFINITIONS
    return {
        "counts": point["counts"],
        "asked": shown["asked"],
        "answered": shown["answered"],
        "funnel": passed.answered,
    }


NOTHING = {"counts": {}, "asked": 1, "answered": 0, "funnel": 0}


@pytest.mark.parametrize(
    ("wait", "gap"),
    [(0, 0), (0.01, 0.01), (2, 0), (2.9, 5), (0.5, 50), (0, 55)],
)
def test_pressing_every_button_leaves_no_score(
    app: Flask, session: Session, client: FlaskClient, time: Time, wait: float, gap: float
) -> None:
    invitation = invited(app, session)
    press(client, link(app, invitation), ALL, time, wait=wait, gap=gap)
    assert figures(app, session, time) == NOTHING
    assert stored(session, invitation).answered_at is None
    response = the_response(session, invitation)
    assert response.suspected_because == "quick_posts"
    assert response.suspected_at is not None


@pytest.mark.parametrize("values", [("5", "4", "3"), ("1", "3", "5"), ("4", "4", "5", "2")])
def test_three_different_scores_are_enough(
    app: Flask, session: Session, client: FlaskClient, time: Time, values: tuple[str, ...]
) -> None:
    press(client, link(app, invited(app, session)), values, time, wait=1, gap=1)
    assert figures(app, session, time) == NOTHING


def test_all_links_opened_first_and_all_sent_then(
    app: Flask, session: Session, client: FlaskClient, time: Time
) -> None:
    path = link(app, invited(app, session))
    pages = [client.get(f"{path}?csat={csat}").text for csat in ALL]
    time.forward(seconds=1)
    for csat, page in zip(ALL, pages, strict=True):
        client.post(path, data=hidden(page) | {"csat": csat})
    assert figures(app, session, time) == NOTHING


def test_all_links_opened_first_and_all_sent_at_the_same_moment(
    app: Flask, session: Session, client: FlaskClient, time: Time
) -> None:
    for _ in range(3):
        invitation = invited(app, session)
        path = link(app, invitation)
        pages = [hidden(client.get(f"{path}?csat={csat}").text) for csat in ALL]
        posts = [(path, page | {"csat": csat}) for csat, page in zip(ALL, pages, strict=True)]
        statuses = sorted(answer.status_code for answer in at_once(app, posts))
        assert statuses == [303, 303, 422, 422, 422]
        assert the_response(session, invitation).suspected_at is not None
        assert stored(session, invitation).answered_at is None


def test_the_robot_is_shown_the_page_again_and_not_a_receipt(
    app: Flask, session: Session, client: FlaskClient, time: Time
) -> None:
    path = link(app, invited(app, session))
    assert press(client, path, ALL, time, wait=0, gap=1) == [303, 303, 422, 422, 422]
    assert client.get(f"{path}/thanks").status_code == 303


@pytest.mark.parametrize("later", [timedelta(seconds=4), timedelta(minutes=3), timedelta(days=9)])
def test_the_person_who_comes_after_it_counts(
    app: Flask, session: Session, client: FlaskClient, time: Time, later: timedelta
) -> None:
    invitation = invited(app, session)
    path = link(app, invitation)
    press(client, path, ALL, time, wait=0, gap=1)
    time.now += later
    page = client.get(f"{path}?csat=2")
    assert page.status_code == 200
    time.forward(seconds=8)
    given = hidden(page.text) | {"csat": "2", "comment": "人写的"}
    answer = app.test_client().post(path, data=given)
    assert (answer.status_code, answer.location) == (303, f"{path}/thanks")
    assert said(session, invitation) == {"csat": 2, "comment": "人写的"}
    response = the_response(session, invitation)
    assert (response.suspected_at, response.suspected_because) == (None, None)
    assert response.answered_at == response.changed_at == time.now
    assert response.amended_at is None
    assert figures(app, session, time) == {
        "counts": {"2": 1}, "asked": 1, "answered": 1, "funnel": 1,
    }  # fmt: skip
    # What the robot said is kept beside it.
    with looking(session) as own:
        former = own.scalars(sa.select(FormerAnswer)).all()
    assert [(f.question_key, f.score, f.replaced_at) for f in former] == [("csat", 1, time.now)]
    # And the person may still change theirs.
    assert client.get(f"{path}?change=1").status_code == 200
    assert client.get(f"{path}/thanks").status_code == 200


def test_a_quick_person_right_behind_it_loses_nothing_and_presses_once_more(
    app: Flask, session: Session, client: FlaskClient, time: Time
) -> None:
    invitation = invited(app, session)
    path = link(app, invitation)
    press(client, path, ALL, time, wait=0, gap=1)
    given = {"csat": "4", "comment": "我很快"}
    answer = send(client, path, given)
    assert answer.status_code == 422
    assert written(answer.text) == "我很快"
    time.forward(seconds=3)
    assert client.post(path, data=hidden(answer.text) | given).status_code == 303
    assert said(session, invitation) == {"csat": 4, "comment": "我很快"}


def test_a_quick_person_two_minutes_later_counts_at_once(
    app: Flask, session: Session, client: FlaskClient, time: Time
) -> None:
    path = link(app, invited(app, session))
    press(client, path, ALL, time, wait=0, gap=0)
    time.now += WITHIN
    assert send(client, path, {"csat": "4"}).status_code == 303
    assert figures(app, session, time)["counts"] == {"4": 1}


def test_who_took_the_time_keeps_the_answer_whatever_a_scanner_does_then(
    app: Flask, session: Session, client: FlaskClient, time: Time
) -> None:
    invitation = invited(app, session)
    path = link(app, invitation)
    page = client.get(path)
    time.now += QUICK
    client.post(path, data=hidden(page.text) | {"csat": "2"})
    assert press(client, path, (*ALL, *ALL), time, wait=0, gap=0)
    assert said(session, invitation) == {"csat": 2}
    assert figures(app, session, time)["counts"] == {"2": 1}


def test_a_scanner_hours_after_a_quick_person_changes_nothing(
    app: Flask, session: Session, client: FlaskClient, time: Time
) -> None:
    invitation = invited(app, session)
    path = link(app, invitation)
    send(client, path, {"csat": "5"})
    time.now += WITHIN
    assert press(client, path, ALL, time, wait=0, gap=0) == [303] * 5
    assert said(session, invitation) == {"csat": 5}


def test_two_devices_with_two_scores_leave_exactly_the_first(
    app: Flask, session: Session, client: FlaskClient, time: Time
) -> None:
    path = link(app, invited(app, session))
    one, other = client.get(path), client.get(path)
    for page, csat in ((one, "4"), (other, "1")):
        assert client.post(path, data=hidden(page.text) | {"csat": csat}).status_code == 303
    assert figures(app, session, time)["counts"] == {"4": 1}


def test_one_page_sent_with_many_scores_is_one_persons_back_button(
    app: Flask, session: Session, client: FlaskClient, time: Time
) -> None:
    path = link(app, invited(app, session))
    page = client.get(path)
    for csat in ALL:
        assert client.post(path, data=hidden(page.text) | {"csat": csat}).status_code == 303
    assert figures(app, session, time)["counts"] == {"1": 1}


def test_many_pages_with_one_score_are_one_persons_too(
    app: Flask, session: Session, client: FlaskClient, time: Time
) -> None:
    path = link(app, invited(app, session))
    pages = [client.get(path).text for _ in range(6)]
    for page in pages:
        assert client.post(path, data=hidden(page) | {"csat": "3"}).status_code == 303
    assert figures(app, session, time)["counts"] == {"3": 1}


@pytest.mark.parametrize(("wait", "gap"), [(3, 0), (0, 61)])
def test_slow_or_rare_presses_are_nobodys_scanner(
    app: Flask, session: Session, client: FlaskClient, time: Time, wait: float, gap: float
) -> None:
    path = link(app, invited(app, session))
    press(client, path, ALL, time, wait=wait, gap=gap)
    assert figures(app, session, time)["counts"] == {"1": 1}


def test_who_taps_another_link_of_the_mail_is_led_to_change_the_answer(
    app: Flask, session: Session, client: FlaskClient, time: Time
) -> None:
    invitation = invited(app, session)
    path = link(app, invitation)
    send(client, path, {"csat": "5"}, query="?csat=5")
    page = client.get(f"{path}?csat=2&lang=en").text
    assert "Already answered" in page
    change = client.post(f"{path}?lang=en", data=hidden(page))
    assert (change.status_code, change.location) == (303, f"{path}?change=1&lang=en")
    # As it stands: what is not pressed is not changed, and a robot that presses on changes nothing.
    assert checked(client.get(change.location).text) == {("csat", "5")}
    assert said(session, invitation) == {"csat": 5}


def test_a_scanner_that_comes_again_the_next_day_is_seen_again(
    app: Flask, session: Session, client: FlaskClient, time: Time
) -> None:
    path = link(app, invited(app, session))
    for _ in range(3):
        press(client, path, ALL, time, wait=0, gap=0)
        assert figures(app, session, time) == NOTHING
        time.forward(days=1)


def test_the_rule_is_each_invitations_own(
    app: Flask, session: Session, client: FlaskClient, time: Time
) -> None:
    invitations = [invited(app, session) for _ in range(5)]
    for invitation, csat in zip(invitations, ALL, strict=True):
        send(client, link(app, invitation), {"csat": csat})
    assert count(session) == 5
    assert figures(app, session, time)["answered"] == 5


def test_the_follow_up_is_guarded_by_its_score_too(
    app: Flask, session: Session, client: FlaskClient, time: Time
) -> None:
    invitation = invited(app, session, wave=2)
    press(client, link(app, invitation), ALL, time, wait=0, gap=0)
    assert the_response(session, invitation).suspected_at is not None


def test_the_tallies_are_counted_again_when_an_answer_becomes_a_suspect(
    app: Flask, session: Session, client: FlaskClient, time: Time
) -> None:
    invitation = invited(app, session)
    path = link(app, invitation)
    pages = {csat: client.get(f"{path}?csat={csat}").text for csat in ALL}
    client.post(path, data=hidden(pages["5"]) | {"csat": "5"})
    roll_up(session, time.now)
    session.commit()
    assert figures(app, session, time)["counts"] == {"5": 1}
    time.forward(seconds=2)
    for csat in ("4", "3"):
        client.post(path, data=hidden(pages[csat]) | {"csat": csat})
    assert the_response(session, invitation).changed_at == time.now
    assert figures(app, session, time) == NOTHING
    roll_up(session, time.now)
    session.commit()
    assert figures(app, session, time) == NOTHING
    page = client.get(path)
    time.forward(seconds=10)
    client.post(path, data=hidden(page.text) | {"csat": "2"})
    roll_up(session, time.now)
    session.commit()
    assert figures(app, session, time)["counts"] == {"2": 1}


def test_programs_are_told_of_no_suspect_and_of_the_person(
    app: Flask, session: Session, client: FlaskClient, time: Time
) -> None:
    def listed() -> list[Any]:
        with looking(session) as own:
            told, _place = list_responses(own, start=None, end=None, after=None, limit=10)
        return [response["answers"] for response in told]

    path = link(app, invited(app, session))
    press(client, path, ALL, time, wait=0, gap=0)
    assert listed() == []
    time.forward(minutes=3)
    send(client, path, {"csat": "2"})
    assert listed() == [{"csat": 2}]


def test_an_exclusion_of_the_robots_answer_does_not_fall_on_the_persons(
    app: Flask, session: Session, client: FlaskClient, time: Time
) -> None:
    invitation = invited(app, session)
    path = link(app, invitation)
    press(client, path, ALL, time, wait=0, gap=0)
    values = {"excluded_at": time.now, "excluded_because": "a robot"}
    session.execute(sa.update(Response).values(**values))
    session.commit()
    time.forward(minutes=5)
    send(client, path, {"csat": "4"})
    response = the_response(session, invitation)
    assert (response.excluded_at, response.excluded_because) == (None, None)


def test_an_answer_that_was_changed_by_hand_is_no_suspect(
    app: Flask, session: Session, client: FlaskClient, time: Time
) -> None:
    invitation = invited(app, session)
    path = link(app, invitation)
    pages = {csat: client.get(f"{path}?csat={csat}").text for csat in ALL}
    client.post(path, data=hidden(pages["5"]) | {"csat": "5"})
    send(client, path, {"csat": "1"}, query="?change=1")
    for csat in ("4", "3", "2"):
        client.post(path, data=hidden(pages[csat]) | {"csat": csat})
    assert said(session, invitation) == {"csat": 1}
    assert the_response(session, invitation).suspected_at is None


def test_the_notes_of_quick_posts_stay_few(
    app: Flask, session: Session, client: FlaskClient, time: Time
) -> None:
    path = link(app, invited(app, session))
    for _ in range(4):
        press(client, path, ALL, time, wait=0, gap=0)
    assert count(session, QuickPost) == len(ALL)
    assert len(ALL) > DIFFERENT


@pytest.mark.parametrize("minutes", [1, 30])
def test_a_slow_answer_leaves_no_note(
    app: Flask, session: Session, client: FlaskClient, time: Time, minutes: int
) -> None:
    path = link(app, invited(app, session))
    page = client.get(path)
    time.forward(minutes=minutes)
    client.post(path, data=hidden(page.text) | {"csat": "4"})
    assert count(session, QuickPost) == 0


def test_many_scanned_mails_leave_nothing_and_every_person_after_counts(
    make_app: Callable[..., Flask], session: Session, time: Time
) -> None:
    app = make_app()
    client = app.test_client()
    invitations = [invited(app, session, interaction=make_interaction(session)) for _ in range(12)]
    for number, invitation in enumerate(invitations):
        press(client, link(app, invitation), ALL, time, wait=number % 3, gap=number % 5)
    assert figures(app, session, time) == NOTHING | {"asked": 12}
    time.forward(minutes=3)
    for invitation in invitations:
        assert send(client, link(app, invitation), {"csat": "4"}).status_code == 303
        time.forward(seconds=1)
    assert figures(app, session, time) == {
        "counts": {"4": 12}, "asked": 12, "answered": 12, "funnel": 12,
    }  # fmt: skip
    assert count(session) == count(session, Invitation) == 12
