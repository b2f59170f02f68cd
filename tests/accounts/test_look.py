"""Who looked is written down, even by a page that may only read."""

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from feedback import clock
from feedback.accounts.access import current_sight, current_user, signed_in
from feedback.accounts.look import log_look, log_looks, looks_at
from feedback.accounts.models import Look
from feedback.database import db, reading
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


def test_pages_that_show_many_keep_one_look_a_day_of_each(
    app: Flask, session: Session, time: Time
) -> None:
    one, two = make_staff(session, "e-1"), make_staff(session, "e-2")
    user = make_user(session, "manager")
    session.commit()

    def see(staff_ids: list[int], page: str) -> None:
        with app.app_context(), reading():
            log_looks(db.session(), user.id, staff_ids, page, time.now)

    see([one.id], "team")
    time.forward(hours=23)
    see([one.id, two.id], "team")
    see([one.id], "reports")
    time.forward(hours=2)
    see([one.id, two.id], "team")
    session.expire_all()
    assert [look.page for look in looks_at(session, one.id, 9)] == ["team", "reports", "team"]
    assert [look.page for look in looks_at(session, two.id, 9)] == ["team"]
    assert [look.at for look in looks_at(session, one.id, 1)] == [time.now]
