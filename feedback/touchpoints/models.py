"""A planned place where we meet customers: which survey, when, and whether we ask again."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

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
