"""Bugs that survey systems had: planted from outside, each must be found."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import request

from feedback.database import writing_session
from feedback.invitations import issue, plan
from feedback.invitations.models import Invitation
from feedback.responses import amend, opening, stop, submit, views
from feedback.responses.models import Answer, Response
from feedback.retention import erase

Plant = Callable[[pytest.MonkeyPatch], None]


def expire_a_second_late(plant: pytest.MonkeyPatch) -> None:
    """Let a link be good for its last moment as well."""
    state = opening.state

    def late(invitation: Invitation, now: datetime) -> str:
        return state(invitation, now - timedelta(seconds=1))

    plant.setattr(opening, "state", late)
    plant.setattr(submit, "state", late)


def opening_writes(plant: pytest.MonkeyPatch) -> None:
    """Note in the database that somebody has opened the link."""
    page = views.survey_page

    def noting(opened: Any, *given: Any, **named: Any) -> Any:
        if request.method in ("GET", "HEAD"):
            with writing_session() as session:
                session.execute(
                    sa.update(Invitation)
                    .where(Invitation.id == opened.invitation.id)
                    .values(expires_at=opened.invitation.expires_at + timedelta(minutes=1))
                )
        return page(opened, *given, **named)

    plant.setattr(views, "survey_page", noting)


def last_answer_wins(plant: pytest.MonkeyPatch) -> None:
    """Let a second answer take the place of the first."""
    take = views.submit

    def overwrite(session: Any, sent: Any, now: datetime) -> Any:
        mine = sa.select(Response.id).where(Response.invitation_id == sent.press.invitation_id)
        session.execute(sa.delete(Answer).where(Answer.response_id.in_(mine)))
        session.execute(sa.delete(Response).where(Response.id.in_(mine)))
        session.execute(
            sa.update(Invitation)
            .where(Invitation.id == sent.press.invitation_id)
            .values(answered_at=None)
        )
        return take(session, sent, now)

    plant.setattr(views, "submit", overwrite)


def used_before_recorded(plant: pytest.MonkeyPatch) -> None:
    """Close the link and lose the answer on the way."""
    plant.setattr(submit, "_record", lambda *given, **named: None)


def machines_vote(plant: pytest.MonkeyPatch) -> None:
    """Take whatever is pressed for a person's."""
    plant.setattr(submit, "set_aside", lambda invitation, response, now: False)


def change_for_ever(plant: pytest.MonkeyPatch) -> None:
    """Let an answer be changed as often as somebody likes."""
    plant.setattr(amend, "may_change", lambda response, policy, now: True)


def mail_the_erased(plant: pytest.MonkeyPatch) -> None:
    """Erase somebody, and with them that they are not to be written to."""
    plant.setattr(erase, "silence", lambda *given: None)


def stop_one_survey_only(plant: pytest.MonkeyPatch) -> None:
    """Close the link of who wants no more mails, and write to them again."""
    plant.setattr(stop, "suppress", lambda *given: None)


def forget_addresses(plant: pytest.MonkeyPatch) -> None:
    """Let an address be asked again under another customer's number."""

    def last_asked(memory: Any, due: Any) -> datetime | None:
        found: datetime | None = memory.session.scalar(
            sa.select(sa.func.max(Invitation.issued_at, type_=Invitation.issued_at.type)).where(
                Invitation.wave == due.wave, Invitation.customer_id == due.customer_id
            )
        )
        return found

    plant.setattr(issue._InDatabase, "last_asked", last_asked)


def follow_up_a_day_early(plant: pytest.MonkeyPatch) -> None:
    """Count the first day as one."""
    moment = plan.follow_up_moment
    plant.setattr(
        plan, "follow_up_moment", lambda *given, **named: moment(*given, **named | {"days": 28})
    )


def follow_up_by_night(plant: pytest.MonkeyPatch) -> None:
    """Follow up thirty days later to the minute."""
    plant.setattr(
        plan, "follow_up_moment", lambda closed_at, *, days, **more: closed_at + timedelta(days)
    )


def follow_up_the_unreached(plant: pytest.MonkeyPatch) -> None:
    """Ask whether all is still well whoever never got the first mail."""
    plant.setattr(issue, "is_reached", lambda first: True)


# Each with the words it must be found by.
PLANTS: dict[Plant, str] = {
    expire_a_second_late: "expired link",
    opening_writes: "opening a link has written",
    last_answer_wins: "not what customers said",
    used_before_recorded: "not what customers said|used without an answer",
    machines_vote: "not what customers said|used without an answer",
    change_for_ever: "not what customers said",
    mail_the_erased: "mailed though erased",
    stop_one_survey_only: "mailed though stopped",
    forget_addresses: "asked twice within",
    follow_up_a_day_early: "followed up too early",
    follow_up_by_night: "followed up at",
    follow_up_the_unreached: "followed up though never",
}
