"""What the editor's tests may ask for: an administrator's browser."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from tests.conftest import Time
from tests.factories import make_user, sign_in


@pytest.fixture
def admin(app: Flask, session: Session, time: Time) -> FlaskClient:
    """A browser in which an administrator is signed in."""
    app.config["WTF_CSRF_ENABLED"] = False
    client = app.test_client()
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    sign_in(client, session, make_user(session, "admin"), time.now)
    return client
