"""Settings chosen on a page: kept in the database, below the environment and instance/config.py.

Every process reads them anew every few seconds, so that all of them, on all hosts, soon agree.
"""

import base64
import hmac
import logging
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from flask import Flask, current_app, request
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Mapped, Session, mapped_column

from feedback.config import SETTINGS, BadSetting, read_instance_file, read_text
from feedback.database import Base, UtcMoment, db, reading

log = logging.getLogger(__name__)

# How mail is handed over. Given elsewhere in part, all of it is: a password from the environment
# must not be sent to a server that was chosen on a page.
CONNECTION = (
    "MAIL_SERVER",
    "MAIL_PORT",
    "MAIL_USE_TLS",
    "MAIL_USE_SSL",
    "MAIL_USERNAME",
    "MAIL_PASSWORD",
)
CHOOSABLE = (
    "PUBLIC_URL",
    "TIMEZONE",
    "DEFAULT_LOCALE",
    "TWO_STEP_ROLES",
    "MAIL_SENDER",
    *CONNECTION,
)
_SECRET = frozenset({"MAIL_PASSWORD"})
_FRESH_SECONDS = 5.0
# Probes answer whatever the database does, and files need no settings. Links are read first: one
# that is none of ours asks the database nothing.
_WITHOUT = frozenset({"health", "responses", "customers"})


class ChosenSetting(Base):
    """One setting as an administrator chose it on a page; a password is kept encrypted."""

    __tablename__ = "chosen_setting"

    name: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    value: Mapped[str] = mapped_column(sa.Text)
    set_at: Mapped[datetime] = mapped_column(UtcMoment)


@dataclass
class _State:
    """What one process knows: what is given elsewhere, and what stood before any choice."""

    given: Mapping[str, str]
    then: Callable[[Flask], None]
    before: dict[str, Any] = field(default_factory=dict)
    fresh_until: float = 0.0


def where_given(
    instance: Path,
    *,
    environment: Mapping[str, str] = os.environ,
    overrides: Mapping[str, Any] | None = None,
) -> dict[str, str]:
    """Return where each setting that somebody gave was given: its variable, file or the start."""
    in_file = read_instance_file(instance / "config.py")
    found = {name: "instance/config.py" for name in SETTINGS if in_file.get(name) is not None}
    for name in SETTINGS:
        for variable in (f"FEEDBACK_{name}", f"FEEDBACK_{name}_FILE"):
            if variable in environment:
                found[name] = variable
    return found | {
        name: "create_app()" for name, given in (overrides or {}).items() if given is not None
    }


def install_chosen(app: Flask, given: Mapping[str, str], then: Callable[[Flask], None]) -> None:
    """Let chosen settings take effect while the site runs; `then` is called after each change."""
    app.extensions["chosen"] = _State(given, then)
    app.before_request(lambda: _refresh_for_page(app))


def stand_for(app: Flask, name: str, value: Any) -> None:
    """Say what a setting is as long as nobody chooses it, and go by what has been chosen."""
    app.extensions["chosen"].before[name] = app.config[name] = value
    refresh(app, at_once=True)


def where_else(app: Flask, name: str) -> str | None:
    """Return where a setting is given so that no page can choose it, or None where one can."""
    given: Mapping[str, str] = app.extensions["chosen"].given
    if name in CONNECTION:
        return next((given[one] for one in (name, *CONNECTION) if one in given), None)
    return given.get(name)


def choose(
    session: Session, values: Mapping[str, str | None], *, keys: list[str], now: datetime
) -> None:
    """Keep what was chosen; None takes a choice back. Raises BadSetting; the caller commits."""
    for name, text in values.items():
        if name not in CHOOSABLE:
            raise ValueError(f"{name} cannot be chosen on a page")
        if text is None:
            session.execute(sa.delete(ChosenSetting).where(ChosenSetting.name == name))
            continue
        read_text(name, text)
        kept = _box(keys).encrypt(text.encode()).decode() if name in _SECRET else text
        session.merge(ChosenSetting(name=name, value=kept, set_at=now))


def keys_of(config: Mapping[str, Any]) -> list[str]:
    """Return the secret keys, the one in use first."""
    return [config["SECRET_KEY"], *config["SECRET_KEY_FALLBACKS"]]


def refresh(app: Flask, *, at_once: bool = False) -> None:
    """Take over what has been chosen, if that was not done a moment ago; writes nothing."""
    state: _State = app.extensions["chosen"]
    if not at_once and time.monotonic() < state.fresh_until:
        return
    state.fresh_until = time.monotonic() + _FRESH_SECONDS
    try:
        with app.app_context(), reading(), Session(db.engine) as session:
            file = Path(db.engine.url.database or "")
            if db.engine.dialect.name == "sqlite" and not file.exists():
                # To look would make it, before anybody has said that this is the place for it.
                return
            rows = dict(session.execute(sa.select(ChosenSetting.name, ChosenSetting.value)).all())
    except SQLAlchemyError:
        # The database is away or not up to date; both are told elsewhere, and what is known stays.
        return
    chosen: dict[str, Any] = {}
    for name, text in rows.items():
        if name in CHOOSABLE and where_else(app, name) is None:
            try:
                chosen[name] = read_text(name, _opened(name, text, app.config))
            except (BadSetting, InvalidToken) as error:
                why = "made with another SECRET_KEY" if isinstance(error, InvalidToken) else error
                log.warning("The chosen setting %s cannot be used: %s", name, why)
    for name in chosen:
        state.before.setdefault(name, app.config[name])
    wanted = state.before | chosen
    if any(app.config[name] != value for name, value in wanted.items()):
        # One update, so that no thread meets a new server with the old password.
        app.config.update(wanted)
        state.then(app)


def refresh_behind_link() -> None:
    """Take over what has been chosen on a page whose link has turned out to be one."""
    refresh(current_app)


def _refresh_for_page(app: Flask) -> None:
    if request.endpoint in (None, "static") or request.blueprint in _WITHOUT:
        return
    # Whoever administers sees what was saved a moment ago, whichever process took it.
    refresh(app, at_once=request.path.startswith("/admin"))


def _opened(name: str, text: str, config: Mapping[str, Any]) -> str:
    if name not in _SECRET:
        return text
    return _box(keys_of(config)).decrypt(text.encode()).decode()


def _box(keys: list[str]) -> MultiFernet:
    digests = (hmac.new(key.encode(), b"chosen settings", sha256).digest() for key in keys)
    return MultiFernet([Fernet(base64.urlsafe_b64encode(digest)) for digest in digests])
