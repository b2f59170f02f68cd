"""The life of an invitation, from the contact to the figure, and everybody who has part in it."""

from contextlib import suppress
from datetime import timedelta
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule

from feedback.accounts.models import User
from feedback.bounces.record import record_return
from feedback.bounces.report import Returned
from feedback.config import InvitationPolicy
from feedback.interactions.contacts import normalise_address
from feedback.interactions.fields import Report
from feedback.interactions.models import Interaction, StaffMember
from feedback.interactions.move import CannotMove, move
from feedback.invitations.backlog import resume
from feedback.invitations.catch_up import catch_up
from feedback.invitations.do_not_ask import ask_again, stop_asking
from feedback.invitations.issue import Issued, issue_due
from feedback.invitations.models import DoNotAsk, Invitation
from feedback.invitations.remind import remind_silent
from feedback.invitations.take_in import Intake
from feedback.milestones import Milestone
from feedback.outbox.beat import beat
from feedback.outbox.models import Bounce, Message, WorkerBeat
from feedback.pauses import Pause, begin_pause, stands_still
from feedback.reports.request import read_score_request
from feedback.reports.scores import scores
from feedback.responses.models import Answer, FormerAnswer, QuickPost, Response
from tests.factories import make_team
from tests.lives.asking import ADDRESSES, CONTACTS, DAYS, Contact, is_over
from tests.lives.customers import DOINGS, WHICH, Customers, Doing
from tests.lives.post import MOODS, Post

SHANGHAI = ZoneInfo("Asia/Shanghai")
SERVER = st.lists(st.sampled_from([*MOODS, "fine"]), min_size=1, max_size=3)


class LifeOfAnInvitation(Customers):
    """Contacts, a worker and its mail server, customers and machines, and who runs the house."""

    post: ClassVar[Post]

    @initialize(contacts=st.lists(CONTACTS, min_size=1, max_size=2))
    def begin(self, contacts: list[Contact]) -> None:
        self.session.rollback()
        for table in (
            Answer, FormerAnswer, QuickPost, Response, Bounce, Milestone, Pause, WorkerBeat,
        ):  # fmt: skip
            self.session.execute(sa.delete(table))
        self.session.commit()
        self.app.extensions.pop("mail_pace", None)
        self.post.sink.taken.clear()
        self.post.hands = []
        self.post.claimed, self.post.let_go = self.claimed, self.let_go
        self.come_in()
        self.wrong: list[str] = []
        # How the mail server will be when the worker comes next.
        self.moods: list[str] = []
        # (since, until) of each time that VIPs were not to be asked.
        self.bars: list[tuple[Any, Any]] = []
        super().begin()
        self.contacts_close(0, contacts, is_worked=True, stops=None)

    # What happens

    def the_worker_comes_and_a_second_run_issues_nothing(self) -> None:
        self.a_worker_works(self.moods)
        self.moods = []

    @rule(
        days=DAYS,
        contacts=st.lists(CONTACTS, min_size=1, max_size=2),
        is_awake=st.sampled_from([True, True, True, False]),
        moods=SERVER,
        stops=st.sampled_from([None, None, None, (ADDRESSES[0], 40), (ADDRESSES[1], 10)]),
        which=WHICH,
        does=st.lists(DOINGS, max_size=3),
    )
    def days_go_by(
        self,
        days: int,
        contacts: list[Contact],
        is_awake: bool,
        moods: list[str],
        stops: tuple[str, int] | None,
        which: int,
        does: list[Doing],
    ) -> None:
        # At any hour, so that some contacts close by night.
        self.now += timedelta(hours=days % 12)
        self.moods = moods
        self.contacts_close(days, contacts, is_awake, stops)
        self.something_happens_behind_a_link(which, does)

    # Again, so that it is drawn as often as all the rest; somebody wishes something first.
    @rule(
        days=DAYS,
        contacts=st.lists(CONTACTS, min_size=1, max_size=2),
        wish=st.sampled_from(["", "stop", "kind", "kind", "erase", "rule"]),
        which=WHICH,
        does=st.lists(DOINGS, min_size=1, max_size=3),
    )
    def more_days_go_by(
        self, days: int, contacts: list[Contact], wish: str, which: int, does: list[Doing]
    ) -> None:
        if wish == "rule":
            self.somebody_runs_the_house(wish, 1)
        elif wish:
            self.somebody_wishes(wish, ADDRESSES[which % 2], 0)
        self.days_go_by(days, contacts, True, [], None, which, does)

    def a_worker_works(self, moods: list[str]) -> None:
        self.session.rollback()
        app, now = self.app, self.now
        catch_up(app, worker="one", now=now)
        if not stands_still(app):
            if issue_due(app, now=now) != Issued():
                assert issue_due(app, now=now) == Issued()
            remind_silent(app, now=now)
            self.post.now = now
            self.post.work(moods)
        beat(app, "one", now)
        assert not self.wrong, self.wrong[0]

    def days_pass(self, days: int, is_worked: bool) -> None:
        """Let the worker be awake, and come as each invitation is due; or sleep all the time."""
        end = self.now + timedelta(days=days)
        self.session.rollback()
        due = sa.select(Invitation.due_at).where(
            Invitation.issued_at.is_(None), Invitation.withheld_at.is_(None)
        )
        moments = sorted(set(self.session.scalars(due)))
        self.session.rollback()
        for moment in moments if is_worked else ():
            if self.now < moment <= end:
                self.now = moment
                beat(self.app, "one", moment)
                if not stands_still(self.app):
                    issue_due(self.app, now=moment)
                    self.post.now = moment
                    self.post.work([])
        self.now = end

    @rule(which=WHICH, kind=st.sampled_from(["hard", "soft", "report"]))
    def something_comes_back(self, which: int, kind: str) -> None:
        self.session.rollback()
        if kind == "report":
            self.report_again(which)
        else:
            self.return_mail(which, kind)
        self.session.commit()

    def report_again(self, which: int) -> None:
        known = self.session.execute(
            sa.select(Interaction.source, Interaction.external_id, Interaction.closed_at)
            .where(Interaction.erasure_id.is_(None))
            .order_by(Interaction.id)
        ).all()
        if not known:
            return
        source, number, closed_at = known[which % len(known)]
        report = Report(
            source=source, external_id=number, channel="phone", closed_at=closed_at,
            customer_email=ADDRESSES[0], staff_external_id="e-1", staff_name="李静",
        )  # fmt: skip
        policy = InvitationPolicy.from_config(self.app.config)
        intake = Intake(self.session, policy, self.app.config["SECRET_KEY"])
        assert [new for _id, new in intake.take_all([report], self.now)] == [False]

    def return_mail(self, which: int, kind: str) -> None:
        sent = self.session.scalars(
            sa.select(Message)
            .where(Message.sent_at.is_not(None), Message.recipient != "")
            .order_by(Message.id.desc())
        ).all()
        if not sent:
            return
        one, key = sent[which % len(sent)], self.app.config["SECRET_KEY"]
        returned = Returned(kind, None, "550 no", (), one.message_id)
        if record_return(self.session, one, returned, now=self.now, key=key) and kind == "hard":
            self.close(one.recipient)

    @rule(what=st.sampled_from(["pause", "rule", "move", "clock"]), days=st.integers(1, 3))
    def somebody_runs_the_house(self, what: str, days: int) -> None:
        self.session.rollback()
        user = self.session.scalars(sa.select(User).where(User.role == "manager")).first()
        assert user is not None
        if what == "pause" and not begin_pause(self.session, now=self.now, by="us"):
            policy = InvitationPolicy.from_config(self.app.config)
            resume(self.session, policy, now=self.now, by="us")
        if what == "rule":
            self.bar_or_ask_again(user)
        if what == "move":
            staff = self.session.scalars(sa.select(StaffMember)).first()
            team = make_team(self.session, f"{days}组")
            # In another story it was later already.
            with suppress(CannotMove):
                if staff is not None:
                    move(self.session, staff, team, day=self.now.date(), today=self.now.date())
        if what == "clock":
            self.before_the_clock |= {one.id for one in self.asked()}
            self.now -= timedelta(days=days)
        self.session.commit()

    def bar_or_ask_again(self, user: User) -> None:
        standing = self.session.scalars(sa.select(DoNotAsk).where(DoNotAsk.ended_at.is_(None)))
        if (one := standing.first()) is None:
            stop_asking(self.session, "segment", "VIP", "不打扰", user, self.now)
            self.bars.append((self.now, None))
        else:
            ask_again(self.session, one, user, self.now)
            self.bars[-1] = (self.bars[-1][0], self.now)

    # What the model is told by the post

    def claimed(self, message: Message, now: object) -> None:
        with self.app.app_context():
            invitation = self.session.get(Invitation, message.token_for)
        assert invitation is not None
        if invitation.id in self.answers:
            self.wrong.append("mailed though answered")
        if self.came_under[invitation.interaction_id] in self.erased:
            self.wrong.append("mailed though erased")
        address = normalise_address(message.recipient)
        if any(
            whose == address and since <= self.now and not is_over(until, self.now)
            for whose, since, until in self.stops
        ):
            self.wrong.append("mailed though stopped")
        self.session.rollback()

    def let_go(self, message: Message, mood: str) -> None:
        if mood == "nobody there":
            self.close(message.recipient)

    def close(self, recipient: str) -> None:
        """Write no more to an address, unless nobody does already."""
        address = normalise_address(recipient)
        if all(whose != address or is_over(until, self.now) for whose, _since, until in self.stops):
            self.stops.append((address, self.now, None))

    # What was promised

    def teardown(self) -> None:
        if not hasattr(self, "bars"):
            return
        super().teardown()
        self.follow_ups_are_late_enough_by_day_and_of_who_was_reached()
        self.nobody_is_asked_whom_a_rule_spares()
        self.each_invitation_is_one_mail_and_at_most_one_reminder()
        self.contacts_stay_with_the_team_of_then()
        self.the_figure_is_what_customers_said()

    def follow_ups_are_late_enough_by_day_and_of_who_was_reached(self) -> None:
        asked = self.asked()
        first = {one.interaction_id: one for one in asked if one.wave == 1}
        for one in asked:
            if one.wave == 1:
                continue
            mail = self.session.get_one(Message, first[one.interaction_id].message_id)
            lost = (mail.failed_at, mail.cancelled_at, mail.returned_at)
            was_lost = any(end is not None and end < one.issued_at for end in lost)
            is_reached = first[one.interaction_id].id in self.answers or not was_lost
            assert is_reached, "followed up though never reached"
            closed = one.interaction.closed_at.astimezone(SHANGHAI)
            issued = one.issued_at.astimezone(SHANGHAI)
            assert (issued.date() - closed.date()).days >= 30, "followed up too early"
            assert 9 <= issued.hour < 20, f"followed up at {issued.hour} o'clock"

    def nobody_is_asked_whom_a_rule_spares(self) -> None:
        for one in self.asked_by_a_true_clock():
            if one.interaction.segment == "vip":
                for since, until in self.bars:
                    within = since < one.issued_at and not is_over(until, one.issued_at)
                    assert not within, "asked though a rule says not to"

    def each_invitation_is_one_mail_and_at_most_one_reminder(self) -> None:
        self.session.rollback()
        mails = self.session.execute(sa.select(Message.token_for, Message.kind)).all()
        assert len(mails) == len(set(mails)), "one invitation, two mails of one kind"
        self.session.rollback()

    def contacts_stay_with_the_team_of_then(self) -> None:
        self.session.rollback()
        teams = self.session.execute(sa.select(Interaction.id, Interaction.team_id)).all()
        assert dict(map(tuple, teams)) == self.teams, "a contact changed its team"
        self.session.rollback()

    def the_figure_is_what_customers_said(self) -> None:
        self.session.rollback()
        waves = dict(self.session.execute(sa.select(Invitation.id, Invitation.wave)).all())
        for wave in (1, 2):
            said = [str(one.score) for id_, one in self.answers.items() if waves[id_] == wave]
            request = read_score_request({"metric": "csat", "wave": str(wave)})
            with self.app.test_request_context():
                shown = scores(
                    self.session, request, zone=SHANGHAI, min_group=5, sees_all=True, locale="en",
                    now=self.now,
                )  # fmt: skip
            points = [point for group in shown["groups"] for point in group["points"]]
            counted = sum(sum(point["counts"].values()) for point in points)
            assert counted == len(said), "the figure is not what customers said"
            for point in points:
                for score, number in point["counts"].items():
                    assert number <= said.count(score), "the figure is not what customers said"
        self.session.rollback()
