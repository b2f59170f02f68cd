"""The connection: encrypted where it should be, signed in, and never waited for without end."""

import smtplib
import ssl
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from feedback.outbox.transport import mail
from tests.conftest import missing
from tests.outbox.letters import NOW, SHORT, deliver, look, make_message
from tests.outbox.post_office import PostOffice, password_is, tls_context

MakeApp = Callable[..., Flask]


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """A certificate for 127.0.0.1 that nobody but its maker has signed, and its key."""
    folder = tmp_path_factory.mktemp("tls")
    names = (str(folder / "certificate.pem"), str(folder / "key.pem"))
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    command += ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    try:
        subprocess.run(
            [*command, "-out", names[0], "-keyout", names[1]], check=True, capture_output=True
        )
    except FileNotFoundError:
        missing("openssl")
    return names


@contextmanager
def trusting(certificate: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with monkeypatch.context() as patch:
        patch.setenv("SSL_CERT_FILE", certificate)
        yield


def test_a_self_signed_certificate_is_refused_and_no_mail_goes(
    make_app: MakeApp, session: Session, certificate: tuple[str, str]
) -> None:
    with PostOffice(tls_context=tls_context(*certificate), require_starttls=True) as office:
        app = make_app(MAIL_USE_TLS=True, **office.settings)
        message = make_message(session)
        assert deliver(app).sent == 0
        assert office.taken == []
        assert "CERTIFICATE_VERIFY_FAILED" in (look(session, message).server_reply or "")


def test_a_certificate_one_trusts_is_taken(
    make_app: MakeApp,
    session: Session,
    certificate: tuple[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with PostOffice(tls_context=tls_context(*certificate), require_starttls=True) as office:
        app = make_app(MAIL_USE_TLS=True, **office.settings)
        make_message(session)
        with trusting(certificate[0], monkeypatch):
            assert deliver(app).sent == 1


def test_a_certificate_for_somebody_else_is_refused(
    make_app: MakeApp,
    session: Session,
    certificate: tuple[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with PostOffice(tls_context=tls_context(*certificate), require_starttls=True) as office:
        app = make_app(MAIL_USE_TLS=True, MAIL_SERVER="localhost", MAIL_PORT=office.port)
        message = make_message(session)
        with trusting(certificate[0], monkeypatch):
            assert deliver(app).sent == 0
        assert "CERTIFICATE_VERIFY_FAILED" in (look(session, message).server_reply or "")


def test_a_server_without_starttls_gets_nothing_in_the_clear(
    make_app: MakeApp, session: Session, office: PostOffice
) -> None:
    app = make_app(MAIL_USE_TLS=True, **office.settings)
    message = make_message(session)
    assert deliver(app).sent == 0
    assert "STARTTLS" in (look(session, message).server_reply or "")
    assert "MAIL" not in office.visits


def test_tls_from_the_first_byte_is_verified_too(
    app: Flask, certificate: tuple[str, str], monkeypatch: pytest.MonkeyPatch, make_app: MakeApp
) -> None:
    with PostOffice() as office:
        # A server that speaks no TLS at all, and waits for us.
        plain = make_app(MAIL_USE_SSL=True, **office.settings)
        with (
            plain.app_context(),
            pytest.raises((ssl.SSLError, OSError, smtplib.SMTPException)),
            mail.connect(SHORT),
        ):
            pass


def test_a_wrong_password_costs_no_attempt_and_keeps_the_words(
    make_app: MakeApp,
    session: Session,
    certificate: tuple[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with PostOffice(
        authenticator=password_is("right"),
        auth_required=True,
        tls_context=tls_context(*certificate),
    ) as office:
        settings = office.settings | {"MAIL_USE_TLS": True, "MAIL_USERNAME": "care"}
        message = make_message(session)
        with trusting(certificate[0], monkeypatch):
            assert deliver(make_app(**settings, MAIL_PASSWORD="wrong")).sent == 0
            found = look(session, message)
            assert (found.attempts, found.failed_at) == (0, None)
            assert (found.server_reply or "").startswith("535")
            assert deliver(make_app(**settings, MAIL_PASSWORD="right")).sent == 1


def test_each_application_has_its_own_server(make_app: MakeApp, session: Session) -> None:
    with PostOffice() as one, PostOffice() as two:
        first, _second = make_app(**one.settings), make_app(**two.settings)
        make_message(session)
        deliver(first)
        assert (len(one.taken), len(two.taken)) == (1, 0)


def test_a_line_of_400_chinese_characters_is_not_too_long_for_a_server(
    app: Flask, session: Session, office: PostOffice
) -> None:
    make_message(session, text="服" * 400 + "\n", html=f"<p>{'务' * 2000}</p>\n")
    assert deliver(app).sent == 1
    assert office.taken[0].part("plain") == "服" * 400 + "\n"


def test_an_address_in_a_chinese_domain_goes_in_the_form_servers_take(
    app: Flask, session: Session, office: PostOffice
) -> None:
    make_message(session, "wang@例子.中国")
    assert deliver(app).sent == 1
    assert office.taken[0].recipients == ["wang@xn--fsqu00a.xn--fiqs8s"]


def test_mail_without_a_server_is_kept_in_files_and_the_log_says_so(
    make_app: MakeApp, session: Session, caplog: pytest.LogCaptureFixture
) -> None:
    app = make_app()
    message = make_message(session, text="您好！\n")
    assert deliver(app).sent == 1
    folder = Path(app.instance_path) / "mail"
    (file,) = folder.iterdir()
    assert file.suffix == ".eml"
    assert folder.stat().st_mode & 0o077 == 0
    assert str(folder) in caplog.text
    assert look(session, message).server_reply == f"kept as {file.name}"
    assert look(session, message).sent_at == NOW
    assert message.message_id.encode() in file.read_bytes()


def test_a_full_disk_loses_no_mail(
    make_app: MakeApp, session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = make_app()
    message = make_message(session)

    def full(*arguments: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_bytes", full)
        assert deliver(app).sent == 0
    found = look(session, message)
    assert (found.attempts, found.failed_at) == (0, None)
    assert "No space left" in (found.server_reply or "")
    assert deliver(app).sent == 1
