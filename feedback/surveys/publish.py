"""Publishes a draft, and retires the version it supersedes in the same transaction."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback.languages import frame_of
from feedback.surveys.compare import reworded_keys
from feedback.surveys.content import Content
from feedback.surveys.draft import NotADraft
from feedback.surveys.gaps import Gap, gaps_of
from feedback.surveys.models import Survey
from feedback.surveys.read import content_of, read_survey, upkeep_of


class Incomplete(Exception):
    """A draft that cannot be published yet; `gaps` says everything it wants."""

    def __init__(self, gaps: list[Gap]) -> None:
        super().__init__(gaps)
        self.gaps = gaps


def live_version(session: Session, key: str) -> Survey | None:
    """Return the version of a survey that is asked now."""
    number = session.scalar(
        sa.select(Survey.id).where(
            Survey.key == key, Survey.published_at.is_not(None), Survey.retired_at.is_(None)
        )
    )
    return read_survey(session, number) if number is not None else None


def gaps_of_draft(session: Session, draft: Survey) -> list[Gap]:
    """Return what keeps the draft from being published."""
    content = content_of(draft)
    return gaps_of(
        content, upkeep_of(draft), reworded_in(session, draft.key, content), framed(content)
    )


def reworded_in(session: Session, key: str, content: Content) -> set[str]:
    """Return the keys whose words differ from those of the version that is asked now."""
    live = live_version(session, key)
    return reworded_keys(content_of(live), content) if live is not None else set()


def framed(content: Content) -> set[str]:
    """Return the languages in which the words round the questions exist."""
    return {tag for tag in content.languages if frame_of(tag)}


def publish(session: Session, survey_id: int, revision: int, now: datetime) -> int | None:
    """Publish the draft in the caller's transaction; return the number of the version it ends.

    Of two who publish at once the database lets one; a version that was live till then stays as it
    is, retired, for the answers and the invitations that name it.

    Raises:
        NotADraft: it is published or gone, or not the one that was shown.
        Incomplete: it wants something.

    """
    # The draft is taken before it is read, so that nobody changes what is being judged.
    taken = session.execute(
        sa.update(Survey)
        .where(Survey.id == survey_id, Survey.revision == revision, Survey.published_at.is_(None))
        .values(revision=revision + 1)
        .returning(Survey.id)
        .execution_options(synchronize_session=False)
    )
    if taken.scalar() is None:
        raise NotADraft
    draft = read_survey(session, survey_id)
    assert draft is not None  # noqa: S101 — its row was just taken.
    if gaps := gaps_of_draft(session, draft):
        raise Incomplete(gaps)
    ended = live_version(session, draft.key)
    if ended is not None:
        ended.retired_at = now
        # Before the new one is live: the database knows only one live version at any moment.
        session.flush()
    draft.published_at = now
    session.flush()
    return ended.id if ended is not None else None
