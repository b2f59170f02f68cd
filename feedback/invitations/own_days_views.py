"""The page of the organisation's own working days."""

from datetime import date, timedelta

from flask import (
    Blueprint,
    abort,
    current_app,
    flash,
    make_response,
    redirect,
    render_template,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext, ngettext
from flask_wtf import FlaskForm
from wtforms import DateField, RadioField, StringField
from wtforms.validators import InputRequired, Optional

from feedback import clock
from feedback.accounts.access import roles_allowed
from feedback.accounts.acting import note_done
from feedback.accounts.audit import About
from feedback.accounts.people import NotPossible
from feedback.config import InvitationPolicy
from feedback.database import db
from feedback.invitations.models import Holiday
from feedback.invitations.own_days import guessed_years, listed_days, set_days, unset_day

blueprint = Blueprint("own_days", __name__, url_prefix="/admin/calendar")

# What is past explains what happened; a year of it is enough.
_SHOWN = timedelta(days=365)


def _works() -> list[tuple[str, str]]:
    return [("off", _("Nobody works")), ("working", _("People work"))]


class DaysForm(FlaskForm):  # type: ignore[misc]
    """Some days in a row, and whether people work on them."""

    first = DateField(
        lazy_gettext("First day"),
        validators=[InputRequired(lazy_gettext("A day such as 2027-02-06 is needed."))],
    )
    last = DateField(
        lazy_gettext("Last day"),
        validators=[Optional()],
        description=lazy_gettext("Leave it empty for a single day."),
    )
    works = RadioField(lazy_gettext("On these days"), choices=_works, default="off")
    name = StringField(
        lazy_gettext("Name"), description=lazy_gettext("For instance: Spring Festival.")
    )


def _policy() -> InvitationPolicy:
    return InvitationPolicy.from_config(current_app.config)


def _show(form: DaysForm, status: int = 200) -> ResponseReturnValue:
    today = clock.now().astimezone(_policy().zone).date()
    return make_response(
        render_template(
            "admin/calendar.html",
            form=form,
            days=listed_days(db.session(), today - _SHOWN),
            today=today,
            estimated=guessed_years(db.session(), today),
        ),
        status,
    )


def _done(said: str, moved: int) -> ResponseReturnValue:
    db.session.commit()
    follow_ups = ngettext("%(num)s follow-up moves.", "%(num)s follow-ups move.", moved)
    flash(f"{said} {follow_ups}" if moved else said, "good")
    return redirect(url_for("own_days.page"), 303)


@blueprint.get("")
@roles_allowed("admin")
def page() -> ResponseReturnValue:
    """List the days the organisation has decided itself."""
    return _show(DaysForm())


@blueprint.post("")
@roles_allowed("admin")
def add() -> ResponseReturnValue:
    """Decide some days; follow-ups that wait for them move."""
    form = DaysForm()
    if not form.validate_on_submit():
        return _show(form, 422)
    try:
        moved = set_days(
            db.session(),
            form.first.data,
            form.last.data or form.first.data,
            is_working=form.works.data == "working",
            name=form.name.data or "",
            policy=_policy(),
            now=clock.now(),
        )
    except NotPossible as refusal:
        db.session.rollback()
        form[refusal.field].errors = [refusal.reason]
        return _show(form, 422)
    last = form.last.data or form.first.data
    said = {"to": last, "works": form.works.data, "name": form.name.data or "", "moved": moved}
    note_done("calendar.decided", About("day", str(form.first.data)), said)
    return _done(_("Kept."), moved)


@blueprint.post("/<day>/remove")
@roles_allowed("admin")
def remove(day: str) -> ResponseReturnValue:
    """Leave a day to the usual calendar again."""
    try:
        one = db.get_or_404(Holiday, date.fromisoformat(day))
    except ValueError:
        abort(404)
    moved = unset_day(db.session(), one, _policy(), clock.now())
    note_done("calendar.undecided", About("day", day), {"moved": moved})
    return _done(_("Removed."), moved)
