"""What is held about somebody, behind the key mailed to them: to read, take along, or end."""

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from flask import Response, current_app, g, make_response, redirect, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from feedback import links
from feedback.accounts.acting import CUSTOMER, note_done
from feedback.accounts.audit import About
from feedback.config import AnswerPolicy
from feedback.customers.doorway import (
    Holder,
    blueprint,
    opens_own,
    own_page,
    url_for,
    was_shown,
)
from feedback.customers.held import held, mails_to, notice_versions
from feedback.customers.own_answers import Contact, Said, contacts_of
from feedback.customers.prefer import wishes_of
from feedback.database import commit_once, db, reading, settle_file
from feedback.invitations.models import Invitation
from feedback.languages import OWN_LANGUAGES, own_name
from feedback.responses.models import Response as Given
from feedback.responses.withdraw import withdraw
from feedback.retention.erase import Rules, erase
from feedback.retention.forget_mails import remove_files
from feedback.retention.models import Erasure
from feedback.retention.person import Person, person_of_address

# A mailbox many people share may have thousands; the file has them all.
MOST_SHOWN = 100


@blueprint.get("/my/<key>", endpoint="own")
@opens_own
def show(holder: Holder, now: datetime) -> ResponseReturnValue:
    """Show every contact, what was asked about it and what was said. Nothing is written."""
    return _read(
        holder,
        now,
        lambda session, person, contacts: own_page(
            "own",
            holder.opened,
            holder=holder,
            contacts=contacts[:MOST_SHOWN],
            total=len(contacts),
            survey_url=links.survey_url,
            preferences_address=links.preferences_url(holder.opened.invitation.id),
            withdrawn="withdrawn" in request.args,
        ),
    )


@blueprint.get("/my/<key>/everything", endpoint="everything")
@opens_own
def show_everything(holder: Holder, now: datetime) -> ResponseReturnValue:
    """Show all that the file holds, to be read and printed."""
    return _read(
        holder,
        now,
        lambda session, person, contacts: own_page(
            "everything",
            holder.opened,
            holder=holder,
            contacts=contacts,
            everything=_held(session, holder, person, contacts, now),
            mails=mails_to(session, person, contacts),
            notice_versions=notice_versions(session, contacts),
            made_at=now,
            language_names={tag: own_name(tag) for tag in OWN_LANGUAGES},
            genders={"male": _("Mr"), "female": _("Ms")},
        ),
    )


@blueprint.get("/my/<key>/export.json", endpoint="export")
@opens_own
def export(holder: Holder, now: datetime) -> ResponseReturnValue:
    """Return everything held as one file."""

    def write(session: Session, person: Person, contacts: list[Contact]) -> Response:
        body = json.dumps(
            _held(session, holder, person, contacts, now), ensure_ascii=False, indent=1
        )
        response = Response(body, mimetype="application/json")
        response.headers["Content-Disposition"] = "attachment; filename=my-feedback.json"
        response.headers["Cache-Control"] = "no-store"
        return response

    return _read(holder, now, write)


@blueprint.get("/my/<key>/withdraw/<int:response_id>", endpoint="withdraw")
@opens_own
def ask_to_withdraw(holder: Holder, now: datetime, response_id: int) -> ResponseReturnValue:
    """Ask whether an answer is to be taken back, and say what that means."""
    return _withdraw_page(holder, now, response_id)


@blueprint.post("/my/<key>/withdraw/<int:response_id>", endpoint="withdraw_now")
@opens_own
def withdraw_now(holder: Holder, now: datetime, response_id: int) -> ResponseReturnValue:
    """Take an answer of the holder's back."""
    if not was_shown(holder.opened, f"withdraw:{response_id}"):
        return _withdraw_page(holder, now, response_id, status=422)
    session = db.session()

    def work() -> bool:
        person = _person(session, holder, acting=True)
        response = session.get(Given, response_id)
        is_own = response is not None and response.interaction_id in person.interaction_ids
        if is_own and withdraw(session, response_id, now):
            note_done("response.withdrawn", About("response", response_id), by=CUSTOMER)
        return is_own

    if not commit_once(session, work):
        return redirect(url_for("own"), 303)
    _forget_traces(session)
    return redirect(url_for("own", withdrawn=1), 303)


@blueprint.get("/my/<key>/erase", endpoint="erase")
@opens_own
def ask_to_erase(holder: Holder, now: datetime) -> ResponseReturnValue:
    """Say what would go and what would stay, and ask."""
    return _erase_page(holder, now)


@blueprint.post("/my/<key>/erase", endpoint="erase_now")
@opens_own
def erase_now(holder: Holder, now: datetime) -> ResponseReturnValue:
    """Erase everything held about whoever reads this address, and say how much that was."""
    if not was_shown(holder.opened, "erase") or request.form.get("sure") != "yes":
        wrong = _("Nothing has been erased yet. Please tick the box, and press once more.")
        return _erase_page(holder, now, status=422, wrong=wrong)
    session, rules = db.session(), Rules.from_config(current_app.config)

    def work() -> Erasure | None:
        person = _person(session, holder, acting=True)
        # Somebody else with the key came first, or the answer to our COMMIT was lost.
        if not person.addresses:
            return None
        done = erase(session, person, rules, now, asked_by="customer")
        note_done("customer.erased", About("erasure", done.id), done.counts(), by=CUSTOMER)
        return done

    commit_once(session, work)
    _forget_traces(session)
    return redirect(url_for("own"), 303)


def _forget_traces(session: Session) -> None:
    """Remove what lies outside of the tables: files of mails, and the database's own journal."""
    try:
        with reading():
            remove_files(session, Path(current_app.instance_path) / "mail")
            session.close()
        settle_file(db.engine)
    except OSError as error:
        current_app.logger.error("files of erased mails could not be removed", exc_info=error)


def _person(session: Session, holder: Holder, *, acting: bool = False) -> Person:
    """Return whose the contacts are whose mails the holder reads; nobody's once erased.

    Who is about to change something takes turns with others who hold the same key.
    """
    number = holder.opened.invitation.id
    invitation = session.get_one(
        Invitation, number, populate_existing=True, with_for_update=True if acting else None
    )
    address = invitation.interaction.customer_email
    if not address:
        return Person(frozenset(), frozenset(), frozenset())
    return person_of_address(session, address)


def _read(
    holder: Holder,
    now: datetime,
    write: Callable[[Session, Person, list[Contact]], Response],
) -> Response:
    """Return the page made of the person's contacts, read in one transaction."""
    with reading():
        session = db.session()
        person = _person(session, holder)
        contacts = contacts_of(
            session,
            person,
            locale=g.language,
            policy=AnswerPolicy.from_config(current_app.config),
            now=now,
        )
        page = write(session, person, contacts)
        session.close()
    return page


def _held(
    session: Session, holder: Holder, person: Person, contacts: list[Contact], now: datetime
) -> dict[str, Any]:
    invitation = session.get_one(Invitation, holder.opened.invitation.id)
    wishes = wishes_of(session, invitation, current_app.config, now)
    return held(session, person, contacts, wishes, now)


def _withdraw_page(
    holder: Holder, now: datetime, response_id: int, *, status: int = 200
) -> Response:
    def write(session: Session, person: Person, contacts: list[Contact]) -> Response:
        found: tuple[Contact, Said] | None = next(
            (
                (contact, wave.said)
                for contact in contacts
                for wave in contact.waves
                if wave.said is not None and wave.said.response.id == response_id
            ),
            None,
        )
        # Somebody else's looks like one that never was.
        if found is None:
            return own_page("gone", holder.opened, status=404)
        contact, said = found
        # Somebody came back to a page of before; there is nothing left to take back.
        if said.response.withdrawn_at is not None:
            return make_response(redirect(url_for("own"), 303))
        nonce = links.page_nonce(
            holder.opened.invitation.id, purpose=f"withdraw:{response_id}", now=now
        )
        return own_page(
            "withdraw",
            holder.opened,
            status=status,
            contact=contact,
            said=said,
            nonce=nonce,
            is_again=status != 200,
        )

    return _read(holder, now, write)


def _erase_page(holder: Holder, now: datetime, *, status: int = 200, wrong: str = "") -> Response:
    def write(session: Session, person: Person, contacts: list[Contact]) -> Response:
        said = [wave.said for one in contacts for wave in one.waves if wave.said is not None]
        return own_page(
            "erase",
            holder.opened,
            status=status,
            wrong=wrong,
            nonce=links.page_nonce(holder.opened.invitation.id, purpose="erase", now=now),
            contacts=len(contacts),
            answers=sum(one.response.withdrawn_at is None for one in said),
            keeps_scores=Rules.from_config(current_app.config).keeps_scores,
        )

    return _read(holder, now, write)
