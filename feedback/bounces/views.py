"""Writing again to an address that was taken for dead, from the queue page."""

from urllib.parse import urlencode

from flask import Blueprint, abort, current_app, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from feedback import clock
from feedback.accounts.access import roles_allowed
from feedback.accounts.acting import note_done
from feedback.accounts.audit import About
from feedback.bounces.record import forgive
from feedback.database import db
from feedback.interactions.contacts import address_key
from feedback.outbox.models import Message

blueprint = Blueprint("bounces", __name__)


@blueprint.post("/admin/queue/<int:message_id>/forgive")
@roles_allowed("admin")
def write_again(message_id: int) -> ResponseReturnValue:
    """Write again to the address a message came back from."""
    message = db.session.get(Message, message_id)
    if message is None:
        abort(404)
    done = forgive(db.session(), message, clock.now(), address_key(current_app.config))
    if done:
        note_done("address.forgiven", About("message", message_id))
    db.session.commit()
    if done:
        flash(_("The address is written to again. What came back before no longer counts."), "good")
    else:
        flash(_("Nothing was changed: no returned mail keeps us from writing there."), "wait")
    back = f"{url_for('outbox.queue_page')}?{urlencode(request.args.to_dict())}"
    return redirect(back, 303)
