"""Whom we ask and when, whatever happens in whatever order: drawn at random, and held."""

from datetime import UTC, datetime, timedelta
from itertools import combinations

import sqlalchemy as sa
from flask import Flask
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    rule,
)
from sqlalchemy.orm import Session, joinedload

from feedback.database import reading
from feedback.interactions.contacts import address_digest, normalise_address
from feedback.interactions.models import Interaction
from feedback.invitations.coverage import Which, accounting
from feedback.invitations.issue import Issued, issue_due
from feedback.invitations.models import Invitation
from feedback.outbox.models import Message
from feedback.outbox.suppress import suppress, suppress_kind, unsuppress, unsuppress_kind
from feedback.retention.erase import Rules, erase
from feedback.retention.person import person_of_address
from tests.factories import make_channel, make_customer, make_interaction, make_user
from tests.invitations.histories import OWN, forget_everything, leave_chat_unfollowed, take_in

BEGIN = datetime(2026, 6, 1, 3, 0, tzinfo=UTC)  # A Monday, 11:00 in Shanghai.
INTERVAL = timedelta(days=30)
ADDRESSES = ("a@example.cn", "b@example.cn")

DAYS = st.sampled_from([0, 1, 7, 16, 31, 31, 31])
# (customer, address, channel, days since it closed, does somebody serve them)
Contact = tuple[int, str | None, int, int, bool]
# Few people, so that they meet again and again; the odd ones come now and then.
CONTACTS = st.tuples(
    st.integers(0, 2),
    st.sampled_from((*ADDRESSES * 6, "A@Example.CN", None, "boss+1@example.cn", "a@")),
    st.sampled_from([0, 0, 1]),
    st.sampled_from([0, 0, 0, 3, 3, 8]),
    st.sampled_from([True] * 7 + [False]),
)


class Asking(RuleBasedStateMachine):
    """An organisation at work: contacts, people who stop and come back, a worker now and then."""

    app: Flask
    session: Session

    @initialize()
    def begin(self) -> None:
        forget_everything(self.session)
        leave_chat_unfollowed(self.session)
        make_user(self.session, "manager", email=OWN)
        self.customers = [make_customer(self.session).id for _number in range(3)]
        self.channels = [make_channel(self.session, code).id for code in ("phone", "chat")]
        self.session.commit()
        self.now = BEGIN
        # (address, since, until) of everybody who stopped us.
        self.stops: list[tuple[str, datetime, datetime | None]] = []
        # (address, channel, since, until) of everybody who wants no mails of one kind.
        self.kinds: list[tuple[str, int, datetime, datetime | None]] = []
        self.erased: set[str] = set()
        # What had been asked when the clock was put back: what came first, moments do not tell.
        self.before_the_clock: set[int] = set()
        # Under which address each contact came in: of the erased ones the database does not know.
        self.came_under: dict[int, str | None] = {}
        # Whose team each contact was then, wherever its staff member is now.
        self.teams: dict[int, int | None] = {}

    def contacts_close(
        self, days: int, contacts: list[Contact], is_worked: bool, stops: tuple[str, int] | None
    ) -> None:
        if stops is not None:
            self.stop(*stops)
        self.days_pass(days, is_worked)
        for who, address, channel, age, is_served in contacts:
            self.now += timedelta(minutes=7)
            one = make_interaction(
                self.session,
                closed_at=self.now - timedelta(days=age),
                customer_id=self.customers[who],
                # Whom a rule of the organisation may be about.
                segment="vip" if who == 2 else "",
                customer_email=address,
                channel_id=self.channels[channel],
                **({} if is_served else {"staff_id": None, "team_id": None}),
            )
            self.came_under[one.id] = normalise_address(address) if address else None
            self.teams[one.id] = one.team_id
            take_in(self.app, self.session, [one], now=self.now)
        self.after_contacts(is_worked)

    def after_contacts(self, is_worked: bool) -> None:
        if is_worked:
            self.the_worker_comes_and_a_second_run_issues_nothing()

    def days_pass(self, days: int, is_worked: bool) -> None:
        self.now += timedelta(days=days)

    def the_worker_comes_and_a_second_run_issues_nothing(self) -> None:
        issue_due(self.app, now=self.now)
        assert issue_due(self.app, now=self.now) == Issued()

    # Erasing rarely, or there is nobody left whom the other rules could be about.
    @rule(
        what=st.sampled_from(
            ["stop", "pause", "back", "back", "kind", "kind", "kind back", "erase"]
        ),
        address=st.sampled_from(ADDRESSES),
        channel=st.sampled_from([0, 0, 1]),
    )
    def somebody_wishes(self, what: str, address: str, channel: int) -> None:
        self.session.rollback()
        if what in ("stop", "pause"):
            self.stop(address, None if what == "stop" else 40)
        elif what == "back":
            self.come_back(address)
        elif what == "kind":
            self.stop_a_kind(address, channel)
        elif what == "kind back":
            self.ask_about_a_kind_again(address, channel)
        else:
            self.erase(address)

    def stop(self, address: str, days: int | None) -> None:
        if address in self.erased:
            return
        until = None if days is None else self.now + timedelta(days=days)
        reason = "unsubscribed" if until is None else "paused"
        self.come_back(address)
        suppress(self.session, self.digest(address), reason, self.now, until)
        self.session.commit()
        self.stops.append((address, self.now, until))

    def come_back(self, address: str) -> None:
        # What was erased is no wish that could be taken back (tests/responses/test_stop.py).
        if address in self.erased:
            return
        unsuppress(self.session, self.digest(address))
        self.session.commit()
        self.stops = [
            (whose, since, self.now if whose == address and not is_over(until, self.now) else until)
            for whose, since, until in self.stops
        ]

    def stop_a_kind(self, address: str, channel: int) -> None:
        channel_id = self.channels[channel]
        self.ask_about_a_kind_again(address, channel)
        suppress_kind(self.session, self.digest(address), channel_id, self.now)
        self.session.commit()
        self.kinds.append((address, channel_id, self.now, None))

    def ask_about_a_kind_again(self, address: str, channel: int) -> None:
        channel_id = self.channels[channel]
        unsuppress_kind(self.session, self.digest(address), channel_id)
        self.session.commit()
        self.kinds = [
            (whose, which, since, until or self.now)
            if (whose, which) == (address, channel_id)
            else (whose, which, since, until)
            for whose, which, since, until in self.kinds
        ]

    def erase(self, who: str) -> None:
        person = person_of_address(self.session, who)
        rules = Rules(self.app.config["SECRET_KEY"], keeps_scores=False)
        erase(self.session, person, rules, self.now, asked_by="customer")
        self.session.commit()
        # Whatever they wished before, from here on it is not to be written to.
        self.stops.append((who, self.now, None))
        self.erased.add(who)

    def digest(self, address: str) -> str:
        return address_digest(address, self.app.config["SECRET_KEY"])

    def teardown(self) -> None:
        self.now += timedelta(days=40)
        self.the_worker_comes_and_a_second_run_issues_nothing()
        self.nobody_is_asked_twice_within_the_interval()
        self.nobody_who_stopped_us_is_ever_asked()
        self.nobody_is_asked_about_a_kind_they_want_no_mails_about()
        self.of_the_erased_nothing_is_left()
        self.only_who_was_asked_is_followed_up_and_nobody_of_ours()
        self.every_contact_has_exactly_one_fate_in_each_wave()
        self.what_is_merged_has_a_later_contact_to_stand_for_it()

    # What was promised

    def nobody_is_asked_twice_within_the_interval(self) -> None:
        for one, other in combinations(self.asked(), 2):
            if one.wave == other.wave and self.is_same_person(one, other):
                apart = abs(one.issued_at - other.issued_at)
                assert apart >= INTERVAL, "asked twice within the interval"

    def nobody_who_stopped_us_is_ever_asked(self) -> None:
        for one in self.asked_by_a_true_clock():
            for address, since, until in self.stops:
                if self.came_under[one.interaction_id] == address:
                    # Within one moment, either may have come first.
                    is_after = one.issued_at > since and not is_over(until, one.issued_at)
                    assert not is_after, "asked though they had stopped us"

    def nobody_is_asked_about_a_kind_they_want_no_mails_about(self) -> None:
        for one in self.asked_by_a_true_clock():
            for address, channel_id, since, until in self.kinds:
                about_it = one.interaction.channel_id == channel_id
                if about_it and self.came_under[one.interaction_id] == address:
                    is_after = one.issued_at > since and not is_over(until, one.issued_at)
                    assert not is_after, "asked about a kind they want no mails about"

    def of_the_erased_nothing_is_left(self) -> None:
        erased = sa.select(Interaction).where(Interaction.erasure_id.is_not(None))
        for one in self.session.scalars(erased):
            # One without an address goes with the only one its customer has (retention/person.py).
            assert self.came_under[one.id] in {*self.erased, None}, "erased unasked"
            assert (one.customer_email, one.customer_name, one.subject) == (None, "", "")
            assert one.external_id.startswith("erased:")
        self.session.rollback()

    def only_who_was_asked_is_followed_up_and_nobody_of_ours(self) -> None:
        first = {one.interaction_id for one in self.asked() if one.wave == 1}
        for one in self.asked():
            assert one.wave == 1 or one.interaction_id in first, "followed up though never asked"
            assert self.came_under[one.interaction_id] is not None
            assert one.issued_at >= one.due_at
            assert OWN.partition("@")[0] not in (self.came_under[one.interaction_id] or "")

    def every_contact_has_exactly_one_fate_in_each_wave(self) -> None:
        session = self.session
        contacts = session.execute(sa.select(Interaction.id, Interaction.channel_id)).all()
        phone = self.channels[0]
        places = session.execute(sa.select(Invitation.interaction_id, Invitation.wave)).all()
        # Chats are not followed up; that is the only way to be without a place.
        assert sorted(map(tuple, places)) == sorted(
            (id_, wave)
            for id_, channel in contacts
            for wave in (1, 2)
            if wave == 1 or channel == phone
        )
        for wave in (1, 2):
            account = accounting(session, Which(wave))
            assert account.interactions == account.fates.total() == len(contacts)
            assert account.withheld.total() == account.fates["withheld"]
            issued = sum(one.wave == wave for one in self.asked())
            assert account.fates["invited"] == issued
        asking = sa.select(Message.token_for).where(Message.kind != "reminder")
        mails = session.scalars(asking).all()
        assert sorted(mails) == sorted(one.id for one in self.asked())
        session.rollback()

    def is_same_person(self, one: Invitation, other: Invitation) -> bool:
        under = self.came_under[one.interaction_id], self.came_under[other.interaction_id]
        return one.customer_id == other.customer_id or under[0] == under[1]

    def what_is_merged_has_a_later_contact_to_stand_for_it(self) -> None:
        self.session.rollback()
        merged = self.session.scalars(
            sa.select(Invitation).where(Invitation.withheld_because == "merged")
        )
        for one in merged:
            other = one.merged_into
            assert other is not None
            assert (one.wave, other.wave) == (1, 1)
            assert one.customer_id == other.customer_id
            assert one.address_digest == other.address_digest
            apart = other.interaction.closed_at - one.interaction.closed_at
            assert timedelta() <= apart <= timedelta(hours=24)
        self.session.rollback()

    def asked_by_a_true_clock(self) -> list[Invitation]:
        """Return them but for those that were asked "later" than a clock that was then put back."""
        return [one for one in self.asked() if one.id not in self.before_the_clock]

    def asked(self) -> list[Invitation]:
        """Return the invitations that went out, as they are now and tied to no session."""
        self.session.rollback()
        with reading(), Session(self.session.get_bind(), expire_on_commit=False) as own:
            return list(
                own.scalars(
                    sa.select(Invitation)
                    .where(Invitation.issued_at.is_not(None))
                    .order_by(Invitation.id)
                    .options(joinedload(Invitation.interaction))
                )
            )


def is_over(until: datetime | None, now: datetime) -> bool:
    return until is not None and until <= now
