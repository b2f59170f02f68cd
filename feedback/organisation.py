"""Who we are: the name on pages and mails, and whether what is shown is demo data."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from feedback.database import Base, UtcMoment


class Organisation(Base):
    """The one organisation this installation belongs to."""

    __tablename__ = "organisation"
    __table_args__ = (sa.CheckConstraint("id = 1", name="only_one"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name_en: Mapped[str] = mapped_column(sa.String(120))
    name_zh: Mapped[str] = mapped_column(sa.String(120))
    contact: Mapped[str] = mapped_column(sa.String(200), default="")
    is_demo: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(UtcMoment)

    def name(self, locale: str) -> str:
        """Return the name in the language asked for."""
        return self.name_zh if locale.startswith("zh") else self.name_en


def the_organisation(session: Session) -> Organisation | None:
    """Return the organisation, or None before set-up."""
    return session.get(Organisation, 1)
