"""Numbers for Prometheus, all counted in the database, so that every process says the same."""

from collections.abc import Iterator
from datetime import datetime

import sqlalchemy as sa
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy.orm import Session

from feedback.health.vital import oldest_wait
from feedback.interactions.models import Interaction
from feedback.invitations.models import Invitation
from feedback.outbox.beat import last_beat
from feedback.outbox.queue import by_end
from feedback.responses.models import Response, that_counts


def prometheus_text(session: Session, now: datetime) -> bytes:
    """Return the metrics page; nothing in it names or singles out a person."""
    registry = CollectorRegistry()
    registry.register(_Counts(session, now))
    return generate_latest(registry)


class _Counts(Collector):
    """Counts when asked."""

    def __init__(self, session: Session, now: datetime) -> None:
        self._session, self._now = session, now

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
        seen_at = last_beat(self._session, self._now)
        # A worker that was never seen has no age; a made-up one would hide that.
        if seen_at is not None:
            yield GaugeMetricFamily(
                "afterword_worker_beat_age_seconds",
                "How long ago a worker last said that it lives.",
                value=(self._now - seen_at).total_seconds(),
            )
