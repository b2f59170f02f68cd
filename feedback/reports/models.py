"""Tallies per subject and period, and the notes that say what happened on a day."""

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from feedback.accounts.models import User
from feedback.database import Base, UtcMoment


class Tally(Base):
    """How many counted answers gave one score, for one subject in one period of one wave."""

    __tablename__ = "tally"
    __table_args__ = (
        sa.CheckConstraint(
            "subject IN ('all', 'channel', 'team', 'staff', 'touchpoint')", name="subject"
        ),
        sa.CheckConstraint("grain IN ('week', 'month')", name="grain"),
        sa.CheckConstraint("count > 0", name="counted"),
    )

    subject: Mapped[str] = mapped_column(sa.String(12), primary_key=True)
    # Zero where the subject is everything, or where nobody (no team, no staff member) is named.
    subject_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    metric: Mapped[str] = mapped_column(sa.String(10), primary_key=True)
    grain: Mapped[str] = mapped_column(sa.String(5), primary_key=True)
    starts_on: Mapped[date] = mapped_column(sa.Date, primary_key=True)
    wave: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    score: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    count: Mapped[int]


class RollUp(Base):
    """The last roll-up: everything that changed before `counted_until` is in the tallies."""

    __tablename__ = "roll_up"
    __table_args__ = (sa.CheckConstraint("id = 1", name="only_one"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    counted_until: Mapped[datetime] = mapped_column(UtcMoment)


class Annotation(Base):
    """What happened on a day, for whoever reads a trend; withdrawn, it is kept and not shown."""

    __tablename__ = "annotation"
    __table_args__ = (
        sa.CheckConstraint("subject IN ('all', 'channel', 'team', 'touchpoint')", name="subject"),
        sa.CheckConstraint("(subject = 'all') = (subject_id = 0)", name="about_one"),
        sa.CheckConstraint("length(text) BETWEEN 1 AND 200", name="text"),
        sa.CheckConstraint(
            "(withdrawn_at IS NULL) = (withdrawn_by_id IS NULL)", name="withdrawn_by_somebody"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    # The organisation's calendar day, as figures are booked on.
    day: Mapped[date] = mapped_column(sa.Date, index=True)
    text: Mapped[str] = mapped_column(sa.String(200))
    # The process changed here: what came before is no measure of what comes after.
    breaks: Mapped[bool]
    subject: Mapped[str] = mapped_column(sa.String(12))
    # Zero where the subject is everything.
    subject_id: Mapped[int]
    made_at: Mapped[datetime] = mapped_column(UtcMoment)
    made_by_id: Mapped[int] = mapped_column(sa.ForeignKey("user_account.id"))
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcMoment)
    withdrawn_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))

    made_by: Mapped[User] = relationship(foreign_keys=[made_by_id])
    withdrawn_by: Mapped[User | None] = relationship(foreign_keys=[withdrawn_by_id])
