"""Whom we do not write to, and until when."""

from datetime import timedelta

from sqlalchemy.orm import Session

from feedback.outbox.suppress import suppress, suppression_of, unsuppress
from tests.outbox.letters import NOW

DIGEST = "d" * 64


def test_a_pause_ends_and_everything_else_stays(session: Session) -> None:
    suppress(session, DIGEST, "paused", NOW, until=NOW + timedelta(days=180))
    assert suppression_of(session, DIGEST, NOW + timedelta(days=179)) is not None
    assert suppression_of(session, DIGEST, NOW + timedelta(days=180)) is None
    suppress(session, DIGEST, "unsubscribed", NOW)
    assert suppression_of(session, DIGEST, NOW + timedelta(days=9999)) is not None


def test_who_takes_it_back_is_written_to_again(session: Session) -> None:
    suppress(session, DIGEST, "unsubscribed", NOW)
    unsuppress(session, DIGEST)
    assert suppression_of(session, DIGEST, NOW) is None
