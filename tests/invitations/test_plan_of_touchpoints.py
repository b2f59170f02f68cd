"""What a touchpoint says is what is planned: when, of whom, and who is asked again."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from feedback.config import InvitationPolicy
from feedback.interactions.fields import read_report
from feedback.interactions.models import Interaction
from feedback.invitations.coverage import Which, accounting
from feedback.invitations.issue import issue_due
from feedback.invitations.models import Invitation
from feedback.invitations.take_in import take_in
from feedback.invitations.unmet import unmet
from feedback.touchpoints.models import Touchpoint
from tests.conftest import START
from tests.factories import make_channel, make_team
from tests.invitations.stories import report

# Past the national holidays, which move the follow-up.
LATER = START + timedelta(days=40)


def the(session: Session, key: str, **values: object) -> Touchpoint:
    one = session.scalars(sa.select(Touchpoint).where(Touchpoint.key == key)).one()
    for name, value in values.items():
        setattr(one, name, value)
    session.commit()
    return one


def invitation(session: Session, interaction: Interaction, wave: int = 1) -> Invitation:
    session.expire_all()
    return session.scalars(
        sa.select(Invitation).where(
            Invitation.interaction_id == interaction.id, Invitation.wave == wave
        )
    ).one()


def test_the_first_mail_waits_as_long_as_the_touchpoint_says(app: Flask, session: Session) -> None:
    the(session, "phone", delay_minutes=90)
    first = invitation(session, report(app, session, START))
    assert first.due_at == START + timedelta(minutes=90)
    assert first.expires_at - first.due_at == InvitationPolicy.from_config(app.config).answer_within


def test_a_kind_goes_before_a_channel(app: Flask, session: Session) -> None:
    story = report(app, session, START, kind="投诉")
    assert story.touchpoint_id == the(session, "complaint").id
    assert report(app, session, START, kind="call").touchpoint_id == the(session, "phone").id


def test_a_report_finds_the_same_touchpoint_as_one_planned_alone(
    app: Flask, session: Session
) -> None:
    team = make_team(session, "客服二组")
    own = Touchpoint(
        key="second", name_en="x", name_zh="x", survey_key="after", team_id=team.id,
        channel_code="phone", delay_minutes=30, live_since=START,
    )  # fmt: skip
    session.add(own)
    session.commit()
    policy = InvitationPolicy.from_config(app.config)
    told = read_report(
        {
            "external_id": "n-1", "channel": "phone", "closed_at": START.isoformat(),
            "customer_email": "a@example.cn", "staff_external_id": "e-9", "team": "客服二组",
        },
        zone=policy.zone, now=START,
    )  # fmt: skip
    made, _new = take_in(session, told, policy=policy, now=START, key="k")
    session.commit()
    assert made.touchpoint_id == own.id
    assert invitation(session, made).due_at == START + timedelta(minutes=30)


def test_a_share_is_asked_the_same_ones_whenever_and_the_rest_is_accounted_for(
    app: Flask, session: Session
) -> None:
    the(session, "phone", sampling_rate=0.2, seed=7)
    the(session, "chat", sampling_rate=0.2, seed=7)
    chat = make_channel(session, "chat").id
    sets: list[set[str]] = []
    for more in ({}, {"channel_id": chat}):
        told = {}
        for number in range(60):
            # Another order, and on another channel: the number alone decides.
            name = f"{(number * 7) % 60}"
            told[name] = report(
                app, session, START, external_id=name, source=f"crm{chat * bool(more)}", **more
            )
        sets.append({name for name, one in told.items() if _is_drawn(session, one)})
    assert 3 <= len(sets[0]) <= 24
    assert sets[0] != sets[1]
    for wave in (1, 2):
        account = accounting(session, Which(wave=wave))
        assert account.interactions == 120 == sum(account.fates.values())
        assert account.withheld["sampled_out"] == 120 - len(sets[0]) - len(sets[1])


def _is_drawn(session: Session, story: Interaction) -> bool:
    waves = [invitation(session, story, wave).withheld_because for wave in (1, 2)]
    assert waves in ([None, None], ["sampled_out", "sampled_out"])
    return waves == [None, None]


def test_another_reason_goes_before_the_sample(app: Flask, session: Session) -> None:
    the(session, "phone", sampling_rate=0.0)
    story = report(app, session, START, customer_email=None)
    assert invitation(session, story).withheld_because == "no_address"


@pytest.mark.parametrize(
    ("rule", "of_answered", "of_silent"),
    [
        ("all", None, None),
        ("answered", None, "first_wave_unanswered"),
        ("unanswered", "first_wave_answered", None),
    ],
)
def test_who_is_asked_again_is_the_touchpoints_rule(
    app: Flask, session: Session, rule: str, of_answered: str | None, of_silent: str | None
) -> None:
    the(session, "phone", follow_up=rule)
    answered, silent = report(app, session, START), report(app, session, START)
    issue_due(app, now=START)
    invitation(session, answered).answered_at = START
    session.commit()
    issue_due(app, now=LATER)
    for story, because in ((answered, of_answered), (silent, of_silent)):
        again = invitation(session, story, 2)
        assert again.withheld_because == because
        assert (again.issued_at is None) == (because is not None)


def test_off_asks_nobody_again(app: Flask, session: Session) -> None:
    the(session, "phone", follow_up="off")
    report(app, session, START)
    assert accounting(session, Which(wave=2)).fates == {"not_planned": 1}


def test_a_touchpoint_that_is_off_takes_nothing_and_coverage_lists_what_it_took(
    app: Flask, session: Session
) -> None:
    the(session, "phone", retired_at=START)
    general = report(app, session, START, kind="call")
    assert general.touchpoint_id == the(session, "service").id
    [one] = unmet(session, Which())
    assert (one.kind, one.channel.code, one.times, one.since) == ("call", "phone", 1, general.day)
    assert one.general is not None
    the(session, "service", retired_at=START)
    assert report(app, session, START, kind="call").touchpoint_id is None
    [one] = unmet(session, Which())
    assert (one.general, one.times) == (None, 2)
    # Since when is about all of them, how many about the days asked for.
    report(app, session, START + timedelta(days=3), kind="call")
    [one] = unmet(session, Which(start=general.day + timedelta(days=1)))
    assert (one.times, one.since) == (1, general.day)
    assert unmet(session, Which(start=general.day + timedelta(days=9))) == []
    account = accounting(session, Which())
    assert account.interactions == sum(account.fates.values()) == 3
    assert account.fates["not_planned"] == 2


def test_what_has_a_touchpoint_of_its_own_is_not_listed(app: Flask, session: Session) -> None:
    report(app, session, START)
    assert unmet(session, Which()) == []
