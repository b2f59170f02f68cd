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
        sa.CheckConstraint(
            "(two_step_secret IS NULL) = (two_step_since IS NULL)", name="two_step_whole"
        ),
        sa.CheckConstraint(
            "two_step_used IS NULL OR two_step_secret IS NOT NULL", name="two_step_used"
        ),
        sa.CheckConstraint(
            "erased_at IS NULL OR (left_at IS NOT NULL AND password_hash IS NULL"
            " AND two_step_secret IS NULL AND staff_id IS NULL)",
            name="erased_is_gone",
        ),
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
    # Since when it says no more whose it was; it stays for what refers to it.
    erased_at: Mapped[datetime | None] = mapped_column(UtcMoment)
    # Encrypted with the installation's key, so that the database alone makes nobody's codes.
    two_step_secret: Mapped[str | None] = mapped_column(sa.Text)
    two_step_since: Mapped[datetime | None] = mapped_column(UtcMoment)
    # The half minute of the last code taken; none of it or before it is taken again.
    two_step_used: Mapped[int | None] = mapped_column(sa.BigInteger)
    # Since when an administrator obliges this very person.
    two_step_wanted_at: Mapped[datetime | None] = mapped_column(UtcMoment)

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
    # The /24 or /56 it came from at the beginning; of where somebody is, no more is kept.
    network: Mapped[str] = mapped_column(sa.String(50), default="")
    created_at: Mapped[datetime] = mapped_column(UtcMoment)
    # To within a few minutes: not every page is worth a write.
    last_used_at: Mapped[datetime] = mapped_column(UtcMoment)
    # When its holder last showed who they are, by password or at the organisation's sign-in.
    proved_at: Mapped[datetime] = mapped_column(UtcMoment)
    ended_at: Mapped[datetime | None] = mapped_column(UtcMoment)

    user: Mapped[User] = relationship()


class RecoveryCode(Base):
    """What lets somebody in once whose phone is lost; only a digest under our key is kept."""

    __tablename__ = "recovery_code"

    user_id: Mapped[int] = mapped_column(sa.ForeignKey("user_account.id"), primary_key=True)
    digest: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    used_at: Mapped[datetime | None] = mapped_column(UtcMoment)


class ResetRequest(Base):
    """Somebody wants a link for a password mailed to an address; gone once that is looked into.

    Known or not, an address leaves the same row, so that asking tells nobody who is here.
    """

    __tablename__ = "reset_request"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(sa.String(254))
    locale: Mapped[str] = mapped_column(sa.String(20))
    asked_at: Mapped[datetime] = mapped_column(UtcMoment)


class Identity(Base):
    """Whom the organisation's own sign-in (OpenID Connect) means by one of its subjects."""

    __tablename__ = "identity"
    __table_args__ = (sa.UniqueConstraint("issuer", "user_id"),)

    issuer: Mapped[str] = mapped_column(sa.String(300), primary_key=True)
    subject: Mapped[str] = mapped_column(sa.String(255), primary_key=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("user_account.id"))
    since: Mapped[datetime] = mapped_column(UtcMoment)

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
    """One thing that was done, by whom and to what; chained to the one before; at most blanked."""

    __tablename__ = "audit_entry"
    __table_args__ = (
        sa.CheckConstraint("number > 0", name="number"),
        sa.CheckConstraint(
            "actor_kind IN ('user', 'key', 'command', 'worker', 'nobody')", name="actor_kind"
        ),
        sa.CheckConstraint("actor_name <> ''", name="actor_name"),
        sa.CheckConstraint(
            "(redacted_at IS NULL) = (redaction_seal IS NULL)", name="redacted_under_seal"
        ),
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
    # When names or details were taken out of it; the hash stays that of what it said before.
    redacted_at: Mapped[datetime | None] = mapped_column(UtcMoment)
    # What it says since, under the key; so nobody else can take out, or put in, anything.
    redaction_seal: Mapped[str | None] = mapped_column(sa.String(64))


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
