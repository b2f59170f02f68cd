"""Every look at what the installation stands on, for `flask check` and for the status page."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from feedback.health import forgetting, surroundings, vital
from feedback.health.finding import Finding


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
    answers = vital.database(session, now)
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
        lambda: surroundings.paused(session, now),
        lambda: surroundings.failed_mail(session, now),
        lambda: surroundings.working_days(session, today),
        lambda: surroundings.last_backup(session, config, now),
        lambda: forgetting.retention(session, config, now),
    )
    for look in looks:
        yield look()
    worker, queue = vital.working(session, config, now)
    # Nothing is wrong with one that asks nobody yet, lets no mail lie and does not run just now;
    # where a page shows it, it does.
    is_at_rest = queue.state == "ok" and not surroundings.is_live(session, config)
    if visiting_mail_server and worker.state == "bad" and is_at_rest:
        worker = replace(worker, state="warn")
    yield from (queue, worker)


# What stands above every page of administration while it is so; of the others, checks are enough.
_ALSO_WHEN_ODD = ("disk", "backup")


def lamps(session: Session, config: Mapping[str, Any], now: datetime) -> list[Finding]:
    """Return what an administrator must know at once, on whichever page."""
    found = [
        *vital.working(session, config, now),
        surroundings.disk(Path(config["INSTANCE_PATH"])),
        surroundings.clock_right(session, config, now),
        surroundings.last_backup(session, config, now),
    ]
    return [
        one
        for one in found
        if one.state == "bad" or (one.state == "warn" and one.name in _ALSO_WHEN_ODD)
    ]
