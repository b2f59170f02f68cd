"""The page for how mail goes out: chosen here or given elsewhere, and tried out."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, current_app, flash, make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from feedback import chosen, clock
from feedback.accounts.access import current_user, roles_allowed
from feedback.accounts.acting import note_done
from feedback.accounts.audit import About, changes
from feedback.accounts.frame import page_locale
from feedback.accounts.recent import recently
from feedback.config import SETTINGS, read_text
from feedback.database import db
from feedback.milestones import MAIL_TESTED, milestones, note_milestone
from feedback.operating.mail_form import MailForm, is_fixed
from feedback.operating.trial_mail import trial_mail
from feedback.outbox.trial import Step, is_well, try_mail

blueprint = Blueprint("mail_settings", __name__, url_prefix="/admin/mail")


@blueprint.get("")
@roles_allowed("admin")
def page() -> ResponseReturnValue:
    """Show how mail goes out."""
    form = MailForm(formdata=None)
    form.fill(current_app)
    return _page(form)


@blueprint.post("")
@roles_allowed("admin")
# Whoever chooses the server reads the mails, and links for a password are among them.
@recently
def save() -> ResponseReturnValue:
    """Keep what was chosen; every process goes by it within seconds."""
    app, form = current_app, MailForm()
    if is_fixed(app):
        for name in ("server", "encryption", "port", "username", "password"):
            del form[name]
    if chosen.where_else(app, "MAIL_SENDER"):
        del form.sender
    if not form.validate_on_submit() or (values := form.chosen(app)) is None:
        return _page(form, status=422)
    keys = chosen.keys_of(app.config)
    chosen.choose(db.session(), values, keys=keys, now=clock.now())
    if details := _changed(app.config, values):
        note_done("mail.settings_changed", About("settings"), details)
    db.session.commit()
    chosen.refresh(app, at_once=True)
    flash(_("Saved. Now let it be tried out."), "good")
    return redirect(url_for("mail_settings.page") + "#trial", 303)


@blueprint.post("/connection")
@roles_allowed("admin")
def try_connection() -> ResponseReturnValue:
    """Connect and sign in, and send nothing."""
    return _try(with_mail=False)


@blueprint.post("/test")
@roles_allowed("admin")
def send_test() -> ResponseReturnValue:
    """Send the reader a test mail, by the transport all mail goes by."""
    return _try(with_mail=True)


def _try(*, with_mail: bool) -> ResponseReturnValue:
    config, now = current_app.config, clock.now()
    if not config["MAIL_SERVER"]:
        return redirect(url_for("mail_settings.page"), 303)
    address, locale = current_user.email, page_locale()
    # No transaction is open while a mail server takes its time.
    db.session.rollback()
    message = trial_mail(config, address, locale, now) if with_mail else None
    steps = try_mail(config, message)
    if with_mail:
        if is_well(steps):
            note_milestone(db.session(), MAIL_TESTED, now, steps[-1].words)
        note_done("mail.tested", About("settings"), {"reply": steps[-1].words})
        db.session.commit()
    form = MailForm(formdata=None)
    form.fill(current_app)
    return _page(form, steps=steps, sent_to=address if with_mail else None)


def _changed(config: Mapping[str, Any], values: Mapping[str, str | None]) -> dict[str, object]:
    """Return what becomes of the settings; of a password only that there is another."""
    before = {name: str(config[name]) for name in values if name != "MAIL_PASSWORD"}
    after = {name: _read(name, text) for name, text in values.items() if name in before}
    found: dict[str, object] = dict(changes(before, after))
    if values.get("MAIL_PASSWORD"):
        found["password_set"] = True
    return found


def _read(name: str, text: str | None) -> str:
    return str(SETTINGS[name].default if text is None else read_text(name, text))


def _page(
    form: MailForm,
    status: int = 200,
    steps: list[Step] | None = None,
    sent_to: str | None = None,
) -> ResponseReturnValue:
    app = current_app
    text = render_template(
        "operating/mail.html",
        form=form,
        fixed={
            name: where
            for name in ("MAIL_SENDER", *chosen.CONNECTION)
            if (where := chosen.where_else(app, name))
        },
        config=app.config,
        has_password=bool(app.config["MAIL_PASSWORD"]),
        has_default_sender=app.config["MAIL_SENDER"] == SETTINGS["MAIL_SENDER"].default,
        steps=steps,
        step_names=_step_names(),
        is_well=steps is not None and is_well(steps),
        sent_to=sent_to,
        tested=milestones(db.session()).get(MAIL_TESTED),
    )
    return make_response(text, status)


def _step_names() -> dict[str, str]:
    return {
        "connect": _("Reach the server"),
        "encrypt": _("Encrypt"),
        "sign_in": _("Sign in"),
        "sender": _("Name the sender"),
        "recipient": _("Name the recipient"),
        "message": _("Hand the mail over"),
    }
