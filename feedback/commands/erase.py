"""`flask erase`: forgets one person, whole, and says how much that was."""

import json
from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from feedback import clock
from feedback.accounts.acting import note_done
from feedback.accounts.audit import About
from feedback.database import commit_once, db, settle_file
from feedback.interactions.contacts import is_valid_address
from feedback.retention.erase import Rules, erase
from feedback.retention.forget_mails import remove_files
from feedback.retention.models import Erasure
from feedback.retention.person import (
    Person,
    customers_named,
    person_of_address,
    person_of_customer,
)


@click.command("erase")
@click.argument("who", metavar="EMAIL|ID")
@click.option("--dry-run", is_flag=True, help="Say what it would come to, and change nothing.")
@click.option("--yes", is_flag=True, help="Erase without asking once more.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
@with_appcontext
def erase_person(who: str, dry_run: bool, yes: bool, form: str) -> None:
    """Erase everything held about one customer, by address or number; only counts stay."""
    session, config = db.session(), current_app.config
    rules, now = Rules.from_config(config), clock.now()

    def work() -> Erasure:
        return erase(session, person_meant(session, who), rules, now, asked_by="administrator")

    def work_and_note() -> Erasure:
        done = work()
        session.flush()
        note_done("customer.erased", About("erasure", done.id), done.counts())
        return done

    if dry_run or not yes:
        # The very same work, and taken back: what it says is what it would do.
        told = work().counts()
        session.rollback()
        if dry_run:
            _tell(told, form, is_done=False)
            return
        click.echo(_summary(told), err=True)
        click.confirm(_("Erase this for good?"), abort=True, err=True)
    erasure = commit_once(session, work_and_note)
    done = {"erasure": erasure.id} | erasure.counts()
    session.close()
    removed = remove_files(session, Path(current_app.instance_path) / "mail")
    session.close()
    settle_file(db.engine)
    _tell({**done, "files": removed}, form, is_done=True)


def person_meant(session: Session, who: str) -> Person:
    """Return whom an address or a customer's number means, or end with what is wrong with it."""
    who = who.strip()
    # A source may number its customers by their addresses; then the address is meant.
    if is_valid_address(who):
        return person_of_address(session, who)
    customers = customers_named(session, who)
    if not customers:
        raise _refused(_("%(who)s is neither an address nor a customer we know", who=who))
    if len(customers) > 1:
        names = ", ".join(customer.key for customer in customers)
        rule = _("%(who)s means several customers; name one: %(names)s", who=who, names=names)
        raise _refused(rule)
    return person_of_customer(session, customers[0])


def _refused(rule: str) -> click.BadParameter:
    return click.BadParameter(rule, param_hint="EMAIL|ID")


def _tell(told: dict[str, int], form: str, *, is_done: bool) -> None:
    if form == "json":
        click.echo(json.dumps(told | {"dry_run": not is_done}))
        return
    click.echo(_summary(told))
    if is_done:
        click.echo(_("Erased, as number %(number)s.", number=told["erasure"]))
    else:
        click.echo(_("Nothing has been changed."))


def _summary(told: dict[str, int]) -> str:
    return str(
        _(
            "%(contacts)s contacts made anonymous; answers: %(removed)s removed, %(kept)s kept as"
            " numbers; %(comments)s comments; %(mails)s mails emptied, %(cancelled)s of them called"
            " off; %(withheld)s planned invitations called off; %(addresses)s addresses never"
            " written to again",
            contacts=told["contacts"],
            removed=told["answers_removed"],
            kept=told["answers_kept"],
            comments=told["comments"],
            mails=told["mails"],
            cancelled=told["mails_cancelled"],
            withheld=told["invitations_withheld"],
            addresses=told["addresses"],
        )
    )


COMMANDS: tuple[click.Command, ...] = (erase_person,)
