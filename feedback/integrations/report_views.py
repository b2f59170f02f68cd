"""Takes reported interactions in, and tells what became of one."""

import json
from datetime import datetime
from typing import Any

from flask import current_app, g, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import joinedload, selectinload

from feedback import clock
from feedback.accounts.keys import key_required
from feedback.config import InvitationPolicy
from feedback.database import db
from feedback.integrations.answers import Refusal, answer, cannot_be_taken, field_error, write
from feedback.integrations.bodies import read_reported
from feedback.integrations.idempotency import LONGEST_KEY, Answer, Call, KeyReused, answer_once
from feedback.integrations.read_body import parse, read_body
from feedback.integrations.settle import settle
from feedback.integrations.take_reports import take_reports
from feedback.interactions.contacts import address_key, mask_address
from feedback.interactions.fields import LIMITS, Report
from feedback.interactions.models import Interaction
from feedback.invitations.fate import fates, written

MOST_REPORTS = 1000


@key_required("interactions:write")
def report_interactions() -> ResponseReturnValue:
    """Take in one interaction, or a list of them, and plan their invitations."""
    now, session, key = clock.now(), db.session(), _idempotency_key()
    body = read_body()
    call = Call.of(g.api_key.id, key, body) if key else None
    parsed = parse(body)
    is_list = isinstance(parsed, list)
    if is_list and len(parsed) > MOST_REPORTS:
        rule = _("has more than %(most)s entries", most=f"{MOST_REPORTS:,}")
        raise cannot_be_taken(field_error("body", str(len(parsed)), rule))
    reports = [_read(one, now) for one in (parsed if is_list else [parsed])]

    def carry_out() -> Answer:
        rows = take_reports(
            session,
            reports,
            policy=InvitationPolicy.from_config(current_app.config),
            key=address_key(current_app.config),
            now=now,
        )
        if is_list:
            return Answer(207, write(rows))
        alone = {name: value for name, value in rows[0].items() if name != "index"}
        # A problem's body says its status itself; an interaction's status is the answer's.
        if alone["status"] < 400:
            return Answer(alone.pop("status"), write(alone))
        return Answer(alone["status"], write(alone))

    try:
        done = settle(
            session,
            lambda: answer_once(session, call, now, carry_out) if call else carry_out(),
        )
    except KeyReused as error:
        rule = _("was used for another body within the last 24 hours")
        raise cannot_be_taken(field_error("Idempotency-Key", key, rule)) from error
    return _told(done)


@key_required("interactions:read")
def show_interaction(interaction_id: int) -> ResponseReturnValue:
    """Show one interaction with its invitations, and why one was withheld."""
    session = db.session()
    interaction = session.get(
        Interaction,
        interaction_id,
        options=[
            joinedload(Interaction.channel),
            joinedload(Interaction.staff),
            joinedload(Interaction.team),
            selectinload(Interaction.shares),
        ],
    )
    if interaction is None:
        detail = _("No interaction has the id %(id)s.", id=interaction_id)
        raise Refusal(404, _("There is no such interaction"), detail)
    facts = _facts(interaction)
    return answer(write(facts | {"invitations": fates(session, interaction, clock.now())}))


def _idempotency_key() -> str:
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return ""
    if not 0 < len(key) <= LONGEST_KEY or not key.isascii() or not key.isprintable():
        rule = _("has 1 to %(most)s printable ASCII characters", most=LONGEST_KEY)
        raise cannot_be_taken(field_error("Idempotency-Key", key, rule))
    return key


def _read(body: Any, now: datetime) -> Report | Refusal:
    policy = InvitationPolicy.from_config(current_app.config)
    # A program that does not say which system it speaks for speaks for the one its key names.
    source = g.api_key.name[: LIMITS["source"]]
    try:
        return read_reported(body, zone=policy.zone, now=now, default_source=source)
    except Refusal as refusal:
        return refusal


def _told(done: Answer) -> ResponseReturnValue:
    response = answer(done.text, done.status)
    if done.status == 201:
        response.headers["Location"] = f"{request.path}/{json.loads(done.text)['id']}"
    if done.is_repeat:
        response.headers["Idempotent-Replayed"] = "true"
    return response


def _facts(interaction: Interaction) -> dict[str, Any]:
    """Return the interaction as it was recorded; of the customer only the address, masked."""
    staff, team = interaction.staff, interaction.team
    email = interaction.customer_email
    return {
        "id": interaction.id,
        "source": interaction.source,
        "external_id": interaction.external_id,
        "kind": interaction.kind,
        "channel": interaction.channel.code,
        "status": interaction.status,
        "occurred_at": written(interaction.occurred_at),
        "closed_at": written(interaction.closed_at),
        "recorded_at": written(interaction.recorded_at),
        "subject": interaction.subject,
        "customer": {
            "email": mask_address(email) if email else None,
            "locale": interaction.customer_locale,
        },
        "segment": interaction.segment,
        "staff": {"external_id": staff.external_id, "name": staff.name} if staff else None,
        "shared_by": [
            {"external_id": one.staff.external_id, "name": one.staff.name, "share": one.part}
            for one in interaction.shares
        ],
        "team": team.name if team else None,
        "location": interaction.location,
        "product": interaction.product,
        "tags": interaction.tags.split(";") if interaction.tags else [],
    }
