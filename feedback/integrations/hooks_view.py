"""Takes what mail services report of mails that came back."""

from flask import current_app
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from feedback import clock
from feedback.accounts.keys import key_required
from feedback.bounces.record import message_of, message_to, record_return
from feedback.database import commit_once, db
from feedback.integrations.answers import Refusal, answer, cannot_be_taken, field_error, write
from feedback.integrations.mail_services import SOURCES, NotUnderstood, Told, read_report
from feedback.integrations.read_body import parse, read_body
from feedback.interactions.contacts import address_key


@key_required("bounces:write", also_as_password=True)
def take_report(source: str) -> ResponseReturnValue:
    """Take one report; what is told again changes nothing."""
    if source not in SOURCES:
        title = _("There is no such source")
        raise Refusal(404, title, _("There are: %(names)s.", names=", ".join(SOURCES)))
    try:
        told = read_report(source, parse(read_body()))
    except NotUnderstood as wrong:
        raise cannot_be_taken(field_error(wrong.field, wrong.value, wrong.rule)) from wrong
    session = db.session()
    counts = commit_once(session, lambda: _record(session, told))
    return answer(write(counts))


def _record(session: Session, told: list[Told]) -> dict[str, int]:
    counts = {"news": 0, "known": 0, "other": 0}
    now, key = clock.now(), address_key(current_app.config)
    for one in told:
        message = message_of(session, one.returned) or message_to(session, one.recipient, now)
        if message is None:
            counts["other"] += 1
        elif record_return(session, message, one.returned, now=now, key=key):
            counts["news"] += 1
        else:
            counts["known"] += 1
    return counts
