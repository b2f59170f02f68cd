"""Surveys by version, their questions, and the words of both in each language."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from feedback.database import Base, UtcMoment


class Survey(Base):
    """One version of a questionnaire. Never reworded once answered, only superseded."""

    __tablename__ = "survey"
    __table_args__ = (
        sa.UniqueConstraint("key", "version"),
        sa.Index(
            "uq_survey_live",
            "key",
            unique=True,
            sqlite_where=sa.text("published_at IS NOT NULL AND retired_at IS NULL"),
            postgresql_where=sa.text("published_at IS NOT NULL AND retired_at IS NULL"),
        ),
        sa.Index(
            "uq_survey_draft",
            "key",
            unique=True,
            sqlite_where=sa.text("published_at IS NULL"),
            postgresql_where=sa.text("published_at IS NULL"),
        ),
        sa.CheckConstraint(
            "retired_at IS NULL OR published_at IS NOT NULL", name="retired_after_living"
        ),
        sa.CheckConstraint("most_questions BETWEEN 1 AND 20", name="most_questions"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(sa.String(60))
    version: Mapped[int]
    published_at: Mapped[datetime | None] = mapped_column(UtcMoment)
    retired_at: Mapped[datetime | None] = mapped_column(UtcMoment)
    # When the draft was begun; None for what came with the installation.
    drafted_at: Mapped[datetime | None] = mapped_column(UtcMoment)
    # Counts the savings of a draft, so that of two who edit at once the second is told.
    revision: Mapped[int] = mapped_column(default=0)
    # The promise: no version with more questions than this is published.
    most_questions: Mapped[int] = mapped_column(default=3)
    # Who answers for it; by name, since surveys know no accounts.
    owner_name: Mapped[str] = mapped_column(sa.String(120), default="")
    owner_email: Mapped[str] = mapped_column(sa.String(254), default="")
    # What its answers are for, told to whoever plans; without it no touchpoint goes live.
    purpose_en: Mapped[str] = mapped_column(sa.String(300), default="")
    purpose_zh: Mapped[str] = mapped_column(sa.String(300), default="")

    questions: Mapped[list["Question"]] = relationship(order_by="Question.position")
    texts: Mapped[list["SurveyText"]] = relationship()

    def purpose(self, locale: str) -> str:
        """Return what it is for in the language asked for, else in the other."""
        pair = (self.purpose_zh, self.purpose_en)
        return pair[0] or pair[1] if locale.startswith("zh") else pair[1] or pair[0]


class SurveyText(Base):
    """A survey's own words in one language."""

    __tablename__ = "survey_text"

    survey_id: Mapped[int] = mapped_column(sa.ForeignKey("survey.id"), primary_key=True)
    locale: Mapped[str] = mapped_column(sa.String(20), primary_key=True)
    title: Mapped[str] = mapped_column(sa.String(200))
    intro: Mapped[str] = mapped_column(sa.Text, default="")


class Question(Base):
    """One item. `key` names it in forms, files and the API, and links it across versions."""

    __tablename__ = "question"
    __table_args__ = (
        sa.UniqueConstraint("survey_id", "position"),
        sa.UniqueConstraint("survey_id", "key"),
        sa.CheckConstraint(
            "kind IN ('csat', 'nps', 'ces', 'expect', 'rating', 'resolved', 'choice', 'choices',"
            " 'text')",
            name="kind",
        ),
        sa.CheckConstraint("after_side IN ('low', 'high')", name="after_side"),
        sa.CheckConstraint("(after_key IS NULL) = (after_side IS NULL)", name="after_something"),
        sa.CheckConstraint("after_key <> key", name="after_another"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    survey_id: Mapped[int] = mapped_column(sa.ForeignKey("survey.id"))
    position: Mapped[int]
    key: Mapped[str] = mapped_column(sa.String(40))
    kind: Mapped[str] = mapped_column(sa.String(10))
    is_required: Mapped[bool] = mapped_column(default=False)
    # Shown only after a low or a high answer to an earlier question of the same version.
    after_key: Mapped[str | None] = mapped_column(sa.String(40))
    after_side: Mapped[str | None] = mapped_column(sa.String(4))
    # Whether answers stay comparable with the version before, whose words were others; None is
    # where nobody has said, or nothing is to be said.
    stays_comparable: Mapped[bool | None]

    texts: Mapped[list["QuestionText"]] = relationship()
    options: Mapped[list["Option"]] = relationship(order_by="Option.position")


class QuestionText(Base):
    """A question's words in one language; the labels name the ends of a scale."""

    __tablename__ = "question_text"

    question_id: Mapped[int] = mapped_column(sa.ForeignKey("question.id"), primary_key=True)
    locale: Mapped[str] = mapped_column(sa.String(20), primary_key=True)
    prompt: Mapped[str] = mapped_column(sa.Text)
    low_label: Mapped[str] = mapped_column(sa.String(120), default="")
    high_label: Mapped[str] = mapped_column(sa.String(120), default="")
    hint: Mapped[str] = mapped_column(sa.Text, default="")


class Option(Base):
    """One thing to choose; on a scale `value` is the score, `side` says when a reason fits."""

    __tablename__ = "option"
    __table_args__ = (
        sa.UniqueConstraint("question_id", "value"),
        sa.CheckConstraint("side IN ('low', 'high')", name="side"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    question_id: Mapped[int] = mapped_column(sa.ForeignKey("question.id"))
    position: Mapped[int]
    value: Mapped[str] = mapped_column(sa.String(40))
    side: Mapped[str | None] = mapped_column(sa.String(4))

    texts: Mapped[list["OptionText"]] = relationship()


class OptionText(Base):
    """An option's label in one language."""

    __tablename__ = "option_text"

    option_id: Mapped[int] = mapped_column(sa.ForeignKey("option.id"), primary_key=True)
    locale: Mapped[str] = mapped_column(sa.String(20), primary_key=True)
    label: Mapped[str] = mapped_column(sa.String(120))
