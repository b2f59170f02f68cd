"""A planned place where we meet customers, and what is aimed at: there, or anywhere."""

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from feedback.accounts.models import User
from feedback.database import Base, UtcMoment
from feedback.interactions.models import Team

# Who is asked again; "all" is whoever was asked the first time.
FOLLOW_UPS = ("all", "answered", "unanswered", "off")
LONGEST_DELAY = 14 * 24 * 60


class Touchpoint(Base):
    """A place of the plan: which interactions it takes, what it asks, and who answers for it.

    It takes those of its kind, channel and team, as far as it names them; of several that take one,
    the most specific does (`touchpoints/match.py`).
    """

    __tablename__ = "touchpoint"
    __table_args__ = (
        sa.CheckConstraint("delay_minutes BETWEEN 0 AND 20160", name="delay"),
        sa.CheckConstraint("asking_channel IN ('mail')", name="asking_channel"),
        sa.CheckConstraint("sampling_rate BETWEEN 0 AND 1", name="sampling_rate"),
        sa.CheckConstraint(
            "follow_up IN ('off', 'all', 'answered', 'unanswered')", name="follow_up"
        ),
        sa.CheckConstraint(
            "owner_id IS NULL OR (owner_name = '' AND owner_email = '')", name="one_owner"
        ),
        sa.CheckConstraint(
            "retired_at IS NULL OR live_since IS NOT NULL", name="retired_after_living"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(sa.String(60), unique=True)
    name_en: Mapped[str] = mapped_column(sa.String(120))
    name_zh: Mapped[str] = mapped_column(sa.String(120))
    goal_en: Mapped[str] = mapped_column(sa.String(300), default="")
    goal_zh: Mapped[str] = mapped_column(sa.String(300), default="")
    # How it is to be done there, for whoever does it.
    norms_en: Mapped[str] = mapped_column(sa.Text, default="")
    norms_zh: Mapped[str] = mapped_column(sa.Text, default="")
    # Who answers for it: somebody who may sign in, or else a name and an address.
    owner_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))
    owner_name: Mapped[str] = mapped_column(sa.String(120), default="")
    owner_email: Mapped[str] = mapped_column(sa.String(254), default="")
    # The team or department responsible, in its own words: not every department serves customers.
    responsible: Mapped[str] = mapped_column(sa.String(120), default="")

    # Its trigger; None takes any. Kinds with commas between them are alternatives.
    kind: Mapped[str | None] = mapped_column(sa.String(200))
    # By its code and not its number, so that it can wait for a channel nobody has met yet.
    channel_code: Mapped[str | None] = mapped_column(sa.String(60))
    team_id: Mapped[int | None] = mapped_column(sa.ForeignKey("team.id"))

    survey_key: Mapped[str] = mapped_column(sa.String(60))
    # None: this touchpoint is not followed up, whatever the rule.
    follow_up_survey_key: Mapped[str | None] = mapped_column(sa.String(60))
    follow_up: Mapped[str] = mapped_column(sa.String(10), default="all")
    # From the end of the contact to the first mail.
    delay_minutes: Mapped[int] = mapped_column(default=0)
    asking_channel: Mapped[str] = mapped_column(sa.String(10), default="mail")
    # The share of interactions that are asked about; the seed decides which, the same every time.
    sampling_rate: Mapped[float] = mapped_column(sa.Double, default=1.0)
    seed: Mapped[int] = mapped_column(default=0)

    # As whom customers are asked; None: as the organisation itself.
    brand_id: Mapped[int | None] = mapped_column(sa.ForeignKey("brand.id"))

    live_since: Mapped[datetime | None] = mapped_column(UtcMoment)
    retired_at: Mapped[datetime | None] = mapped_column(UtcMoment)

    owner: Mapped[User | None] = relationship()
    team: Mapped[Team | None] = relationship()

    @property
    def is_live(self) -> bool:
        """Tell whether interactions are asked about here."""
        return self.live_since is not None and self.retired_at is None

    @property
    def is_general(self) -> bool:
        """Tell whether it takes whatever no other takes."""
        return self.kind is None and self.channel_code is None and self.team_id is None

    def name(self, locale: str) -> str:
        """Return the name in the language asked for."""
        return self.name_zh if locale.startswith("zh") else self.name_en

    def goal(self, locale: str) -> str:
        """Return the goal in the language asked for, else in the other."""
        pair = (self.goal_zh, self.goal_en)
        return pair[0] or pair[1] if locale.startswith("zh") else pair[1] or pair[0]

    def norms(self, locale: str) -> str:
        """Return the norms in the language asked for, else in the other."""
        pair = (self.norms_zh, self.norms_en)
        return pair[0] or pair[1] if locale.startswith("zh") else pair[1] or pair[0]


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
