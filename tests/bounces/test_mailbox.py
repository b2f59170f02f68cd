"""Reading the mailbox: by IMAP and from a folder; what is ours goes, the rest stays."""

import mailbox
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from feedback.bounces import mailbox as reading
from feedback.bounces.collect import EVERY, Collected, collect_returns
from feedback.bounces.mailbox import MailboxAway, look_at, read_mailbox_address
from feedback.health.surroundings import returned_mail
from feedback.outbox.models import Bounce
from feedback.work import one_round
from tests.bounces.imap_server import ImapServer, free_port
from tests.bounces.returns import plain
from tests.bounces.test_record import quoting, sent
from tests.outbox.letters import NOW

LETTER = plain("Where do I find the invoice?", sender="wang@example.cn")


@pytest.fixture
def server() -> Iterator[ImapServer]:
    with ImapServer() as server:
        yield server


@pytest.fixture
def imap(make_app: Callable[..., Flask], server: ImapServer) -> Flask:
    return make_app(
        BOUNCE_MAILBOX=f"imap://returns%40example.cn@127.0.0.1:{server.port}/INBOX",
        BOUNCE_MAILBOX_PASSWORD=server.password,
    )


def test_what_is_ours_is_taken_and_removed_and_a_letter_stays_marked_as_read(
    imap: Flask, session: Session, server: ImapServer
) -> None:
    server.put(quoting(sent(session)))
    letter = server.put(LETTER)
    assert collect_returns(imap, now=NOW) == Collected(news=1, other=1)
    assert server.mails == [letter]
    assert letter.flags == {"\\Seen"}
    assert session.scalars(sa.select(Bounce.kind)).all() == ["hard"]
    session.commit()
    assert collect_returns(imap, now=NOW, at_once=True) == Collected()


def test_it_is_read_every_few_minutes_and_not_in_every_round(
    imap: Flask, session: Session, server: ImapServer
) -> None:
    collect_returns(imap, now=NOW)
    server.put(quoting(sent(session)))
    assert collect_returns(imap, now=NOW + EVERY / 2) == Collected()
    assert collect_returns(imap, now=NOW + EVERY).news == 1


def test_the_worker_reads_it_and_one_that_is_away_stops_nothing(
    imap: Flask, session: Session, server: ImapServer
) -> None:
    server.put(quoting(sent(session)))
    one_round(imap, now=NOW, worker="one")
    assert session.scalars(sa.select(Bounce.kind)).all() == ["hard"]
    session.commit()
    imap.config["BOUNCE_MAILBOX"] = f"imap://a@127.0.0.1:{free_port()}/INBOX"
    one_round(imap, now=NOW + EVERY, worker="one")


def test_what_breaks_off_in_the_middle_is_read_again_and_counted_once(
    imap: Flask, session: Session, server: ImapServer
) -> None:
    server.put(quoting(sent(session)))
    server.put(quoting(sent(session, "li@example.cn")))
    server.hangs_at = "UID STORE"
    with pytest.raises(MailboxAway):
        collect_returns(imap, now=NOW, at_once=True)
    server.hangs_at = ""
    done = collect_returns(imap, now=NOW, at_once=True)
    assert (done.news, done.known) == (1, 1)
    assert server.mails == []


@pytest.mark.parametrize(
    ("folder", "password", "words"),
    [("INBOX", "wrong", "密码错误"), ("Archive", "geheim 密", "no such mailbox")],
)
def test_a_mailbox_that_does_not_open_says_why_in_its_own_words(
    server: ImapServer, folder: str, password: str, words: str
) -> None:
    address = read_mailbox_address(f"imap://returns%40example.cn@127.0.0.1:{server.port}/{folder}")
    with pytest.raises(MailboxAway, match=words) as told:
        look_at(address, password)
    assert password not in str(told.value)


def test_a_server_that_says_nothing_is_waited_for_so_long_and_no_longer(
    server: ImapServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "_SECONDS", 0.3)
    server.hangs_at = "AUTHENTICATE"
    address = read_mailbox_address(f"imap://returns%40example.cn@127.0.0.1:{server.port}/INBOX")
    with pytest.raises(MailboxAway, match="timed out"):
        look_at(address, server.password)


@pytest.mark.parametrize(
    "text",
    [
        "imaps://host/INBOX",
        "imaps://name:secret@host/INBOX",
        "pop3://name@host",
        "https://name@host/",
        "maildir:relative/folder",
        "imap://name@host:0/",
    ],
)
def test_an_address_that_is_none_or_holds_a_password_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        read_mailbox_address(text)


def test_a_folder_on_this_machine_is_read_like_a_mailbox(
    make_app: Callable[..., Flask], session: Session, tmp_path: Path
) -> None:
    box = mailbox.Maildir(tmp_path / "returns", create=True)
    app = make_app(BOUNCE_MAILBOX=f"maildir:{tmp_path / 'returns'}")
    box.add(quoting(sent(session)))
    box.add(LETTER)
    assert collect_returns(app, now=NOW) == Collected(news=1, other=1)
    assert len(box) == 1
    (left,) = box.values()
    assert (left.get_subdir(), left.get_flags()) == ("cur", "S")
    assert collect_returns(app, now=NOW, at_once=True) == Collected()


def test_the_health_check_says_whether_it_opens(imap: Flask, server: ImapServer) -> None:
    with imap.test_request_context():
        found = returned_mail(imap.config, visiting=True)
        assert (found.state, "0" in found.why) == ("ok", True)
        imap.config["BOUNCE_MAILBOX_PASSWORD"] = "wrong"
        assert returned_mail(imap.config, visiting=True).state == "bad"
        imap.config |= {"BOUNCE_MAILBOX": "", "LIVE": True, "MAIL_SERVER": "mx.example.cn"}
        assert returned_mail(imap.config, visiting=False).state == "warn"
