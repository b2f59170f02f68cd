"""The page of the rules of whom not to ask."""

from typing import Any

from flask import Blueprint, flash, make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from wtforms import SelectField, StringField

from feedback import clock
from feedback.accounts.access import current_user, roles_allowed
from feedback.accounts.acting import note_done
from feedback.accounts.audit import About
from feedback.accounts.people import NotPossible
from feedback.database import db
from feedback.invitations.do_not_ask import all_rules, ask_again, stop_asking
from feedback.invitations.models import DoNotAsk

blueprint = Blueprint("do_not_ask", __name__, url_prefix="/admin/do-not-ask")


def _kinds() -> list[tuple[str, str]]:
    return [
        ("kind", _("Kind of contact")),
        ("segment", _("Customer segment")),
        ("tag", _("Tag")),
    ]


class RuleForm(FlaskForm):  # type: ignore[misc]
    """What is not to be asked about, and why."""

    what = SelectField(lazy_gettext("Contacts by"), choices=_kinds)
    value = StringField(
        lazy_gettext("Which"),
        description=lazy_gettext("As the reporting system writes it; capitals do not matter."),
    )
    reason = StringField(
        lazy_gettext("Why"),
        description=lazy_gettext("For whoever wonders later why nobody was asked."),
    )


def _said_of(rule: DoNotAsk) -> dict[str, str]:
    return {"what": rule.what, "value": rule.value, "reason": rule.reason}


def _show(form: RuleForm, status: int = 200) -> ResponseReturnValue:
    names: dict[str, Any] = dict(_kinds())
    rules = list(all_rules(db.session()))
    return make_response(
        render_template("admin/do_not_ask.html", form=form, rules=rules, names=names), status
    )


@blueprint.get("")
@roles_allowed("admin")
def page() -> ResponseReturnValue:
    """List the rules, those in force first."""
    return _show(RuleForm())


@blueprint.post("")
@roles_allowed("admin")
def add() -> ResponseReturnValue:
    """Add a rule, in force at once."""
    form = RuleForm()
    if not form.validate_on_submit():
        return _show(form, 422)
    try:
        rule = stop_asking(
            db.session(),
            form.what.data,
            form.value.data or "",
            form.reason.data or "",
            current_user,
            clock.now(),
        )
    except NotPossible as refusal:
        db.session.rollback()
        form[refusal.field].errors = [refusal.reason]
        return _show(form, 422)
    note_done("do_not_ask.added", About("do_not_ask", rule.id, rule.value), _said_of(rule))
    db.session.commit()
    flash(_("In force. What waits is withheld as it comes due."), "good")
    return redirect(url_for("do_not_ask.page"), 303)


@blueprint.post("/<int:rule_id>/end")
@roles_allowed("admin")
def end(rule_id: int) -> ResponseReturnValue:
    """End a rule."""
    rule = db.get_or_404(DoNotAsk, rule_id)
    ask_again(db.session(), rule, current_user, clock.now())
    note_done("do_not_ask.ended", About("do_not_ask", rule.id, rule.value), _said_of(rule))
    db.session.commit()
    flash(_("Ended. Contacts reported from now on are asked about again."), "good")
    return redirect(url_for("do_not_ask.page"), 303)
