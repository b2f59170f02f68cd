"""Bugs that mail queues had: planted into the outbox from outside, each must be found."""

import secrets
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from feedback.commands import backup
from feedback.outbox import claim, deliver, settle
from feedback.outbox.models import Message
from feedback.outbox.pace import Pace
from feedback.outbox.verdict import Fate, Verdict

Plant = Callable[[pytest.MonkeyPatch], None]


def claim_what_is_held(plant: pytest.MonkeyPatch) -> None:
    """Take a message without looking whether somebody has it in hand."""
    plant.setattr(claim, "LEASE", timedelta(0))


def lease_without_end(plant: pytest.MonkeyPatch) -> None:
    """Let what a dead worker has in hand be its own for ever."""
    plant.setattr(claim, "LEASE", timedelta(days=10_000))


def lease_ends_early(plant: pytest.MonkeyPatch) -> None:
    """Take a message from who has it a minute too early."""
    plant.setattr(claim, "LEASE", timedelta(minutes=14))


def mark_then_send(plant: pytest.MonkeyPatch) -> None:
    """Write down that a message is sent, and send it then."""
    write_down, attempt = deliver._write_down, deliver._try

    def sent_first(this: Any, message: Message) -> None:
        write_down(this, message, "250 surely")
        attempt(this, message)

    plant.setattr(deliver, "_try", sent_first)
    plant.setattr(deliver, "_write_down", lambda this, message, outcome: None)


def send_without_dot(plant: pytest.MonkeyPatch) -> None:
    """Send without noting beforehand that the final dot goes out."""
    plant.setattr(deliver, "mark_dot", lambda session, message, now: None)


def settle_what_is_lost(plant: pytest.MonkeyPatch) -> None:
    """Go on with a message that has become another worker's meanwhile."""

    def change(session: Any, message: Message, **values: Any) -> None:
        session.execute(
            sa.update(Message)
            .where(Message.id == message.id)
            .values(**values)
            .execution_options(synchronize_session=False)
        )

    plant.setattr(settle, "change_claimed", change)


def give_up_at_once(plant: pytest.MonkeyPatch) -> None:
    """Take a refusal for now for one for good."""
    plant.setattr(settle, "ATTEMPTS", 1)


def never_give_up(plant: pytest.MonkeyPatch) -> None:
    """Take a refusal for good for one for now."""
    _judging(plant, Fate.NEVER, Fate.LATER)


def blame_the_message(plant: pytest.MonkeyPatch) -> None:
    """Take "too fast" for a word about the message, as its 550 suggests."""
    _judging(plant, Fate.DOMAIN_WAITS, Fate.NEVER)


def _judging(plant: pytest.MonkeyPatch, right: Fate, wrong: Fate) -> None:
    judge = deliver.judge

    def misjudge(error: Exception) -> Verdict:
        verdict = judge(error)
        return replace(verdict, fate=wrong) if verdict.fate is right else verdict

    plant.setattr(deliver, "judge", misjudge)


def no_pace(plant: pytest.MonkeyPatch) -> None:
    """Knock again at once where one was told to be slower."""
    plant.setattr(Pace, "resting", lambda pace, now: set())


def mail_the_unwilling(plant: pytest.MonkeyPatch) -> None:
    """Look whether an address may be written to as a mail is made, and not as it goes."""
    plant.setattr(deliver, "suppression_of", lambda session, digest, now: None)


def rename_repeats(plant: pytest.MonkeyPatch) -> None:
    """Give each try a Message-ID of its own."""
    outgoing = deliver._outgoing

    def renamed(this: Any, message: Message) -> Any:
        mail = outgoing(this, message)
        mail.msgId = f"<{secrets.token_hex(8)}@example.cn>"
        return mail

    plant.setattr(deliver, "_outgoing", renamed)


def lose_the_words(plant: pytest.MonkeyPatch) -> None:
    """Keep that a message failed, and not why."""
    plant.setattr(settle, "_kept", lambda words: sa.null())


def restore_and_rush(plant: pytest.MonkeyPatch) -> None:
    """Go on after a restore as if nothing had been sent since the backup."""
    plant.setattr(backup, "hold_waiting", lambda session, now, made_at: 0)


# Each with the words it must be found by.
PLANTS: dict[Plant, str] = {
    claim_what_is_held: "two workers have one message in hand",
    lease_without_end: "neither delivered nor failed nor held",
    lease_ends_early: "two workers have one message in hand",
    mark_then_send: "said to be sent, and was not",
    send_without_dot: "sent without noting the dot",
    settle_what_is_lost: "a copy nobody knows of|moments out of|a third copy|ck_message_one_end",
    give_up_at_once: "failed too soon",
    never_give_up: "tried again though it was refused for good",
    blame_the_message: "failed too soon",
    no_pace: "a domain was not left alone",
    mail_the_unwilling: "mailed though",
    rename_repeats: "a repeat has another Message-ID",
    lose_the_words: "failed without a word|cancelled without",
    restore_and_rush: "sent after a restore though nobody has decided",
}
