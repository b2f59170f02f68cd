"""The queue page: what waits, what failed and with which words, and what to do about it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from flask import (
    Blueprint,
    abort,
    current_app,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from feedback import clock
from feedback.accounts.access import roles_allowed
from feedback.accounts.acting import note_done
from feedback.accounts.audit import About
from feedback.addresses import row_number
from feedback.database import db
from feedback.interactions.contacts import address_key, mask_address
from feedback.outbox import overrule, queue
from feedback.outbox.claim import HELD
from feedback.outbox.labels import (
    bounce_label,
    kind_label,
    said,
    state_label,
    suppression_label,
    why_cancelled,
)
from feedback.outbox.models import Message
from feedback.outbox.pulse import seen_at

blueprint = Blueprint("outbox", __name__)

# Longer than a round takes and than a mail server is left alone.
_SILENT_AFTER = timedelta(minutes=5)
_FILTERS = ("state", "kind", "domain", "repeated", "lang")


@dataclass(frozen=True)
class MailServer:
    """Where mail goes, as the settings say."""

    address: str
    encryption: str
    name: str


@blueprint.get("/admin/queue")
@roles_allowed("admin")
def queue_page() -> ResponseReturnValue:
    """Show the queue."""
    session, now, wrong = db.session(), clock.now(), list[str]()
    which = _which(wrong)
    before = request.args.get("before", type=row_number)
    messages, next_before = queue.listed(session, which, now, before)
    beat = seen_at(session, now)
    returned = queue.returns(session, messages)
    text = render_template(
        "admin/queue.html",
        which=which,
        wrong=wrong,
        counts=queue.counts(session, now, _today(now)),
        messages=messages,
        returns=returned,
        dead=queue.taken_for_dead(session, returned),
        bounce_label=bounce_label,
        state_of=lambda message: queue.state_of(message, now),
        when=_when,
        said=said,
        may_have_come_twice=queue.may_have_come_twice,
        states=queue.STATES,
        kinds=queue.KINDS,
        suppressions=queue.suppressions(session, now),
        beat=beat,
        is_silent=beat is None or now - beat > _SILENT_AFTER,
        is_late=_SILENT_AFTER,
        now=now,
        server=_server(),
        older=_address(before=next_before) if next_before else None,
        newest=_address(before=None) if before else None,
        address=_address,
        filters=_filters(),
        mask_address=mask_address,
        state_label=state_label,
        kind_label=kind_label,
        why_cancelled=why_cancelled,
        suppression_label=suppression_label,
    )
    return make_response(text, 400 if wrong else 200)


@blueprint.post("/admin/queue/<int:message_id>/again")
@roles_allowed("admin")
def try_again(message_id: int) -> ResponseReturnValue:
    """Let a message go with the next round."""
    key = address_key(current_app.config)
    done = overrule.try_again(db.session(), message_id, clock.now(), key)
    if done:
        note_done("message.tried_again", About("message", message_id))
    return _done(message_id, done, _("It goes out with the worker's next round."))


@blueprint.post("/admin/queue/<int:message_id>/cancel")
@roles_allowed("admin")
def cancel(message_id: int) -> ResponseReturnValue:
    """Let a message go no more."""
    done = overrule.cancel(db.session(), message_id, clock.now())
    if done:
        note_done("message.cancelled", About("message", message_id))
    return _done(message_id, done, _("It is cancelled."))


def _done(message_id: int, done: bool, words: str) -> ResponseReturnValue:
    if not done and db.session.get(Message, message_id) is None:
        abort(404)
    db.session.commit()
    if done:
        flash(words, "good")
    else:
        flash(_("Nothing was changed: it is being sent, or has ended already."), "wait")
    return redirect(_address(), 303)


def _which(wrong: list[str]) -> queue.Which:
    """Read the filters in the address; what cannot be read is told in `wrong` and left out."""
    state, kind = request.args.get("state", ""), request.args.get("kind", "")
    domain = request.args.get("domain", "").strip().lower().lstrip("@")
    if state and state not in queue.STATES:
        wrong.append(_("There is no state %(state)s.", state=state))
    if kind and kind not in queue.KINDS:
        wrong.append(_("There is no kind of mail called %(kind)s.", kind=kind))
    return queue.Which(
        state=state if state in queue.STATES else None,
        kind=kind if kind in queue.KINDS else None,
        domain=domain or None,
        repeated=request.args.get("repeated") == "1",
    )


def _when(message: Message) -> datetime | None:
    """Return when a message ended or may go; None where it waits for somebody's decision."""
    ended = message.returned_at or message.sent_at or message.failed_at or message.cancelled_at
    moment = ended or message.send_after
    return moment if moment < HELD else None


def _today(now: datetime) -> datetime:
    local = now.astimezone(ZoneInfo(current_app.config["TIMEZONE"]))
    return local.replace(hour=0, minute=0, second=0, microsecond=0)


def _server() -> MailServer | None:
    """Return the server mail goes to, or None where it is kept in files."""
    config = current_app.config
    if not config["MAIL_SERVER"]:
        return None
    encryption = "TLS" if config["MAIL_USE_SSL"] else "STARTTLS" if config["MAIL_USE_TLS"] else ""
    address = f"{config['MAIL_SERVER']}:{config['MAIL_PORT']}"
    return MailServer(address, encryption, config["MAIL_USERNAME"])


def _filters() -> dict[str, str]:
    return {name: request.args[name] for name in _FILTERS if request.args.get(name)}


def _address(**changes: str | int | None) -> str:
    """Return this page's address with some of its filters changed; None takes one away."""
    found = {**_filters(), **changes}
    query = {name: value for name, value in found.items() if value is not None}
    return f"{url_for('outbox.queue_page')}?{urlencode(query)}"
