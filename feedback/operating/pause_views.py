"""The page on which everything is made to stand still, and to go on."""

import sqlalchemy as sa
from flask import Blueprint, current_app, flash, make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from feedback import clock
from feedback.accounts.access import current_user, roles_allowed
from feedback.accounts.acting import note_done
from feedback.accounts.audit import About
from feedback.config import InvitationPolicy
from feedback.database import db
from feedback.invitations.backlog import resume
from feedback.languages import gap
from feedback.operating.go_live_forms import PauseForm
from feedback.operating.words import backlog_words
from feedback.pauses import Pause, begin_pause, open_pause

blueprint = Blueprint("pause", __name__, url_prefix="/admin/pause")

_SHOWN = 20


@blueprint.get("")
@roles_allowed("admin")
def page() -> ResponseReturnValue:
    """Show whether all stands still, and when it did."""
    return _page(PauseForm())


@blueprint.post("")
@roles_allowed("admin")
def pause() -> ResponseReturnValue:
    """Let everything stand still."""
    form = PauseForm()
    if not form.validate_on_submit():
        return _page(form, 422)
    reason = form.reason.data or ""
    if begin_pause(db.session(), now=clock.now(), by=current_user.email, reason=reason):
        note_done("asking.paused", About("asking"), {"reason": reason})
    db.session.commit()
    return redirect(url_for("pause.page"), 303)


@blueprint.post("/resume")
@roles_allowed("admin")
def go_on() -> ResponseReturnValue:
    """Take up asking again."""
    policy = InvitationPolicy.from_config(current_app.config)
    backlog = resume(db.session(), policy, now=clock.now(), by=current_user.email)
    if backlog is not None:
        note_done("asking.resumed", About("asking"), {"waiting": backlog.going})
    db.session.commit()
    if backlog is not None:
        flash(gap().join(backlog_words(backlog)), "good")
    else:
        flash(_("It was not paused."), "wait")
    return redirect(url_for("pause.page"), 303)


def _page(form: PauseForm, status: int = 200) -> ResponseReturnValue:
    session = db.session()
    over = sa.select(Pause).where(Pause.resumed_at.is_not(None))
    text = render_template(
        "operating/pause.html",
        form=form,
        pause=open_pause(session),
        earlier=session.scalars(over.order_by(Pause.id.desc()).limit(_SHOWN)).all(),
    )
    return make_response(text, status)
