"""Whether the missing of a backup is told: on a site that asks customers, however it went live."""

from collections.abc import Callable
from datetime import timedelta

from flask import Flask
from sqlalchemy.orm import Session

from feedback.health.surroundings import last_backup
from feedback.milestones import BACKED_UP, WENT_LIVE, note_milestone
from tests.conftest import START


def test_before_going_live_a_missing_backup_is_no_news(app: Flask, session: Session) -> None:
    assert last_backup(session, app.config, START).state == "ok"


def test_once_live_by_the_page_a_missing_or_old_backup_is_worth_a_look(
    app: Flask, session: Session
) -> None:
    """Nobody who follows the first hour sets LIVE in the environment."""
    assert not app.config["LIVE"]
    note_milestone(session, WENT_LIVE, START, "phone-1")
    assert last_backup(session, app.config, START).state == "warn"
    note_milestone(session, BACKED_UP, START, "a.zip")
    assert last_backup(session, app.config, START + timedelta(hours=25)).state == "ok"
    assert last_backup(session, app.config, START + timedelta(hours=27)).state == "warn"


def test_whoever_keeps_everything_by_other_means_is_not_told_to(
    make_app: Callable[..., Flask], session: Session
) -> None:
    app = make_app(LIVE=True, BACKUP_WITHIN_HOURS=0)
    assert last_backup(session, app.config, START).state == "ok"
    note_milestone(session, BACKED_UP, START, "a.zip")
    assert last_backup(session, app.config, START + timedelta(days=99)).state == "ok"
