"""The page of retention: how long what is kept, what a pass would delete now, and a yes to that."""

from collections.abc import Mapping

from flask import Blueprint, current_app, flash, make_response, redirect, render_template, request
from flask import url_for as address_of
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from feedback import chosen, clock
from feedback.accounts.access import current_user, roles_allowed
from feedback.accounts.recent import recently
from feedback.database import db, reading
from feedback.retention.models import AgreedPeriod
from feedback.retention.periods.agreed import agree, lengths_agreed, lengths_in_force, waiting
from feedback.retention.periods.lengths import KINDS, breaks_the_promise, lengths_set
from feedback.retention.periods.run import Pass, last_run
from feedback.retention.periods.words import (
    count_words,
    counted,
    kind_words,
    left_words,
    length_words,
)

blueprint = Blueprint("retention", __name__, url_prefix="/admin/retention")


@blueprint.get("")
@roles_allowed("admin")
def page() -> ResponseReturnValue:
    """Show how long each class is kept, and what would be deleted. Nothing is written."""
    return _page()


@blueprint.post("")
@roles_allowed("admin")
@recently
def say_yes() -> ResponseReturnValue:
    """Agree to the lengths that were shown; from the next round on the worker goes by them."""
    lengths = lengths_set(current_app.config)
    shown = {name: request.form.get(f"length.{name}", "") for name in KINDS}
    if shown != {name: str(length) for name, length in lengths.items()}:
        # The settings have changed since, or another process has other ones.
        return _page(422, _("The lengths are other ones by now. Please look at them again."))
    if request.form.get("sure") != "yes":
        return _page(422, _("Please tick the box, and press once more."))
    agree(db.session(), lengths, clock.now(), by=current_user.id)
    db.session.commit()
    flash(_("Agreed. What is too old is deleted from now on, day by day."), "good")
    return redirect(address_of("retention.page"), 303)


def _page(status: int = 200, wrong: str = "") -> ResponseReturnValue:
    config, now = current_app.config, clock.now()
    wanted = lengths_set(config)
    with reading(), Session(db.engine) as session:
        agreed, in_force = lengths_agreed(session), lengths_in_force(session, config)
        text = render_template(
            "admin/retention.html",
            wrong=wrong,
            kinds=KINDS,
            words=kind_words(),
            left=left_words(),
            wanted=wanted,
            agreed=agreed,
            agreed_at=_agreed_at(session),
            waiting=waiting(session, config),
            late=breaks_the_promise({**wanted, **in_force}),
            length_words=length_words,
            given=_given(),
            found=counted(Pass(db.engine, config, now, wanted).how_many(session)),
            last=last_run(session),
            counted=counted,
            count_words=count_words(),
        )
    return make_response(text, status)


def _agreed_at(session: Session) -> Mapping[str, object]:
    return {one.name: one.agreed_at for one in session.query(AgreedPeriod)}


def _given() -> Mapping[str, str | None]:
    """Return where each length is given, or None where it is the default."""
    return {name: chosen.where_else(current_app, kind.setting) for name, kind in KINDS.items()}
