"""Tallies per subject and period: what pages read instead of counting every answer."""

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

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
