"""What the commands about targets and annotations share: whose name, and about what."""

from datetime import date

import click
import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from feedback.accounts.models import User
from feedback.accounts.people import normal_email
from feedback.reports.aims.aim_subjects import SUBJECTS, find_subject
from feedback.reports.request import BadRequest, read_date

_WRITTEN = ", ".join(SUBJECTS)


def somebody(session: Session, email: str) -> User:
    """Return the person in whose name it is done; end with 2 where there is none."""
    user = session.scalar(sa.select(User).where(User.email == normal_email(email)))
    if user is None:
        raise click.BadParameter(_("Nobody signs in with this address."), param_hint="--by")
    return user


def about_what(session: Session, text: str) -> tuple[str, int]:
    """Return subject and id of `channel=phone`; nothing said is everything."""
    if not text:
        return "all", 0
    subject, _equals, key = text.partition("=")
    if subject not in SUBJECTS:
        rule = _("is written channel=phone, with one of %(list)s", list=_WRITTEN)
        raise click.BadParameter(rule, param_hint="--about")
    id_ = find_subject(session, subject, key) if "\0" not in key else None
    if id_ is None:
        raise click.BadParameter(_("names nothing there is"), param_hint="--about")
    return subject, id_


def a_day(option: str, text: str) -> date:
    """Return the day; end with 2 where it is none."""
    try:
        found = read_date(option, text)
    except BadRequest as bad:
        raise click.BadParameter(bad.rule, param_hint=option) from bad
    if found is None:
        raise click.BadParameter(_("This is needed."), param_hint=option)
    return found
