"""Short stories: an interaction comes in as a source reports it."""

from datetime import datetime
from itertools import count
from typing import Any

from flask import Flask
from sqlalchemy.orm import Session

from feedback.config import InvitationPolicy
from feedback.interactions.models import Interaction
from feedback.invitations.plan import plan
from tests.factories import make_interaction

_numbers = count(1)


def report(
    app: Flask, session: Session, closed_at: datetime, now: datetime | None = None, **values: Any
) -> Interaction:
    """Record an interaction, plan its invitations, and commit; each customer is another one."""
    values = {"customer_email": f"customer{next(_numbers)}@example.cn"} | values
    interaction = make_interaction(session, closed_at=closed_at, **values)
    plan(
        session,
        interaction,
        policy=InvitationPolicy.from_config(app.config),
        now=now or closed_at,
        key=app.config["SECRET_KEY"],
    )
    session.commit()
    return interaction
