"""People who may sign in, programs' keys, and the records of who looked and of what was done."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from feedback.database import Base, UtcMoment
from feedback.interactions.models import StaffMember


class User(Base):
    """A person who may sign in. A lead leads, and a staff member is, the linked staff record."""

    __tablename__ = "user_account"
    __table_args__ = (
        sa.CheckConstraint("role IN ('staff', 'lead', 'manager', 'analyst', 'admin')", name="role"),
        sa.CheckConstraint("email = lower(email)", name="email_lower"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(sa.String(254), unique=True)
    name: Mapped[str] = mapped_column(sa.String(120), default="")
    role: Mapped[str] = mapped_column(sa.String(10))
    staff_id: Mapped[int | None] = mapped_column(sa.ForeignKey("staff_member.id"), unique=True)
    password_hash: Mapped[str | None] = mapped_column(sa.String(200))
    locale: Mapped[str | None] = mapped_column(sa.String(20))
    created_at: Mapped[datetime] = mapped_column(UtcMoment)
    left_at: Mapped[datetime | None] = mapped_column(UtcMoment)

    staff: Mapped[StaffMember | None] = relationship()

    @property
    def is_authenticated(self) -> bool:
        """Tell Flask-Login, and every template, that this is somebody."""
        return True


class SignIn(Base):
    """One signed-in browser; the cookie holds a random value whose digest is the key here."""

    __tablename__ = "sign_in"

    digest: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("user_account.id"), index=True)
    agent: Mapped[str] = mapped_column(sa.String(200), default="")
    created_at: Mapped[datetime] = mapped_column(UtcMoment)
    ended_at: Mapped[datetime | None] = mapped_column(UtcMoment)

    user: Mapped[User] = relationship()


class Attempt(Base):
    """A failed try at something guessable, kept for as long as it counts."""

    __tablename__ = "attempt"
    __table_args__ = (sa.Index("ix_attempt_subject", "subject", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    # "sign-in:<address digest>" or "sign-in-from:<network>"
    subject: Mapped[str] = mapped_column(sa.String(120))
    at: Mapped[datetime] = mapped_column(UtcMoment)


class ApiKey(Base):
    """A program's key: `afk_<id>_<secret>`; only the secret's digest is kept."""

    __tablename__ = "api_key"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(120), unique=True)
    secret_digest: Mapped[str] = mapped_column(sa.String(64))
    created_at: Mapped[datetime] = mapped_column(UtcMoment)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcMoment)

    scopes: Mapped[list["ApiKeyScope"]] = relationship(cascade="all, delete-orphan")


class ApiKeyScope(Base):
    """One thing a key may do."""

    __tablename__ = "api_key_scope"
    __table_args__ = (
        sa.CheckConstraint(
            "scope IN ('interactions:write', 'interactions:read', 'responses:read',"
            " 'scores:read', 'scores:read-all', 'metrics:write', 'bounces:write')",
            name="scope",
        ),
    )

    api_key_id: Mapped[int] = mapped_column(sa.ForeignKey("api_key.id"), primary_key=True)
    scope: Mapped[str] = mapped_column(sa.String(30), primary_key=True)


class Look(Base):
    """Somebody looked at a staff member's figures; shown to the one looked at."""

    __tablename__ = "look"
    __table_args__ = (sa.Index("ix_look_staff", "staff_id", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("user_account.id"))
    staff_id: Mapped[int] = mapped_column(sa.ForeignKey("staff_member.id"))
    page: Mapped[str] = mapped_column(sa.String(60))
    at: Mapped[datetime] = mapped_column(UtcMoment)

    user: Mapped[User] = relationship()


class AuditEntry(Base):
    """One thing that was done, by whom and to what; chained to the one before, never changed."""

    __tablename__ = "audit_entry"
    __table_args__ = (
        sa.CheckConstraint("number > 0", name="number"),
        sa.CheckConstraint(
            "actor_kind IN ('user', 'key', 'command', 'worker', 'nobody')", name="actor_kind"
        ),
        sa.CheckConstraint("actor_name <> ''", name="actor_name"),
        sa.Index("ix_audit_entry_at", "at"),
        sa.Index("ix_audit_entry_about", "about_kind", "about_id"),
        sa.Index("ix_audit_entry_action", "action"),
    )

    # Without a gap from 1 on, which a sequence of the database could not promise.
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(UtcMoment)
    actor_kind: Mapped[str] = mapped_column(sa.String(10))
    # No foreign key: the log says what was, whatever becomes of whom it is about.
    actor_id: Mapped[int | None]
    actor_name: Mapped[str] = mapped_column(sa.String(254))
    action: Mapped[str] = mapped_column(sa.String(60))
    about_kind: Mapped[str] = mapped_column(sa.String(40))
    about_id: Mapped[str] = mapped_column(sa.String(200))
    about_name: Mapped[str] = mapped_column(sa.String(254))
    # An object of JSON; what is hashed is this very text.
    details: Mapped[str] = mapped_column(sa.Text)
    previous: Mapped[str] = mapped_column(sa.String(64), unique=True)
    hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    # The hash under a key that is not in the database.
    seal: Mapped[str] = mapped_column(sa.String(64))


class AuditHead(Base):
    """Where the audit log ends; whoever adds to it holds this row meanwhile."""

    __tablename__ = "audit_head"
    __table_args__ = (
        sa.CheckConstraint("id = 1", name="only_one"),
        sa.CheckConstraint("number >= 0", name="number"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int]
    hash: Mapped[str] = mapped_column(sa.String(64))
