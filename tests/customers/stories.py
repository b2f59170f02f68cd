"""Short stories of customers who look after what we hold about them."""

from datetime import datetime
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from feedback.interactions.models import Interaction
from feedback.invitations.models import Invitation
from feedback.links import own_key, preferences_token
from feedback.responses.models import Response
from tests.conftest import START
from tests.factories import make_interaction, make_response
from tests.responses.stories import hidden, invited

ADDRESS = "chenjie@example.cn"


def contact(session: Session, address: str | None = ADDRESS, **values: Any) -> Interaction:
    """Have 陈洁 been in touch about something one would know her by."""
    known = {
        "customer_email": address,
        "customer_name": "陈洁",
        "customer_phone": "+8613800001111",
        "subject": "浴室漏水",
        "location": "锦绣路8号",
    }
    return make_interaction(session, **(known | values))


def asked(app: Flask, session: Session, **values: Any) -> Invitation:
    """Invite 陈洁 to rate a contact; commits."""
    interaction = values.pop("interaction", None) or contact(session)
    return invited(app, session, interaction=interaction, **values)


def rated(
    app: Flask, session: Session, *, csat: int = 2, comment: str = "水还在滴", **values: Any
) -> tuple[Invitation, Response]:
    """Let 陈洁 have rated a contact she was invited to rate; commits."""
    invitation = asked(app, session, **values)
    response = make_response(
        session,
        invitation.interaction,
        wave=invitation.wave,
        csat=csat,
        comment=comment,
        invitation_id=invitation.id,
        survey_id=invitation.survey_id,
        locale="zh-Hans",
        answered_at=START,
    )
    invitation.answered_at = START
    session.commit()
    return invitation, response


def preferences(app: Flask, invitation: Invitation) -> str:
    with app.app_context():
        return f"/p/{preferences_token(invitation.id)}"


def own(app: Flask, invitation: Invitation, at: datetime = START) -> str:
    """Return the path the mailed key opens."""
    with app.app_context():
        return f"/my/{own_key(invitation.id, at)}"


def press(client: FlaskClient, path: str, form: int = 0, **given: Any) -> TestResponse:
    """Open a page and press a button of it, as a browser does: the first form's, or another's."""
    page = client.get(path)
    assert page.status_code == 200, page.status
    part = page.text.split("<form")[form + 1].split("</form>")[0]
    action = part.split('action="')[1].split('"')[0].replace("&amp;", "&")
    return client.post(action, data=hidden(part) | given)
