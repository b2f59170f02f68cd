"""Empties the account of somebody who has left; the row stays for what refers to it."""

import secrets
from datetime import datetime

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from feedback.accounts.models import Attempt, Identity, RecoveryCode, ResetRequest, SignIn, User
from feedback.accounts.throttle import account_limit, limits_of_forgotten
from feedback.accounts.uploads import forget_upload
from feedback.retention.periods.step import change


def forget_account(session: Session, user: User, now: datetime) -> int:
    """Delete how somebody signed in, and blank who they were; return how many sign-ins there were.

    What they did for the house, such as an annotation or a target, is "somebody who left"'s.
    """
    sign_ins = session.scalar(
        sa.select(sa.func.count()).select_from(SignIn).where(SignIn.user_id == user.id)
    )
    for table in (SignIn, RecoveryCode, Identity):
        session.execute(
            sa.delete(table)
            .where(table.user_id == user.id)
            .execution_options(synchronize_session=False)
        )
    forget_upload(session, user.id)
    session.execute(sa.delete(ResetRequest).where(ResetRequest.email == user.email))
    # Tries at an account are kept under a digest of its address, which whoever knows it can make.
    subjects = [account_limit(user.email), limits_of_forgotten(user.email, None)[0]]
    session.execute(
        sa.delete(Attempt).where(sa.or_(*(Attempt.subject.startswith(s.subject) for s in subjects)))
    )
    change(
        session,
        User,
        User.id == user.id,
        email=f"left-{secrets.token_hex(8)}@erased.invalid",
        name=str(_("Somebody who left")),
        staff_id=None,
        password_hash=None,
        locale=None,
        two_step_secret=None,
        two_step_since=None,
        two_step_used=None,
        two_step_wanted_at=None,
        erased_at=now,
    )
    return sign_ins or 0
