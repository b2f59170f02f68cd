"""Short stories of the survey editor: a form as a browser would send it, changed and sent."""

from html.parser import HTMLParser
from typing import Any

import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from feedback.surveys.models import Survey
from feedback.surveys.read import read_survey

ABOUT = {
    "purpose_en": "To learn how the visit went.",
    "purpose_zh": "了解到访体验。",
    "owner_name": "周明",
    "owner_email": "zhou@example.cn",
}


class _Form(HTMLParser):
    """Collects what the form with an id would send if nobody touched it."""

    def __init__(self, form_id: str) -> None:
        super().__init__()
        self.form_id, self.inside, self.select = form_id, False, ""
        self.fields: MultiDict[str, str] = MultiDict()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.inside = given.get("id") == self.form_id
        if not self.inside:
            return
        if tag == "input":
            is_box = given.get("type") in ("checkbox", "radio")
            if not is_box or "checked" in given:
                self.fields.add(given["name"], given.get("value", "on"))
        if tag == "select":
            self.select = given["name"]
        if tag == "option" and self.select and "selected" in given:
            self.fields.setlist(self.select, [given["value"]])

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.inside = False
        if tag == "select":
            self.select = ""


def form_of(page: str) -> MultiDict[str, str]:
    """Return what the editor's form on the page would send."""
    parser = _Form("survey")
    parser.feed(page)
    return parser.fields


def press(
    client: FlaskClient, survey_id: int, button: str = "save", /, **changes: str
) -> TestResponse:
    """Open the draft, change some fields ("__" stands for a dot) and press a button."""
    page = client.get(f"/admin/surveys/{survey_id}")
    assert page.status_code == 200, page.status
    fields = form_of(page.text)
    for name, value in changes.items():
        fields.setlist(name.replace("__", "."), [value])
    fields.setlist("do", [button])
    return client.post(f"/admin/surveys/{survey_id}", data=fields)


def begin(client: FlaskClient, key: str = "visit", template: str = "contact", **more: Any) -> int:
    """Begin a survey and return its draft's number."""
    languages = more.pop("languages", ["zh-Hans", "en", "zh-Hant", "de"])
    answer = client.post(
        "/admin/surveys/new", data={"key": key, "template": template, "languages": languages}
    )
    assert answer.status_code == 303, answer.text
    return int(answer.location.rsplit("/", 1)[1])


def published(client: FlaskClient, session: Session, key: str = "visit", **more: Any) -> Survey:
    """Begin a survey, write down what it is for, and publish it."""
    number = begin(client, key, **more)
    answer = press(client, number, "publish", **ABOUT)
    assert answer.status_code == 303, answer.text
    return stored(session, number)


def stored(session: Session, number: int) -> Survey:
    """Return the version as the database has it now."""
    found = read_survey(session, number)
    assert found is not None
    # Nothing is held open that a request would wait for.
    session.commit()
    return found


def next_version(client: FlaskClient, session: Session, survey: Survey) -> int:
    """Begin the next version of a published survey."""
    answer = client.post(f"/admin/surveys/{survey.id}/version")
    assert answer.status_code == 303
    draft = sa.select(Survey.id).where(Survey.key == survey.key, Survey.published_at.is_(None))
    number = session.scalars(draft).one()
    session.commit()
    return number
