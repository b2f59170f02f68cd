"""An administrator, signed in, who fills in forms as a browser does."""

import re
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from feedback.accounts.models import User
from tests.factories import make_user, sign_in

TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


def administrator(client: FlaskClient, session: Session) -> User:
    user = make_user(session, "admin", email="admin@example.cn")
    sign_in(client, session, user)
    client.get("/admin/queue?lang=en")
    return user


def post(
    client: FlaskClient, address: str, shown_at: str | None = None, **form: Any
) -> TestResponse:
    """Send a form, with the token of the page it is on; the address may have a #part."""
    token = TOKEN.search(client.get(shown_at or address).text)
    assert token, f"no form at {shown_at or address}"
    return client.post(address, data={"csrf_token": token[1]} | form)
