"""Drafting, publishing and superseding in any order: what was published is what it ever was."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from feedback.surveys.content import Content, moved, without
from feedback.surveys.draft import NotADraft, begin_draft, begin_version, drop_draft, save_draft
from feedback.surveys.gaps import Upkeep
from feedback.surveys.library import template
from feedback.surveys.models import Survey
from feedback.surveys.publish import Incomplete, live_version, publish
from feedback.surveys.read import content_of, read_survey
from tests.conftest import START

ABOUT = Upkeep("To learn.", "了解。", "周明", "zhou@example.cn", 3)
KEY = "visit"
STEPS = ("begin", "title", "shorten", "turn", "stale", "publish", "unready", "drop")


@contextmanager
def undone(session: Session) -> Iterator[None]:
    """Do things in a transaction that is taken back in the end, so that examples are alike."""
    session.rollback()
    try:
        yield
    finally:
        session.rollback()
        session.expunge_all()


def versions(session: Session) -> list[Survey]:
    session.expire_all()
    rows = sa.select(Survey).where(Survey.key == KEY).order_by(Survey.version)
    return list(session.scalars(rows))


def draft_of(session: Session) -> Survey | None:
    return next((one for one in versions(session) if one.published_at is None), None)


def take(session: Session, step: str, number: int) -> None:
    """Take one step of a survey's life, if it can be taken."""
    now, draft = START + timedelta(days=number), draft_of(session)
    if step == "begin":
        live = live_version(session, KEY)
        with session.begin_nested() as nested:
            try:
                if live is not None:
                    begin_version(session, live, now)
                else:
                    begin_draft(session, KEY, template("contact", ["en", "de"]), ABOUT, now)
            except IntegrityError:
                assert draft is not None, "only a second draft is refused"
                nested.rollback()
        return
    if draft is None:
        return
    content = content_of(draft)
    changes = {
        "title": lambda: replace(content, titles={**content.titles, "en": f"Title {number}"}),
        "shorten": lambda: without(content, len(content.items) - 1) if content.items else content,
        "turn": lambda: moved(content, 0, 1),
    }
    if step in changes:
        save_draft(session, draft.id, draft.revision, changes[step](), ABOUT)
    elif step == "stale":
        with pytest.raises(NotADraft):
            save_draft(session, draft.id, draft.revision + 1, content, ABOUT)
    elif step == "unready":
        save_draft(session, draft.id, draft.revision, content, Upkeep())
    elif step == "drop":
        drop_draft(session, draft.id, draft.revision)
    else:
        try:
            publish(session, draft.id, draft.revision, now)
        except Incomplete:
            assert draft_of(session) is not None


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.sampled_from(STEPS), max_size=14))
def test_whatever_is_done_a_published_version_stays_as_it_was(
    session: Session, steps: list[str]
) -> None:
    with undone(session):
        kept: dict[int, Content] = {}
        for number, step in enumerate(steps):
            take(session, step, number)
            now = versions(session)
            # Numbered without a gap, at most one draft and one that is asked.
            assert [one.version for one in now] == list(range(1, len(now) + 1))
            assert sum(one.published_at is None for one in now) <= 1
            assert sum(one.published_at is not None and one.retired_at is None for one in now) <= 1
            for one in now:
                if one.published_at is not None:
                    said = content_of(one)
                    assert kept.setdefault(one.id, said) == said
                    assert one.owner_name, "nobody answers for what is asked"
                    if one.retired_at is not None:
                        assert one.retired_at >= one.published_at
            asked = [one for one in now if one.published_at is not None]
            # The newest published one is the one that is asked.
            assert all(one.retired_at is not None for one in asked[:-1])
            assert not asked or asked[-1].retired_at is None


def test_of_two_who_publish_the_same_draft_the_second_is_told(session: Session) -> None:
    made = begin_draft(session, KEY, template("contact", ["en"]), ABOUT, START)
    number, revision = made.id, made.revision
    publish(session, number, revision, START)
    with pytest.raises(NotADraft):
        publish(session, number, revision, START)
    found = read_survey(session, number)
    assert found is not None
    assert found.published_at == START
