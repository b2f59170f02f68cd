"""What the installation stands on: its settings, mail server, clock, fonts, calendar and disk."""

import os
import shutil
import smtplib
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import sqlalchemy as sa
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import Session

from feedback.bounces.mailbox import MailboxAway, look_at, read_mailbox_address
from feedback.config import ROOT, SETTINGS, unknown_names
from feedback.health.finding import Finding, ago
from feedback.health.vital import migrations
from feedback.interactions.models import Interaction
from feedback.invitations.own_days import guessed_years
from feedback.milestones import BACKED_UP, WENT_LIVE, milestones
from feedback.outbox.models import Message
from feedback.outbox.transport import mail
from feedback.outbox.verdict import judge
from feedback.pauses import open_pause

FONTS = ROOT / "feedback" / "fonts"
_DRIFT, _SOON = timedelta(minutes=1), timedelta(minutes=5)
# A twentieth of the disk, but a large one is not short of room before that.
_SHARE, _LITTLE_SPACE, _ENOUGH_SPACE = 0.05, 1024**3, 10 * 1024**3
_VERY_LITTLE_SPACE = 200 * 1024**2
_SHORT_KEY = 16
_ANNOUNCED_BY = 12


def settings(config: Mapping[str, Any], environment: Mapping[str, str] = os.environ) -> Finding:
    """Tell whether the settings, each readable by itself, make sense together."""
    wrong, odd = [], []
    if len(config["SECRET_KEY"]) < _SHORT_KEY:
        wrong.append(_("SECRET_KEY is so short that links could be forged"))
    url = urlsplit(config["PUBLIC_URL"])
    is_local = url.hostname in ("127.0.0.1", "localhost", "::1")
    if config["MAIL_SERVER"] and is_local:
        odd.append(_("PUBLIC_URL is this machine; customers cannot open links to it"))
    if not is_local and url.scheme != "https":
        odd.append(_("PUBLIC_URL is not https"))
    if config["MAIL_SERVER"] and config["MAIL_SENDER"] == SETTINGS["MAIL_SENDER"].default:
        odd.append(_("MAIL_SENDER is not set; mails would come from nobody's address"))
    if config["MAIL_USERNAME"] and not (config["MAIL_USE_TLS"] or config["MAIL_USE_SSL"]):
        odd.append(_("the mail password goes over the wire as plain text"))
    if names := unknown_names(Path(config["INSTANCE_PATH"]), environment=environment):
        odd.append(_("nothing is called %(names)s", names=", ".join(names)))
    state = "bad" if wrong else "warn" if odd else "ok"
    return Finding("settings", state, "; ".join(wrong + odd) or _("readable"))  # type: ignore[arg-type]


def database_kept(session: Session) -> Finding:
    """Tell where the data is, whether its tables are up to date and whether commits last."""
    bind = session.get_bind()
    where = bind.engine.url.render_as_string(hide_password=True)
    current = migrations(session)
    if current.state == "bad":
        return Finding("database", "bad", f"{where}: {current.why}")
    if bind.dialect.name == "sqlite":
        journal = session.scalar(sa.text("PRAGMA journal_mode"))
        synchronous = session.scalar(sa.text("PRAGMA synchronous"))
        lasts = (str(journal), synchronous) == ("wal", 2)
        how = f"journal_mode {journal}, synchronous {synchronous}"
    else:
        synchronous = session.scalar(sa.text("SHOW synchronous_commit"))
        encoding = session.scalar(sa.text("SHOW server_encoding"))
        lasts = synchronous != "off" and encoding == "UTF8"
        how = f"synchronous_commit {synchronous}, {encoding}"
    if not lasts:
        return Finding("database", "bad", _("%(where)s does not keep what it says: %(how)s",
                                            where=where, how=how))  # fmt: skip
    return Finding("database", "ok", f"{where}: {current.why}, {how}")


def mail_server(config: Mapping[str, Any]) -> Finding:
    """Tell what the mail server says when we come and sign in, without sending anything."""
    if not config["MAIL_SERVER"]:
        folder = Path(config["INSTANCE_PATH"]) / "mail"
        kept = sum(1 for _file in folder.glob("*.eml")) if folder.is_dir() else 0
        why = ngettext(
            "no server is set: %(num)s mail kept in %(folder)s",
            "no server is set: %(num)s mails kept in %(folder)s", kept, folder=folder,
        )  # fmt: skip
        return Finding("mail", "warn" if config["LIVE"] else "ok", why)
    where = f"{config['MAIL_SERVER']}:{config['MAIL_PORT']}"
    try:
        with mail.connect() as connection:
            code, reply = connection.host.noop()
    except (OSError, smtplib.SMTPException) as error:
        return Finding("mail", "bad", f"{where}: {judge(error).words}")
    words = f"{code} {reply.decode('utf-8', 'replace')}"
    return Finding("mail", "ok" if code == 250 else "bad", f"{where}: {words}")


def returned_mail(config: Mapping[str, Any], *, visiting: bool) -> Finding:
    """Tell whether anybody looks at what comes back, and can."""
    if not config["BOUNCE_MAILBOX"]:
        unread = _("no mailbox is set (BOUNCE_MAILBOX): mail that comes back is not read")
        blind = config["LIVE"] and config["MAIL_SERVER"] and not config["BOUNCE_ADDRESS"]
        return Finding("returns", "warn" if blind else "ok", unread)
    address = read_mailbox_address(config["BOUNCE_MAILBOX"])
    if not visiting:
        return Finding("returns", "ok", str(address))
    try:
        waiting = look_at(address, config["BOUNCE_MAILBOX_PASSWORD"])
    except MailboxAway as away:
        return Finding("returns", "bad", str(away))
    return Finding(
        "returns", "ok", _("%(where)s: %(number)s unread", where=address, number=waiting)
    )


def clock_right(session: Session, config: Mapping[str, Any], now: datetime) -> Finding:
    """Tell whether our clock agrees with the database's and with what has been written down."""
    if session.get_bind().dialect.name == "postgresql":
        theirs = session.scalar(sa.select(sa.func.clock_timestamp()))
        if theirs is not None and abs(theirs - now) > _DRIFT:
            differ = _("the database says %(moment)s", moment=theirs.isoformat(timespec="seconds"))
            return Finding("clock", "bad", differ)
    # By its number: the latest moment there is would have to be looked for among all of them, and
    # one from a clock that has been put right since says nothing about it now.
    newest = session.scalar(
        sa.select(Interaction.recorded_at).order_by(Interaction.id.desc()).limit(1)
    )
    if newest is not None and newest > now + _SOON:
        # Somebody trying things out moves the clock on purpose; on a live site it is a mistake.
        said = newest.isoformat(timespec="seconds")
        ahead = _("a contact was recorded at %(moment)s, which is yet to come", moment=said)
        return Finding("clock", "bad" if is_live(session, config) else "warn", ahead)
    return Finding("clock", "ok", now.isoformat(timespec="seconds"))


def chart_font(folder: Path = FONTS) -> Finding:
    """Tell whether the font with which charts are labelled came along."""
    found = sorted(path.name for path in folder.glob("*") if path.suffix in (".otf", ".ttf"))
    if not found:
        return Finding("fonts", "bad", _("no chart font in %(folder)s", folder=folder))
    return Finding("fonts", "ok", ", ".join(found))


def failed_mail(session: Session, now: datetime) -> Finding:
    """Tell how much mail was given up on lately."""
    failed = session.scalar(
        sa.select(sa.func.count())
        .select_from(Message)
        .where(Message.failed_at > now - timedelta(days=7))
    )
    why = ngettext(
        "%(num)s message given up in seven days", "%(num)s messages given up in seven days",
        failed or 0,
    )  # fmt: skip
    return Finding("failed", "warn" if failed else "ok", why)


def working_days(session: Session, today: date) -> Finding:
    """Tell whether the holidays of this year and the next are known or only estimated.

    The next year's arrangement comes out in November; until December its absence is no news.
    """
    guessed = [str(year) for year in guessed_years(session, today)]
    if not guessed:
        return Finding("holidays", "ok", _("known to the end of %(year)s", year=today.year + 1))
    if guessed == [str(today.year + 1)] and today.month < _ANNOUNCED_BY:
        why = _("known to the end of %(year)s; the next arrangement comes out in November",
                year=today.year)  # fmt: skip
        return Finding("holidays", "ok", why)
    why = _("only estimated for %(years)s: the arrangement is not out yet, or this installation is"
            " older than it", years=", ".join(guessed))  # fmt: skip
    return Finding("holidays", "warn", why)


def paused(session: Session, now: datetime) -> Finding:
    """Tell whether asking stands still."""
    pause = open_pause(session)
    if pause is None:
        return Finding("pause", "ok", _("not paused"))
    why = _("paused %(ago)s by %(who)s", ago=ago(now - pause.paused_at), who=pause.paused_by)
    return Finding("pause", "warn", f"{why}: {pause.reason}" if pause.reason else why)


def is_live(session: Session, config: Mapping[str, Any]) -> bool:
    """Tell whether customers are asked: whoever went live on the page sets nothing for it."""
    return bool(config["LIVE"]) or WENT_LIVE in milestones(session)


def last_backup(session: Session, config: Mapping[str, Any], now: datetime) -> Finding:
    """Tell when everything was last kept; a live site that missed its night is worth a look."""
    found = milestones(session).get(BACKED_UP)
    within = timedelta(hours=config["BACKUP_WITHIN_HOURS"])
    # Whoever keeps everything by other means has said so by setting 0.
    is_expected = bool(within) and is_live(session, config)
    if found is None:
        return Finding("backup", "warn" if is_expected else "ok", _("none was ever made"))
    age = now - found.last_at
    state = "warn" if is_expected and age > within else "ok"
    return Finding("backup", state, _("made %(ago)s", ago=ago(age)))  # type: ignore[arg-type]


def disk(folder: Path) -> Finding:
    """Tell whether there is room where we write."""
    usage = shutil.disk_usage(folder)
    little = max(_LITTLE_SPACE, min(_SHARE * usage.total, _ENOUGH_SPACE))
    state = "bad" if usage.free < _VERY_LITTLE_SPACE else "warn" if usage.free < little else "ok"
    why = _("%(size)s GB free in %(folder)s", size=f"{usage.free / 1024**3:.1f}", folder=folder)
    return Finding("disk", state, why)  # type: ignore[arg-type]
