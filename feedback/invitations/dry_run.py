"""Works out what asking would have come to in some days, by the worker's own rules; writes nothing.

The clock follows the contacts: each is taken in as it closed and decided as its mail was due.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased, contains_eager, joinedload, selectinload

from feedback.brands.models import OWN
from feedback.config import InvitationPolicy
from feedback.interactions.models import Interaction
from feedback.invitations.books import InBooks, Waiting
from feedback.invitations.coverage import INVITED, NOT_PLANNED, WITHHELD, Account
from feedback.invitations.decide import TOGETHER, Due, decide
from feedback.invitations.do_not_ask import rules_in_force
from feedback.invitations.eligibility import ANSWERED_ELSEWHERE, NO_RULE
from feedback.invitations.models import Invitation
from feedback.invitations.plan import Planner, own_mailboxes
from feedback.invitations.reached import is_reached
from feedback.outbox.models import KindSuppression, Suppression
from feedback.touchpoints.models import Touchpoint

WAVES = (1, 2)

# The moment at which the worker comes to what is due at one.
Wake = Callable[[datetime], datetime]
# An interaction and a wave.
Place = tuple[int, int]


def at_once(due_at: datetime) -> datetime:
    """Return the moment itself: a worker that always runs."""
    return due_at


class Asked(NamedTuple):
    """Whose invitations: the wave, the channel, and the staff member, None for nobody."""

    wave: int
    channel_id: int
    staff_id: int | None


@dataclass
class DryRun:
    """What the days come to: each interaction has exactly one fate in each wave."""

    first: date
    last: date
    interactions: int = 0
    accounts: dict[int, Account] = field(default_factory=lambda: {w: Account() for w in WAVES})
    by_channel: dict[int, dict[int, Account]] = field(
        default_factory=lambda: {wave: {} for wave in WAVES}
    )
    invited: Counter[Asked] = field(default_factory=Counter)

    def add(self, of: Asked, because: str | None, fate: str) -> None:
        """Count one interaction's fate in one wave."""
        channels = self.by_channel[of.wave]
        for account in (self.accounts[of.wave], channels.setdefault(of.channel_id, Account())):
            account.add(fate, because, 1)
        if fate == INVITED:
            self.invited[of] += 1


class _Event(NamedTuple):
    """An invitation in the order in which the worker takes them; `of` where it is counted."""

    due_at: datetime
    interaction_id: int
    wave: int
    due: Due
    of: Asked | None


class _Fact(NamedTuple):
    """An invitation that did go out, about a contact of other days."""

    issued_at: datetime
    wave: int
    customer_id: int
    address_digest: str | None


def dry_run(
    session: Session,
    first: date,
    last: date,
    *,
    policy: InvitationPolicy,
    key: str,
    answered_elsewhere: Collection[Place] = frozenset(),
    wake: Wake = at_once,
    touchpoints: Sequence[Touchpoint] | None = None,
) -> DryRun:
    """Return what asking about the contacts of these days, both included, would have come to.

    It goes by the settings, surveys, staff and stopped addresses of today, and by what did go out
    about other days' contacts; what went out about these is left aside, but for when a first mail
    was answered: whoever is not known to have answered did not. Mails are taken to arrive.
    Other `touchpoints` than those in use show what going live with them would do.
    """
    found = DryRun(first, last)
    start = datetime.combine(first, time.min, policy.zone)
    planner = Planner(session, policy, key, touchpoints)
    events = sorted(_plan_days(session, found, planner, answered_elsewhere))
    if not events:
        return found
    end = events[-1].due_at
    others = _Others(session, first, last)
    # What is due within a day after the last of them may stand for it.
    events = sorted([*events, *others.waiting(wake(end) + TOGETHER)])
    facts = others.issued(start - policy.recontact, wake(end))
    stopped = sa.select(Suppression.address_digest, Suppression.until)
    kinds = sa.select(KindSuppression.address_digest, KindSuppression.channel_id)
    books = InBooks(
        own=own_mailboxes(session),
        stopped=dict(session.execute(stopped).all()),
        kinds_stopped={(digest, channel_id) for digest, channel_id in session.execute(kinds)},
        reached=others.reached(end),
        answered=_answered(session, first, last),
        waiting=Waiting(event.due for event in events),
    )
    fact = next(facts, None)
    for event in events:
        # What had been due before the days is taken up as they begin.
        now = wake(max(event.due_at, start))
        while fact is not None and fact.issued_at <= now:
            books.note(fact.wave, fact.customer_id, fact.address_digest, fact.issued_at)
            fact = next(facts, None)
        books.waiting.take(event.due)
        because = decide(event.due, books, now=now, recontact=policy.recontact).because
        if because is None:
            books.note(event.wave, event.due.customer_id, event.due.address_digest, now)
            if event.wave == 1:
                books.reached.add(event.interaction_id)
        if event.of is not None:
            found.add(event.of, because, WITHHELD if because else INVITED)
    return found


def _plan_days(
    session: Session, found: DryRun, planner: Planner, answered: Collection[Place]
) -> Iterator[_Event]:
    """Plan each contact of the days as it closes; count what is decided by then, yield the rest."""
    contacts = session.scalars(
        sa.select(Interaction)
        .where(Interaction.day >= found.first, Interaction.day <= found.last)
        .options(joinedload(Interaction.staff), selectinload(Interaction.shares))
        .order_by(Interaction.id)
    )
    for interaction in contacts:
        found.interactions += 1
        recorded = planner.as_recorded(interaction)
        planned = {row["wave"]: row for row in planner.rows(recorded, interaction.closed_at)}
        for wave in WAVES:
            of = Asked(wave, interaction.channel_id, interaction.staff_id)
            row = planned.get(wave)
            if row is None:
                found.add(of, None, NOT_PLANNED)
                continue
            because = row["withheld_because"]
            if because is None and (interaction.id, wave) in answered:
                because = ANSWERED_ELSEWHERE
            if because is not None:
                found.add(of, because, WITHHELD)
                continue
            due = Due(
                interaction_id=interaction.id,
                customer_id=interaction.customer_id,
                channel_id=interaction.channel_id,
                wave=wave,
                address=interaction.customer_email,
                address_digest=row["address_digest"],
                closed_at=recorded.closed_at,
                planned_at=row["planned_at"],
                due_at=row["due_at"],
                expires_at=row["expires_at"],
                follow_up=planner.follow_up_at(recorded.touchpoint_id),
                brand_id=planner.brand_at(recorded.touchpoint_id),
                is_barred=planner.is_barred(recorded),
            )
            yield _Event(row["due_at"], interaction.id, wave, due, of)


def _answered(session: Session, first: date, last: date) -> dict[int, datetime]:
    """Return when first invitations were answered: of the days, and where a follow-up waits."""
    waiting = sa.select(Invitation.interaction_id).where(
        Invitation.wave == 2, Invitation.issued_at.is_(None), Invitation.withheld_at.is_(None)
    )
    rows = session.execute(
        sa.select(Invitation.interaction_id, Invitation.answered_at)
        .join(Invitation.interaction)
        .where(
            Invitation.wave == 1,
            Invitation.answered_at.is_not(None),
            sa.or_(Interaction.day.between(first, last), Interaction.id.in_(waiting)),
        )
    )
    return {interaction_id: at for interaction_id, at in rows if at is not None}


@dataclass(frozen=True)
class _Others:
    """What happened, or is yet to, about the contacts of other days."""

    session: Session
    first: date
    last: date

    def _elsewhen(self) -> sa.ColumnElement[bool]:
        return sa.or_(Interaction.day < self.first, Interaction.day > self.last)

    def waiting(self, until: datetime) -> Iterator[_Event]:
        """Yield what still waits and is due by then: it may come between."""
        rows = self.session.execute(
            sa.select(Invitation, Touchpoint.follow_up, Touchpoint.brand_id)
            .join(Invitation.interaction)
            .outerjoin(Touchpoint, Touchpoint.id == Interaction.touchpoint_id)
            .where(
                self._elsewhen(),
                Invitation.issued_at.is_(None),
                Invitation.withheld_at.is_(None),
                Invitation.due_at <= until,
            )
            .options(contains_eager(Invitation.interaction))
        )
        rules = rules_in_force(self.session)
        for one, follow_up, brand_id in rows:
            about = one.interaction
            due = Due(
                interaction_id=one.interaction_id,
                customer_id=one.customer_id,
                channel_id=about.channel_id,
                wave=one.wave,
                address=about.customer_email,
                address_digest=one.address_digest,
                closed_at=about.closed_at,
                planned_at=one.planned_at,
                due_at=one.due_at,
                expires_at=one.expires_at,
                follow_up=follow_up or NO_RULE,
                brand_id=brand_id or OWN,
                is_barred=rules.bar(about.kind, about.segment, about.tags),
            )
            yield _Event(one.due_at, one.interaction_id, one.wave, due, None)

    def reached(self, until: datetime) -> set[int]:
        """Return those of them whose first invitation has reached somebody already."""
        second = aliased(Invitation)
        firsts = self.session.scalars(
            sa.select(Invitation)
            .join(Invitation.interaction)
            .join(second, second.interaction_id == Invitation.interaction_id)
            .where(
                self._elsewhen(),
                Invitation.wave == 1,
                second.wave == 2,
                second.issued_at.is_(None),
                second.withheld_at.is_(None),
                second.due_at <= until,
            )
            .options(joinedload(Invitation.message))
        )
        return {first.interaction_id for first in firsts if is_reached(first)}

    def issued(self, after: datetime, until: datetime) -> Iterator[_Fact]:
        """Yield what went out between the moments, in its order."""
        rows = self.session.execute(
            sa.select(
                Invitation.issued_at,
                Invitation.wave,
                Invitation.customer_id,
                Invitation.address_digest,
            )
            .join(Invitation.interaction)
            .where(self._elsewhen(), Invitation.issued_at > after, Invitation.issued_at <= until)
            .order_by(Invitation.issued_at)
        )
        for issued_at, wave, customer_id, digest in rows:
            if issued_at is not None:
                yield _Fact(issued_at, wave, customer_id, digest)
