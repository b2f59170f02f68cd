"""Every look at what the installation stands on, for `flask check` and for the status page."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from feedback.health import forgetting, surroundings, vital
from feedback.health.vital import Finding


def findings(
    session: Session, config: Mapping[str, Any], now: datetime, *, visiting_mail_server: bool
) -> Iterator[Finding]:
    """Yield what each look finds; what needs the database is passed over while it is away.

    The mail server is visited only where somebody can wait for it; a page cannot.
    """
    yield surroundings.settings(config)
    yield surroundings.chart_font()
    yield surroundings.disk(Path(config["INSTANCE_PATH"]))
    if visiting_mail_server:
        yield surroundings.mail_server(config)
    yield surroundings.returned_mail(config, visiting=visiting_mail_server)
    answers = vital.database(session)
    if answers.state == "bad":
        yield answers
        return
    kept = surroundings.database_kept(session)
    yield kept
    if kept.state == "bad":
        return
    today = now.astimezone(ZoneInfo(config["TIMEZONE"])).date()
    looks: tuple[Callable[[], Finding], ...] = (
        lambda: surroundings.clock_right(session, config, now),
        lambda: vital.queue(session, now),
        lambda: surroundings.paused(session, now),
        lambda: surroundings.failed_mail(session, now),
        # Nothing is wrong with an installation whose site is not running just now.
        lambda: _at_most_odd(vital.worker(session, config, now)),
        lambda: surroundings.working_days(session, today),
        lambda: surroundings.last_backup(session, config, now),
        lambda: forgetting.retention(session, config, now),
    )
    for look in looks:
        yield look()


def _at_most_odd(finding: Finding) -> Finding:
    return replace(finding, state="warn") if finding.state == "bad" else finding
