"""Reads the notes about days: those a figure's chart shows, and all there are."""

from collections.abc import Mapping
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from feedback.reports.models import Annotation
from feedback.touchpoints.targets import subjects_of


def annotations_for(
    session: Session, where: Mapping[str, int], first: date, last: date
) -> list[Annotation]:
    """Return what was noted about these days and this part, in order; nothing withdrawn.

    `where` has the ids of what a figure is about by subject, `{}` where it is about everything.
    What was noted about everything belongs to each of them; about a staff member, their team's.
    """
    about = subjects_of(session, where)
    return list(
        session.scalars(
            sa.select(Annotation)
            .where(
                Annotation.day.between(first, last),
                Annotation.withdrawn_at.is_(None),
                sa.or_(
                    *(
                        sa.and_(Annotation.subject == subject, Annotation.subject_id == id_)
                        for subject, id_ in about
                    )
                ),
            )
            .order_by(Annotation.day, Annotation.id)
        )
    )


def all_annotations(session: Session) -> list[Annotation]:
    """Return every annotation with the people in it, withdrawn ones too, the latest day first."""
    people = (joinedload(Annotation.made_by), joinedload(Annotation.withdrawn_by))
    query = sa.select(Annotation).options(*people)
    return list(session.scalars(query.order_by(Annotation.day.desc(), Annotation.id.desc())))
