"""A file an administrator is about to import: kept for an hour at most, one for each of them."""

import zlib
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from feedback.database import Base, UtcMoment

LASTS = timedelta(hours=1)


class Upload(Base):
    """A file between being chosen and being imported; in no backup, and gone within the hour."""

    __tablename__ = "upload"

    user_id: Mapped[int] = mapped_column(sa.ForeignKey("user_account.id"), primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(120))
    content: Mapped[bytes] = mapped_column(sa.LargeBinary)
    uploaded_at: Mapped[datetime] = mapped_column(UtcMoment)


def keep_upload(
    session: Session, user_id: int, *, name: str, content: bytes, now: datetime
) -> None:
    """Keep a file in place of the one this person chose before; the caller commits."""
    forget_old_uploads(session, now)
    packed = zlib.compress(content)
    session.merge(Upload(user_id=user_id, name=name[:120], content=packed, uploaded_at=now))


def find_upload(session: Session, user_id: int, now: datetime) -> tuple[str, bytes] | None:
    """Return the name and content of the file this person chose within the hour, or None."""
    found = session.get(Upload, user_id)
    if found is None or found.uploaded_at <= now - LASTS:
        return None
    return found.name, zlib.decompress(found.content)


def forget_upload(session: Session, user_id: int) -> None:
    """Forget this person's file; the caller commits."""
    session.execute(sa.delete(Upload).where(Upload.user_id == user_id))


def has_old_uploads(session: Session, now: datetime) -> bool:
    """Tell whether there are files nobody imported in time."""
    old = Upload.uploaded_at <= now - LASTS
    return session.scalar(sa.select(Upload.user_id).where(old).limit(1)) is not None


def forget_old_uploads(session: Session, now: datetime) -> None:
    """Forget the files nobody imported in time; the caller commits."""
    session.execute(sa.delete(Upload).where(Upload.uploaded_at <= now - LASTS))
