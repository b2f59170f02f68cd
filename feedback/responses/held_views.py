"""The administrator's list of answers held for a machine's."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from feedback import clock
from feedback.accounts.access import roles_allowed
from feedback.accounts.acting import note_done
from feedback.accounts.audit import About
from feedback.database import db
from feedback.responses.held import held, let_count
from feedback.responses.models import Response
from feedback.responses.suspects import BECAUSE, TOO_SOON

blueprint = Blueprint("held_answers", __name__, url_prefix="/admin/held-answers")


def _why(response: Response) -> str:
    words = {
        TOO_SOON: _("Sent sooner than anybody can have read the page"),
        BECAUSE: _("Three different scores were sent within moments"),
    }
    return str(words.get(response.suspected_because or "", response.suspected_because))


def _seconds(response: Response) -> str | None:
    """Return how long after its page it was sent."""
    if response.shown_at is None:
        return None
    return f"{(response.answered_at - response.shown_at).total_seconds():.1f}"


@blueprint.get("")
@roles_allowed("admin")
def page() -> ResponseReturnValue:
    """List them without what they say: nobody chooses by the score which of them count."""
    found, total = held(db.session())
    return render_template(
        "admin/held_answers.html",
        found=found,
        total=total,
        why=_why,
        seconds=_seconds,
    )


@blueprint.post("/<int:response_id>/count")
@roles_allowed("admin")
def count(response_id: int) -> ResponseReturnValue:
    """Let one count after all."""
    response = let_count(db.session(), response_id, clock.now())
    if response is None:
        flash(_("It is not held any more."), "bad")
    else:
        reference = response.interaction.external_id
        note_done("answer.let_count", About("response", response.id, reference))
        db.session.commit()
        flash(_("It counts now, from the next minute on."), "good")
    return redirect(url_for("held_answers.page"), 303)
