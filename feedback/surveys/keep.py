"""Changes what is said about a published version: what it is for, and who answers for it."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback.surveys.gaps import Upkeep
from feedback.surveys.models import Survey


def change_upkeep(session: Session, survey: Survey, upkeep: Upkeep) -> None:
    """Say anew what a version is for and who answers for it; nothing a customer sees is in it."""
    survey.purpose_en, survey.purpose_zh = upkeep.purpose_en, upkeep.purpose_zh
    survey.owner_name, survey.owner_email = upkeep.owner_name, upkeep.owner_email
    session.flush()


def name_owner(session: Session, email: str, name: str = "") -> None:
    """Let somebody answer for the surveys nobody answers for, such as those that came with us."""
    session.execute(
        sa.update(Survey)
        .where(Survey.owner_name == "")
        .values(owner_name=(name or email)[:120], owner_email=email)
        .execution_options(synchronize_session=False)
    )
