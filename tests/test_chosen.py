"""Settings chosen on a page: below the environment and the file, and seen by all that runs."""

from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from feedback import chosen, create_app
from feedback.chosen import choose, refresh, stand_for, where_else, where_given
from feedback.config import BadSetting
from tests.conftest import START, settings_for
from tests.factories import make_user, sign_in

KEYS = ["a key"]


@pytest.fixture
def app(make_app: Callable[..., Flask]) -> Flask:
    return make_app(PUBLIC_URL=None, MAIL_SENDER=None)


def set_(session: Session, **values: str | None) -> None:
    choose(session, values, keys=KEYS, now=START)
    session.commit()


def test_a_choice_goes_before_the_default_and_can_be_taken_back(
    app: Flask, session: Session
) -> None:
    set_(session, TIMEZONE="Europe/Berlin", MAIL_PORT="587")
    refresh(app, at_once=True)
    assert (app.config["TIMEZONE"], app.config["MAIL_PORT"]) == ("Europe/Berlin", 587)
    set_(session, TIMEZONE=None)
    refresh(app, at_once=True)
    assert app.config["TIMEZONE"] == "Asia/Shanghai"


def test_the_file_and_the_environment_go_before_a_choice(
    make_app: Callable[..., Flask],
    session: Session,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "instance").mkdir(exist_ok=True)
    (tmp_path / "instance" / "config.py").write_text("TIMEZONE = 'Asia/Tokyo'\n")
    monkeypatch.setenv("FEEDBACK_DEFAULT_LOCALE", "en")
    app = make_app()
    set_(session, TIMEZONE="Europe/Berlin", DEFAULT_LOCALE="zh")
    refresh(app, at_once=True)
    assert (app.config["TIMEZONE"], app.config["DEFAULT_LOCALE"]) == ("Asia/Tokyo", "en")
    assert where_else(app, "TIMEZONE") == "instance/config.py"
    assert where_else(app, "DEFAULT_LOCALE") == "FEEDBACK_DEFAULT_LOCALE"


def test_a_secret_in_a_file_is_named_by_its_variable(tmp_path: Path) -> None:
    given = where_given(tmp_path, environment={"FEEDBACK_MAIL_PASSWORD_FILE": "/run/secret"})
    assert given == {"MAIL_PASSWORD": "FEEDBACK_MAIL_PASSWORD_FILE"}


def test_one_part_of_the_mail_server_given_elsewhere_gives_all_of_it(
    make_app: Callable[..., Flask], session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FEEDBACK_MAIL_USERNAME", "operator")
    app = make_app(MAIL_SENDER=None)
    set_(session, MAIL_SERVER="evil.example", MAIL_SENDER="a@example.cn")
    refresh(app, at_once=True)
    assert app.config["MAIL_SERVER"] == ""
    assert app.config["MAIL_SENDER"] == "a@example.cn"
    assert where_else(app, "MAIL_SERVER") == "FEEDBACK_MAIL_USERNAME"


def test_what_cannot_be_read_is_not_kept(session: Session) -> None:
    with pytest.raises(BadSetting):
        choose(session, {"TIMEZONE": "Mars"}, keys=KEYS, now=START)
    with pytest.raises(ValueError, match="SECRET_KEY"):
        choose(session, {"SECRET_KEY": "x"}, keys=KEYS, now=START)
    assert set(session.scalars(sa.select(chosen.ChosenSetting.name))) == set()


def test_the_address_the_site_listens_at_stands_until_one_is_chosen(
    app: Flask, session: Session
) -> None:
    set_(session, PUBLIC_URL="https://fb.example.cn")
    refresh(app, at_once=True)
    stand_for(app, "PUBLIC_URL", "http://127.0.0.1:8107")
    assert app.config["PUBLIC_URL"] == "https://fb.example.cn"
    set_(session, PUBLIC_URL=None)
    refresh(app, at_once=True)
    assert app.config["PUBLIC_URL"] == "http://127.0.0.1:8107"


def test_commands_and_pages_go_by_it(app: Flask, session: Session) -> None:
    set_(session, TIMEZONE="Europe/Berlin")
    assert app.test_cli_runner().invoke(args=["work", "--once"]).exit_code == 0
    assert app.config["TIMEZONE"] == "Europe/Berlin"
    set_(session, TIMEZONE="Asia/Tokyo")
    client = app.test_client()
    sign_in(client, session, make_user(session, "admin"))
    assert client.get("/admin/people").status_code == 200
    assert app.config["TIMEZONE"] == "Asia/Tokyo"


def test_a_database_that_is_away_or_new_stops_nothing(tmp_path: Path) -> None:
    for url in ("postgresql://nobody@127.0.0.1:1/nothing", f"sqlite:///{tmp_path}/new.sqlite"):
        app = create_app(settings_for(url, tmp_path))
        refresh(app, at_once=True)
        assert app.config["TIMEZONE"] == "Asia/Shanghai"


def test_a_session_that_came_encrypted_is_never_sent_in_the_clear(app: Flask) -> None:
    plain = app.test_client().get("/sign-in?lang=en")
    assert "Secure" not in plain.headers["Set-Cookie"]
    secret = app.test_client().get("/sign-in?lang=en", base_url="https://localhost")
    assert "Secure" in secret.headers["Set-Cookie"]
