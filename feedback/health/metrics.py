"""Numbers for Prometheus, all counted in the database, so that every process says the same."""

import shutil
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy.orm import Session

from feedback.health.room import database_size
from feedback.health.vital import oldest_wait, working
from feedback.interactions.models import Interaction
from feedback.invitations.models import Invitation
from feedback.milestones import BACKED_UP, milestones
from feedback.outbox.models import Bounce
from feedback.outbox.pulse import seen_at
from feedback.outbox.queue import by_end, how_many_uncertain
from feedback.pauses import open_pause
from feedback.responses.models import Response, that_counts


def prometheus_text(session: Session, config: Mapping[str, Any], now: datetime) -> bytes:
    """Return the metrics page; nothing in it names or singles out a person."""
    registry = CollectorRegistry()
    registry.register(_Counts(session, config, now))
    return generate_latest(registry)


class _Counts(Collector):
    """Counts when asked."""

    def __init__(self, session: Session, config: Mapping[str, Any], now: datetime) -> None:
        self._session, self._config, self._now = session, config, now

    def describe(self) -> Iterator[Metric]:
        """Promise nothing beforehand; otherwise registering would count once for nothing."""
        return iter(())

    def collect(self) -> Iterator[Metric]:
        """Yield every metric."""
        yield self._interactions()
        yield from self._invitations()
        yield from self._messages()
        yield self._responses()
        yield from self._worker()
        yield self._bounces()
        yield self._checks()
        yield from self._surroundings()

    def _interactions(self) -> Metric:
        family = CounterMetricFamily("afterword_interactions", "Interactions recorded.")
        count = self._session.scalar(sa.select(sa.func.count()).select_from(Interaction))
        family.add_metric([], count or 0)
        return family

    def _invitations(self) -> Iterator[Metric]:
        issued = CounterMetricFamily(
            "afterword_invitations_issued", "Invitations that became a mail.", labels=["wave"]
        )
        withheld = CounterMetricFamily(
            "afterword_invitations_withheld",
            "Invitations decided against.",
            labels=["wave", "reason"],
        )
        waiting = GaugeMetricFamily(
            "afterword_invitations_waiting", "Invitations not yet decided.", labels=["wave"]
        )
        is_issued = Invitation.issued_at.is_not(None)
        rows = self._session.execute(
            sa.select(
                Invitation.wave, is_issued, Invitation.withheld_because, sa.func.count()
            ).group_by(Invitation.wave, is_issued, Invitation.withheld_because)
        )
        for wave, was_issued, because, count in rows:
            if was_issued:
                issued.add_metric([str(wave)], count)
            elif because is not None:
                withheld.add_metric([str(wave), because], count)
            else:
                waiting.add_metric([str(wave)], count)
        yield from (issued, withheld, waiting)

    def _messages(self) -> Iterator[Metric]:
        messages = GaugeMetricFamily(
            "afterword_messages", "Messages in the outbox.", labels=["state"]
        )
        for name, count in by_end(self._session).items():
            messages.add_metric([name], count)
        yield messages
        yield GaugeMetricFamily(
            "afterword_messages_uncertain",
            "Messages of which nobody knows whether they went; some wait for a decision.",
            value=how_many_uncertain(self._session, self._now),
        )
        yield GaugeMetricFamily(
            "afterword_messages_oldest_waiting_seconds",
            "For how long the message that has waited longest might have gone.",
            value=oldest_wait(self._session, self._now).total_seconds(),
        )

    def _responses(self) -> Metric:
        family = CounterMetricFamily(
            "afterword_responses", "Responses, without those struck out.", labels=["wave"]
        )
        rows = self._session.execute(
            sa.select(Response.wave, sa.func.count()).where(that_counts()).group_by(Response.wave)
        )
        for wave, count in rows:
            family.add_metric([str(wave)], count)
        return family

    def _worker(self) -> Iterator[Metric]:
        seen = seen_at(self._session, self._now)
        # A worker that was never seen has no age; a made-up one would hide that.
        if seen is not None:
            yield GaugeMetricFamily(
                "afterword_worker_beat_age_seconds",
                "How long ago a worker last said that it lives.",
                value=max(0.0, (self._now - seen).total_seconds()),
            )

    def _bounces(self) -> Metric:
        family = CounterMetricFamily(
            "afterword_bounces", "Reports that mail came back, or was complained of.",
            labels=["kind"],
        )  # fmt: skip
        rows = self._session.execute(sa.select(Bounce.kind, sa.func.count()).group_by(Bounce.kind))
        counts = dict.fromkeys(("hard", "soft", "blocked", "complaint"), 0) | dict(rows.all())
        for kind, count in counts.items():
            family.add_metric([kind], count)
        return family

    def _checks(self) -> Metric:
        family = GaugeMetricFamily(
            "afterword_check_ok",
            "Whether a check of /readyz finds all well (1) or not (0).",
            labels=["check"],
        )
        for found in working(self._session, self._config, self._now):
            family.add_metric([found.name], int(found.state in ("ok", "warn")))
        return family

    def _surroundings(self) -> Iterator[Metric]:
        yield GaugeMetricFamily(
            "afterword_paused",
            "Whether somebody has paused asking (1) or not (0).",
            value=int(open_pause(self._session) is not None),
        )
        kept = milestones(self._session).get(BACKED_UP)
        # As with the worker: what never was has no moment.
        if kept is not None:
            yield GaugeMetricFamily(
                "afterword_last_backup_timestamp_seconds",
                "When everything was last kept by flask backup, since 1970.",
                value=kept.last_at.timestamp(),
            )
        yield GaugeMetricFamily(
            "afterword_disk_free_bytes",
            "Room on the disk of the instance folder.",
            value=shutil.disk_usage(self._config["INSTANCE_PATH"]).free,
        )
        size = database_size(self._session)
        if size is not None:
            yield GaugeMetricFamily(
                "afterword_database_bytes", "Room the database takes.", value=size
            )
