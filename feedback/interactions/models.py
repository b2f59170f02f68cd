"""Channels, teams, staff, customers, and the interactions between them."""

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column, relationship

from feedback.database import Base, UtcMoment


class Channel(Base):
    """A medium: phone, e-mail, chat, a shop."""

    __tablename__ = "channel"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(sa.String(60), unique=True)
    name_en: Mapped[str] = mapped_column(sa.String(120))
    name_zh: Mapped[str] = mapped_column(sa.String(120))

    def name(self, locale: str) -> str:
        """Return the name in the language asked for."""
        return self.name_zh if locale.startswith("zh") else self.name_en


class Team(Base):
    """A team, known by its name; one that is closed takes nobody any more and keeps its figures."""

    __tablename__ = "team"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(120), unique=True)
    closed_at: Mapped[datetime | None] = mapped_column(UtcMoment)


class Membership(Base):
    """Who belonged to which team from which day to which, both included; one team on any day.

    Without a first day, it began before anybody kept account of it. The one without a last day says
    which team is today's.
    """

    __tablename__ = "membership"
    __table_args__ = (
        sa.CheckConstraint("to_day >= from_day", name="days"),
        sa.Index(
            "uq_membership_today",
            "staff_id",
            unique=True,
            sqlite_where=sa.text("to_day IS NULL"),
            postgresql_where=sa.text("to_day IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(sa.ForeignKey("staff_member.id"), index=True)
    team_id: Mapped[int] = mapped_column(sa.ForeignKey("team.id"), index=True)
    from_day: Mapped[date | None] = mapped_column(sa.Date)
    to_day: Mapped[date | None] = mapped_column(sa.Date)

    team: Mapped[Team] = relationship()


class StaffMember(Base):
    """Somebody who serves customers; their team is today's, an interaction keeps its own."""

    __tablename__ = "staff_member"
    __table_args__ = (
        sa.CheckConstraint("erased_at IS NULL OR left_at IS NOT NULL", name="erased_has_left"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    external_id: Mapped[str] = mapped_column(sa.String(120), unique=True)
    name: Mapped[str] = mapped_column(sa.String(120))
    email: Mapped[str | None] = mapped_column(sa.String(254), index=True)
    left_at: Mapped[datetime | None] = mapped_column(UtcMoment)
    # Since when the record says no more whose it was; only who has left is erased.
    erased_at: Mapped[datetime | None] = mapped_column(UtcMoment)

    memberships: Mapped[list[Membership]] = relationship(
        cascade="all, delete-orphan", order_by=Membership.from_day.nulls_first()
    )
    team: Mapped[Team | None] = relationship(
        secondary=Membership.__table__,
        primaryjoin=lambda: (StaffMember.id == Membership.staff_id) & Membership.to_day.is_(None),
        secondaryjoin=lambda: Membership.team_id == Team.id,
        viewonly=True,
        uselist=False,
    )

    @hybrid_property
    def team_id(self) -> int | None:
        """Return which team is today's: what the membership says that has no last day."""
        return next((one.team_id for one in self.memberships if one.to_day is None), None)

    @team_id.inplace.setter
    def _join(self, team_id: int | None) -> None:
        """Let somebody new belong to a team; everybody else moves (`interactions/move.py`)."""
        if self.memberships:
            raise AttributeError("somebody who belongs to a team already moves")
        if team_id is not None:
            self.memberships.append(Membership(team_id=team_id))

    @team_id.inplace.expression
    @classmethod
    def _team_id_in_sql(cls) -> sa.ScalarSelect[int | None]:
        return (
            sa.select(Membership.team_id)
            .where(Membership.staff_id == cls.id, Membership.to_day.is_(None))
            .correlate_except(Membership)
            .scalar_subquery()
        )


class Customer(Base):
    """The person asked. One of the keys is always there; `key` is the one they are found by."""

    __tablename__ = "customer"

    id: Mapped[int] = mapped_column(primary_key=True)
    # "id:<source>:<external_id>", "email:<address>" or "phone:<E.164>", the first that is known.
    key: Mapped[str] = mapped_column(sa.String(400), unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcMoment)


class Interaction(Base):
    """One finished contact, as it was when it was reported. Never edited, but for an erasure."""

    __tablename__ = "interaction"
    __table_args__ = (
        sa.UniqueConstraint("source", "external_id"),
        sa.Index("ix_interaction_channel_day", "channel_id", "day"),
        sa.Index("ix_interaction_staff_day", "staff_id", "day"),
        sa.Index("ix_interaction_team_day", "team_id", "day"),
        sa.CheckConstraint(
            "number_forgotten_at IS NULL OR contact_forgotten_at IS NOT NULL",
            name="forgotten_in_order",
        ),
        sa.Index(
            "ix_interaction_forgotten_number",
            "number_forgotten_at",
            sqlite_where=sa.text("number_forgotten_at IS NOT NULL"),
            postgresql_where=sa.text("number_forgotten_at IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(sa.String(60))
    external_id: Mapped[str] = mapped_column(sa.String(200))
    kind: Mapped[str] = mapped_column(sa.String(60), default="")
    status: Mapped[str] = mapped_column(sa.String(60), default="")
    subject: Mapped[str] = mapped_column(sa.Text, default="")
    occurred_at: Mapped[datetime | None] = mapped_column(UtcMoment)
    closed_at: Mapped[datetime] = mapped_column(UtcMoment)
    # The organisation's calendar day of `closed_at`; every figure is booked on it.
    day: Mapped[date] = mapped_column(sa.Date, index=True)
    recorded_at: Mapped[datetime] = mapped_column(UtcMoment)

    channel_id: Mapped[int] = mapped_column(sa.ForeignKey("channel.id"))
    staff_id: Mapped[int | None] = mapped_column(sa.ForeignKey("staff_member.id"))
    team_id: Mapped[int | None] = mapped_column(sa.ForeignKey("team.id"))
    touchpoint_id: Mapped[int | None] = mapped_column(sa.ForeignKey("touchpoint.id"), index=True)
    customer_id: Mapped[int] = mapped_column(sa.ForeignKey("customer.id"), index=True)

    customer_name: Mapped[str] = mapped_column(sa.String(200), default="")
    customer_gender: Mapped[str] = mapped_column(sa.String(10), default="")
    customer_email: Mapped[str | None] = mapped_column(sa.String(400))
    customer_phone: Mapped[str | None] = mapped_column(sa.String(60))
    # A language tag: "zh-Hans" or "en"; None where the source said nothing.
    customer_locale: Mapped[str | None] = mapped_column(sa.String(20))
    segment: Mapped[str] = mapped_column(sa.String(120), default="")
    # As the source labels it, with semicolons between; none has one inside.
    tags: Mapped[str] = mapped_column(sa.Text, default="")
    location: Mapped[str] = mapped_column(sa.String(200), default="")
    product: Mapped[str] = mapped_column(sa.String(200), default="")
    # The source says the reply came before the report: kept, and listed for a look.
    out_of_order: Mapped[bool] = mapped_column(default=False)
    # The erasure that took from it whatever told who the customer was; None where none has.
    erasure_id: Mapped[int | None] = mapped_column(sa.ForeignKey("erasure.id"), index=True)
    # When its customer's name and addresses went, because they were old or at an erasure.
    contact_forgotten_at: Mapped[datetime | None] = mapped_column(UtcMoment)
    # When its numbers in other systems went, for the same reasons.
    number_forgotten_at: Mapped[datetime | None] = mapped_column(UtcMoment)

    channel: Mapped[Channel] = relationship()
    staff: Mapped[StaffMember | None] = relationship()
    shares: Mapped[list["InteractionShare"]] = relationship(order_by="InteractionShare.staff_id")
    team: Mapped[Team | None] = relationship()
    customer: Mapped[Customer] = relationship()


class InteractionShare(Base):
    """One of several people who shared an interaction; `staff_id` is then empty there.

    `part` is theirs of the whole, agreed on before anybody answered; empty where none was, and then
    the interaction is the team's alone. Written with the interaction and never changed.
    """

    __tablename__ = "interaction_share"
    __table_args__ = (sa.CheckConstraint("part > 0 AND part < 1", name="part"),)

    interaction_id: Mapped[int] = mapped_column(sa.ForeignKey("interaction.id"), primary_key=True)
    staff_id: Mapped[int] = mapped_column(
        sa.ForeignKey("staff_member.id"), primary_key=True, index=True
    )
    part: Mapped[float | None] = mapped_column(sa.Double)

    staff: Mapped[StaffMember] = relationship(lazy="joined", innerjoin=True)
