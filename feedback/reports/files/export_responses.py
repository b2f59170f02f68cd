"""Takes responses out: the columns an import takes in, and beside them what we know of each."""

from collections.abc import Generator, Sequence
from contextlib import closing
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Session

from feedback.interactions.models import (
    Channel,
    Interaction,
    InteractionShare,
    StaffMember,
    Team,
)
from feedback.interactions.shares import write_shares
from feedback.reports.files.sheet import Cell, Column, Sheet
from feedback.responses.models import Answer, Response
from feedback.touchpoints.models import Touchpoint

# Read together: many enough to be quick, few enough to be nothing in memory.
_BATCH = 1_000

COLUMNS = (
    Column("interaction_external_id", _("The contact's number in the system it comes from.")),
    Column("source", _("That system.")),
    Column("wave", _("1: asked right after the contact; 2: asked 30 days later.")),
    Column("answered_at", _("When the customer answered.")),
    Column("csat", _("Satisfaction, from 1 (very dissatisfied) to 5 (very satisfied).")),
    Column("nps", _("How likely the customer is to recommend us, from 0 to 10.")),
    Column("ces", _("How easy it was, from 1 to 7, 7 being the easiest.")),
    Column("comment", _("The customer's own words.")),
    Column(
        "provenance",
        _("How it came: page, confirmed_click, kiosk, phone (by a colleague), or import."),
    ),
    Column("id", _("The response's own number.")),
    Column("solved", _("Whether it is settled, 30 days later: yes, partly or no.")),
    Column("reasons", _("The reasons that were chosen.")),
    Column("expect", _("Compared with what was expected, from -2 (far worse) to 2 (far better).")),
    Column("ratings", _("Scores from 1 to 5 that no figure is made of, by the question's key.")),
    Column("choices", _("What was chosen from other lists, by the question's key.")),
    Column("day", _("The day of the contact, on which figures count it.")),
    Column("channel", _("The channel of the contact.")),
    Column("staff_external_id", _("The number of the staff member who served the customer.")),
    Column("staff_name", _("Their name.")),
    Column("team", _("Their team at the time of the contact.")),
    Column("touchpoint", _("The touchpoint that asked; empty where another system did.")),
    Column("locale", _("The language of the survey.")),
    Column("amended_at", _("When the customer changed the answer.")),
    Column("excluded_at", _("When it was struck out; it counts in no figure since.")),
    Column("excluded_because", _("Why it was struck out.")),
    Column(
        "staff_shares", _("Those who served together, each with the part agreed on beforehand.")
    ),
)


def export_responses(session: Session, *, start: datetime | None, end: datetime | None) -> Sheet:
    """Return the responses given from `start` to before `end`, oldest first.

    Those that were struck out are among them, and say so. What is held for a machine's is none.
    """
    given: list[sa.ColumnElement[bool]] = [Response.suspected_at.is_(None)]
    if start is not None:
        given.append(Response.answered_at >= start)
    if end is not None:
        given.append(Response.answered_at < end)
    size = session.scalar(sa.select(sa.func.count()).select_from(Response).where(*given))
    return Sheet("responses", COLUMNS, _rows(session, given), size or 0)


def _rows(session: Session, given: Sequence[sa.ColumnElement[bool]]) -> Generator[Sequence[Cell]]:
    found = session.execute(
        sa.select(
            Response, Interaction.external_id, Interaction.source, Interaction.day, Channel.code,
            StaffMember.external_id, StaffMember.name, Team.name, Touchpoint.key,
        )
        .join(Interaction, Interaction.id == Response.interaction_id)
        .join(Channel, Channel.id == Interaction.channel_id)
        .outerjoin(StaffMember, StaffMember.id == Interaction.staff_id)
        .outerjoin(Team, Team.id == Interaction.team_id)
        .outerjoin(Touchpoint, Touchpoint.id == Interaction.touchpoint_id)
        .where(*given)
        .order_by(Response.answered_at, Response.id),
        execution_options={"yield_per": _BATCH},
    )  # fmt: skip
    with closing(found):
        for batch in found.partitions():
            answers = _answers(session, [row[0].id for row in batch])
            shares = _shares(session, [row[0].interaction_id for row in batch])
            for response, external_id, source, day, channel, staff, name, team, touchpoint in batch:
                said = answers.get(response.id, {})
                yield (
                    external_id, source, response.wave, response.answered_at, said.get("csat"),
                    said.get("nps"), said.get("ces"), said.get("comment"), response.provenance,
                    response.id, said.get("solved"), said.get("reasons"), said.get("expect"),
                    said.get("ratings"), said.get("choices"), day,
                    channel, staff, name, team, touchpoint, response.locale, response.amended_at,
                    response.excluded_at, response.excluded_because,
                    shares.get(response.interaction_id),
                )  # fmt: skip


def _shares(session: Session, ids: Sequence[int]) -> dict[int, str]:
    """Return who served together, as a file has it, by the interaction."""
    rows = session.execute(
        sa.select(InteractionShare.interaction_id, StaffMember.external_id, InteractionShare.part)
        .join(StaffMember, StaffMember.id == InteractionShare.staff_id)
        .where(InteractionShare.interaction_id.in_(ids))
        .order_by(InteractionShare.interaction_id, InteractionShare.staff_id)
    )
    found: dict[int, list[tuple[str, float | None]]] = {}
    for id_, key, part in rows:
        found.setdefault(id_, []).append((key, part))
    return {id_: write_shares(shares) for id_, shares in found.items()}


def _answers(session: Session, ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    """Return what each response says: its scores, its words, and what was chosen."""
    found: dict[int, dict[str, Any]] = {}
    chosen: dict[int, dict[str, list[str]]] = {}
    rows = session.execute(
        sa.select(
            Answer.response_id, Answer.question_key, Answer.metric, Answer.score, Answer.comment,
            Answer.choice,
        )
        .where(Answer.response_id.in_(ids))
        .order_by(Answer.response_id, Answer.question_key, Answer.choice)
    )  # fmt: skip
    for id_, key, metric, score, comment, choice in rows:
        said = found.setdefault(id_, {})
        if metric == "rating":
            # Several of them are asked at once, and each is another question.
            one = f"{key}={score}"
            said["ratings"] = f"{said['ratings']}; {one}" if "ratings" in said else one
        elif metric is not None:
            said[metric] = score
        elif comment is not None:
            said["comment"] = f"{said['comment']}\n{comment}" if "comment" in said else comment
        else:
            chosen.setdefault(id_, {}).setdefault(key, []).append(choice)
    for id_, by_question in chosen.items():
        said = {key: ",".join(choices) for key, choices in by_question.items()}
        found[id_] |= {key: said.pop(key) for key in ("solved", "reasons") if key in said}
        found[id_]["choices"] = "; ".join(f"{key}={choices}" for key, choices in said.items())
    return found
