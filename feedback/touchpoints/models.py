"""A planned place where we meet customers, and what is aimed at: there, or anywhere."""

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from feedback.accounts.models import User
from feedback.database import Base, UtcMoment


class Touchpoint(Base):
    """Where interactions of one channel (or of any, where none is named) lead to a question."""

    __tablename__ = "touchpoint"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(sa.String(60), unique=True)
    name_en: Mapped[str] = mapped_column(sa.String(120))
    name_zh: Mapped[str] = mapped_column(sa.String(120))
    channel_id: Mapped[int | None] = mapped_column(sa.ForeignKey("channel.id"), unique=True)
    survey_key: Mapped[str] = mapped_column(sa.String(60))
    # None: this touchpoint is not followed up.
    follow_up_survey_key: Mapped[str | None] = mapped_column(sa.String(60))
    retired_at: Mapped[datetime | None] = mapped_column(UtcMoment)

    def name(self, locale: str) -> str:
        """Return the name in the language asked for."""
        return self.name_zh if locale.startswith("zh") else self.name_en


class Target(Base):
    """One line of the log of targets: what was aimed at in some days, and who said so when.

    Nothing in it is edited. On a day, of the lines that cover it and count, the one that began to
    count last applies; one without a value says that there is no target of this subject.
    """

    __tablename__ = "target"
    __table_args__ = (
        sa.CheckConstraint("metric IN ('csat', 'nps', 'ces')", name="metric"),
        sa.CheckConstraint("wave IN (1, 2)", name="wave"),
        # Not 'staff': a line for one person would be decided by chance (decision 21).
        sa.CheckConstraint("subject IN ('all', 'channel', 'team', 'touchpoint')", name="subject"),
        sa.CheckConstraint("(subject = 'all') = (subject_id = 0)", name="about_one"),
        sa.CheckConstraint(
            "value IS NULL OR (metric = 'csat' AND value BETWEEN 0 AND 1)"
            " OR (metric = 'nps' AND value BETWEEN -1 AND 1)"
            " OR (metric = 'ces' AND value BETWEEN 1 AND 7)",
            name="value_on_scale",
        ),
        sa.CheckConstraint("to_day IS NULL OR to_day >= from_day", name="days"),
        sa.CheckConstraint("from_day > set_on OR reason <> ''", name="late_with_reason"),
        sa.CheckConstraint("confirmed_by_id <> set_by_id", name="two_people"),
        sa.CheckConstraint(
            "(confirmed_at IS NULL) = (confirmed_by_id IS NULL)", name="confirmed_by_somebody"
        ),
        sa.CheckConstraint(
            "(declined_at IS NULL) = (declined_by_id IS NULL)", name="declined_by_somebody"
        ),
        sa.CheckConstraint(
            "NOT (confirmed_at IS NOT NULL AND declined_at IS NOT NULL)", name="one_decision"
        ),
        sa.CheckConstraint(
            "from_day <= set_on OR (confirmed_at IS NULL AND declined_at IS NULL)",
            name="only_late_ones_are_decided",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    metric: Mapped[str] = mapped_column(sa.String(10))
    wave: Mapped[int]
    subject: Mapped[str] = mapped_column(sa.String(12))
    # Zero where the subject is everything.
    subject_id: Mapped[int]
    # In the metric's own unit: CSAT in 0 … 1, NPS in -1 … 1, CES in 1 … 7; None ends a target.
    value: Mapped[float | None] = mapped_column(sa.Double)
    from_day: Mapped[date] = mapped_column(sa.Date)
    to_day: Mapped[date | None] = mapped_column(sa.Date)
    set_at: Mapped[datetime] = mapped_column(UtcMoment)
    # The organisation's calendar day of `set_at`: from it the database knows what was set late.
    set_on: Mapped[date] = mapped_column(sa.Date)
    set_by_id: Mapped[int] = mapped_column(sa.ForeignKey("user_account.id"))
    reason: Mapped[str] = mapped_column(sa.String(200), default="")
    # Set late, it is a proposal until a second person has said yes, or anybody no.
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcMoment)
    confirmed_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))
    declined_at: Mapped[datetime | None] = mapped_column(UtcMoment)
    declined_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))

    set_by: Mapped[User] = relationship(foreign_keys=[set_by_id])
    confirmed_by: Mapped[User | None] = relationship(foreign_keys=[confirmed_by_id])
    declined_by: Mapped[User | None] = relationship(foreign_keys=[declined_by_id])

    @property
    def is_late(self) -> bool:
        """Tell whether its days had begun when it was set; then it needs two people."""
        return self.from_day <= self.set_on

    @property
    def counts(self) -> bool:
        """Tell whether it applies to anything: set beforehand, or confirmed by a second person."""
        return not self.is_late or self.confirmed_at is not None

    @property
    def is_waiting(self) -> bool:
        """Tell whether it waits for a second person."""
        return self.is_late and self.confirmed_at is None and self.declined_at is None

    @property
    def counted_from(self) -> datetime:
        """Return when it began to count, as far as it does."""
        return self.confirmed_at or self.set_at

    def covers(self, day: date) -> bool:
        """Tell whether the day is one of its own."""
        return self.from_day <= day and (self.to_day is None or day <= self.to_day)
