"""Who looked is written down, even by a page that may only read."""

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from feedback import clock
from feedback.accounts.access import current_sight, current_user, signed_in
from feedback.accounts.look import log_look
from feedback.accounts.models import Look
from tests.conftest import Time
from tests.factories import make_staff, make_user, sign_in


def test_a_look_is_logged_while_the_request_only_reads(
    app: Flask, session: Session, time: Time
) -> None:
    staff = make_staff(session)

    @app.get("/for-a-test")
    @signed_in
    def page() -> str:
        log_look(current_user.id, staff.id, "staff", clock.now())
        return str(current_sight().everything)

    client = app.test_client()
    user = make_user(session, "manager")
    sign_in(client, session, user)
    assert client.get("/for-a-test").text == "True"
    look = session.scalars(sa.select(Look)).one()
    assert (look.user_id, look.staff_id, look.page, look.at) == (
        user.id, staff.id, "staff", time.now,
    )  # fmt: skip
