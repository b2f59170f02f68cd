"""Decides of which days pairs may be shown, where some of them are about people who are secret.

Figures hold the blocks of the first and of the second answers whole. But pairs tell which of these
belong together, and less the pairs the figures tell of those who did not answer again, and of the
rest. So each of these lies in blocks of its own, which pairs must hold whole as well.
"""

from collections import Counter
from collections.abc import Mapping
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback.interactions.models import Interaction
from feedback.reports.hidden.blocks import Blocks, Secret
from feedback.reports.hidden.secret_people import (
    WAVES,
    answers_of,
    guarded,
    part_of,
    secrets_of,
)
from feedback.reports.kept import kept
from feedback.reports.spans import Span
from feedback.reports.subjects import COLUMNS
from feedback.reports.twice.pair_counts import OTHER, PAIR, SILENT, fates


def parts_pairs(
    session: Session,
    where: Mapping[str, int],
    span: Span,
    ripe: date,
    *,
    least: int,
    own: int | None,
) -> bool:
    """Tell whether the pairs of these days would give away answers of somebody who is secret."""
    csat = secrets_of(session, "csat", least=least, own=own)
    secret = csat.people[1] | csat.people[2]
    if not secret:
        return False
    if where.get("staff") in secret:
        return True
    if any(csat.hides(where, wave, span.first, span.last) for wave in WAVES):
        return True
    blocks = kept(
        session,
        ("pair blocks", least, secret, ripe),
        lambda: _blocks(session, ripe, secret, least),
    )
    return any(one.parts(part_of(where), span.first, span.last) for one in blocks)


def _blocks(session: Session, ripe: date, secret: frozenset[int], least: int) -> list[Blocks]:
    """Return the blocks of pairs, of the silent, of other first and of other second answers."""
    of = [*(sa.func.coalesce(column, 0) for column in COLUMNS.values()), Interaction.day]
    about = sa.func.coalesce(Interaction.staff_id, 0).in_(secret)
    kinds: dict[str, Counter[Secret]] = {PAIR: Counter(), SILENT: Counter(), OTHER: Counter()}
    for *ids, day, fate, _good, _again, times in fates(session, ripe, of, [about]):
        kinds[fate if fate in kinds else OTHER][Secret(tuple(ids), day)] += times
    second = Counter(answers_of(session, "csat", 2, secret))
    second.subtract(kinds[PAIR])
    return [guarded(list(found.elements()), least) for found in (*kinds.values(), second)]
