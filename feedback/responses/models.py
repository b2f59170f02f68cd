"""What came back: a response, one answer to each question, and what stood there before a change."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from feedback.database import Base, UtcMoment
from feedback.interactions.models import Interaction

_ON_SCALE = (
    "score IS NULL OR (metric = 'csat' AND score BETWEEN 1 AND 5)"
    " OR (metric = 'nps' AND score BETWEEN 0 AND 10)"
    " OR (metric = 'ces' AND score BETWEEN 1 AND 7)"
    " OR (metric = 'expect' AND score BETWEEN -2 AND 2)"
    " OR (metric = 'rating' AND score BETWEEN 1 AND 5)"
)


class Response(Base):
    """What one customer said of one interaction in one wave; the unique keys make it single."""

    __tablename__ = "response"
    __table_args__ = (
        sa.UniqueConstraint("interaction_id", "wave"),
        sa.CheckConstraint("wave IN (1, 2)", name="wave"),
        sa.CheckConstraint(
            "(excluded_at IS NULL) = (excluded_because IS NULL)", name="excluded_with_reason"
        ),
        sa.CheckConstraint(
            "provenance IN ('page', 'confirmed_click', 'kiosk', 'phone', 'import')",
            name="provenance",
        ),
        sa.CheckConstraint(
            "(suspected_at IS NULL) = (suspected_because IS NULL)", name="suspected_with_reason"
        ),
        # Whoever takes an answer back takes it out of every figure, for good: nobody unstrikes it.
        sa.CheckConstraint(
            "withdrawn_at IS NULL OR (excluded_at IS NOT NULL AND suspected_at IS NULL)",
            name="withdrawn_is_struck",
        ),
        # Only what came from one of our links can have been posted by who opened all of them, and
        # what a person has taken in hand again was not.
        sa.CheckConstraint(
            "suspected_at IS NULL OR (invitation_id IS NOT NULL AND amended_at IS NULL)",
            name="suspects_are_first_posts",
        ),
        sa.CheckConstraint(
            "notice_id IS NOT NULL OR (agreed_at IS NULL AND contact_agreed_at IS NULL)",
            name="agreed_to_a_notice",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    interaction_id: Mapped[int] = mapped_column(sa.ForeignKey("interaction.id"))
    # None for answers another system collected.
    invitation_id: Mapped[int | None] = mapped_column(sa.ForeignKey("invitation.id"), unique=True)
    survey_id: Mapped[int | None] = mapped_column(sa.ForeignKey("survey.id"))
    wave: Mapped[int]
    locale: Mapped[str] = mapped_column(sa.String(20), default="")
    provenance: Mapped[str] = mapped_column(sa.String(20))
    # When the page was shown that was then sent; None where no page of ours was.
    shown_at: Mapped[datetime | None] = mapped_column(UtcMoment)
    answered_at: Mapped[datetime] = mapped_column(UtcMoment, index=True)
    # When what it says last changed; the roll-up recounts what changed since it last ran.
    changed_at: Mapped[datetime] = mapped_column(UtcMoment, index=True)
    amended_at: Mapped[datetime | None] = mapped_column(UtcMoment)
    # The version of the privacy notice that stood on its page; None where no page of ours was.
    notice_id: Mapped[int | None] = mapped_column(sa.ForeignKey("notice.id"))
    # When the customer ticked that they agree to it, and that we may contact them about this.
    agreed_at: Mapped[datetime | None] = mapped_column(UtcMoment)
    contact_agreed_at: Mapped[datetime | None] = mapped_column(UtcMoment)
    excluded_at: Mapped[datetime | None] = mapped_column(UtcMoment)
    excluded_because: Mapped[str | None] = mapped_column(sa.String(200))
    # The customer has taken it back, and what it said is gone; what remains says only that.
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcMoment)
    # When its comments went, because they were old or about somebody who is erased.
    words_forgotten_at: Mapped[datetime | None] = mapped_column(UtcMoment)
    # Since when it is held for a machine's: in no figure, and its invitation is open again.
    suspected_at: Mapped[datetime | None] = mapped_column(UtcMoment)
    suspected_because: Mapped[str | None] = mapped_column(sa.String(30))

    interaction: Mapped[Interaction] = relationship()
    answers: Mapped[list["Answer"]] = relationship(cascade="all, delete-orphan")


class Answer(Base):
    """One value to one question: a score, or words, or a chosen option (one row each)."""

    __tablename__ = "answer"
    __table_args__ = (
        sa.CheckConstraint(_ON_SCALE, name="score_on_scale"),
        sa.CheckConstraint("(metric IS NULL) = (score IS NULL)", name="score_has_metric"),
        sa.CheckConstraint("metric IN ('csat', 'nps', 'ces', 'expect', 'rating')", name="metric"),
        sa.CheckConstraint(
            "(CASE WHEN score IS NULL THEN 0 ELSE 1 END)"
            " + (CASE WHEN comment IS NULL THEN 0 ELSE 1 END)"
            " + (CASE WHEN choice = '' THEN 0 ELSE 1 END) = 1",
            name="one_value",
        ),
        sa.Index("ix_answer_metric", "metric", "response_id", "score"),
    )

    response_id: Mapped[int] = mapped_column(sa.ForeignKey("response.id"), primary_key=True)
    question_key: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    # The chosen option's value; empty for scores and words, so that it can be part of the key.
    choice: Mapped[str] = mapped_column(sa.String(40), primary_key=True, default="")
    metric: Mapped[str | None] = mapped_column(sa.String(10))
    score: Mapped[int | None]
    comment: Mapped[str | None] = mapped_column(sa.Text)


class FormerAnswer(Base):
    """An answer as it stood before its customer changed it, or answered in a machine's stead."""

    __tablename__ = "former_answer"

    id: Mapped[int] = mapped_column(primary_key=True)
    response_id: Mapped[int] = mapped_column(sa.ForeignKey("response.id"), index=True)
    question_key: Mapped[str] = mapped_column(sa.String(40))
    choice: Mapped[str] = mapped_column(sa.String(40), default="")
    score: Mapped[int | None]
    comment: Mapped[str | None] = mapped_column(sa.Text)
    replaced_at: Mapped[datetime] = mapped_column(UtcMoment)


class QuickPost(Base):
    """A score sent a moment after its page was shown: the last time, and from which page."""

    __tablename__ = "quick_post"

    invitation_id: Mapped[int] = mapped_column(sa.ForeignKey("invitation.id"), primary_key=True)
    score: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    # What tells one showing of the page from another.
    page: Mapped[str] = mapped_column(sa.String(20))
    posted_at: Mapped[datetime] = mapped_column(UtcMoment)


def that_counts() -> sa.ColumnElement[bool]:
    """Return the condition for a response that counts: not excluded, not held for a machine's."""
    return sa.and_(Response.excluded_at.is_(None), Response.suspected_at.is_(None))
