"""Who reads the figures, and how they are asked for on that person's behalf."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import current_app
from flask_babel import get_locale
from sqlalchemy.orm import Session

from feedback import clock
from feedback.accounts.access import current_user
from feedback.database import db
from feedback.reports.hidden.secret_people import Secrets, secrets_of
from feedback.reports.request import ScoreRequest
from feedback.reports.scores import score_groups
from feedback.reports.spans import Span


@dataclass(frozen=True)
class Reader:
    """Somebody at a page: their language, this moment, and what they see besides.

    `own` is their own staff record, which they see whatever its size; `sees_all` is for a page
    about nobody but themselves. After `follow_up_days` the organisation asks again.
    """

    session: Session
    zone: ZoneInfo
    min_group: int
    locale: str
    now: datetime
    own: int | None
    follow_up_days: int
    sees_all: bool = False
    # What has been asked already: a page shows one figure in several places.
    _known: dict[Any, list[dict[str, Any]]] = field(default_factory=dict, repr=False, compare=False)
    _secrets: dict[str, Secrets] = field(default_factory=dict, repr=False, compare=False)

    @property
    def today(self) -> date:
        """Return the organisation's day."""
        return self.now.astimezone(self.zone).date()

    def at_own_page(self) -> "Reader":
        """Return the same person reading of nobody but themselves."""
        return replace(self, sees_all=True)

    def ask(
        self,
        metric: str,
        span: Span,
        where: Mapping[str, str],
        *,
        by: str | None = None,
        period: str | None = None,
        wave: int | None = None,
    ) -> list[dict[str, Any]]:
        """Return the groups `scores()` has for this, as this person may see them.

        The same question twice has the same answer, and is not to be changed.
        """
        key = (self.sees_all, metric, span, tuple(sorted(where.items())), by, period, wave)
        if key not in self._known:
            self._known[key] = score_groups(
                self.session,
                ScoreRequest(metric, by, period, span.first, span.last, wave, where),
                zone=self.zone,
                min_group=self.min_group,
                sees_all=self.sees_all,
                locale=self.locale,
                now=self.now,
                own=self.own,
                days=None if self.sees_all else self.secrets(metric),
            )
        return self._known[key]

    def secrets(self, metric: str) -> Secrets:
        """Return whose answers this person may not know, and what guards them."""
        if metric not in self._secrets:
            self._secrets[metric] = secrets_of(
                self.session, metric, least=self.min_group, own=self.own
            )
        return self._secrets[metric]


def this_reader() -> Reader:
    """Return whoever is signed in."""
    return Reader(
        session=db.session(),
        zone=ZoneInfo(current_app.config["TIMEZONE"]),
        min_group=current_app.config["MIN_GROUP"],
        locale=str(get_locale()),
        now=clock.now(),
        own=current_user.staff_id,
        follow_up_days=current_app.config["FOLLOW_UP_DAYS"],
    )
