"""Customers who answered more than once: several answers of one are not as many opinions."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback.interactions.models import Interaction
from feedback.measures.clustering import Clustered, by_customer
from feedback.reports.subjects import COLUMNS, counted
from feedback.responses.models import Answer, Response

_DIGITS = 6


def clustered_by(
    session: Session,
    by: str | None,
    where: Mapping[str, int],
    wave: int,
    first: date,
    last: date,
) -> dict[int, Clustered]:
    """Return the CSAT of each group with its uncertainty by customer; zero is nobody named.

    Without `by` there is the one group 0. Groups in which nobody answered twice are left out: for
    them the plain interval is the right one.
    """
    of = sa.func.coalesce(COLUMNS[by], 0) if by and by in COLUMNS else sa.literal(0)
    good = sa.func.sum(sa.case((Answer.score >= 4, 1), else_=0))
    each = (
        counted()
        .add_columns(of.label("of"), good.label("good"), sa.func.count().label("n"))
        .where(
            Answer.metric == "csat",
            Response.wave == wave,
            Interaction.day >= first,
            Interaction.day <= last,
            *(COLUMNS[subject] == id_ for subject, id_ in where.items()),
        )
        .group_by(of, Interaction.customer_id)
        .subquery()
    )
    # Most customers have answered once; the database adds up those who are alike.
    rows = session.execute(
        sa.select(each.c.of, each.c.good, each.c.n, sa.func.count())
        .group_by(each.c.of, each.c.good, each.c.n)
        .order_by(each.c.of, each.c.good, each.c.n)
    )
    customers: dict[int, list[tuple[int, int]]] = {}
    for id_, x, n, times in rows:
        customers.setdefault(id_, []).extend([(int(x), n)] * times)
    found = {
        id_: by_customer(pairs) for id_, pairs in customers.items() if any(n > 1 for _x, n in pairs)
    }
    return {id_: one for id_, one in found.items() if one is not None}


def clustered_json(one: Clustered) -> dict[str, Any]:
    """Return it as every surface writes it."""
    return {
        "design_effect": round(one.design_effect, _DIGITS),
        "effective_n": round(one.effective_n, 4),
        "low": round(one.low, _DIGITS),
        "high": round(one.high, _DIGITS),
    }
