"""The status page: whether all is well, by the checks `flask check` makes."""

import shutil
from datetime import datetime
from zoneinfo import ZoneInfo

from flask import Blueprint, current_app, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from feedback import clock
from feedback.accounts.access import roles_allowed
from feedback.database import db
from feedback.health.findings import findings
from feedback.health.room import database_size
from feedback.milestones import BACKED_UP, milestones
from feedback.operating.going_live import asking
from feedback.operating.lamp_words import lamp_names
from feedback.operating.status import mail_traffic
from feedback.operating.words import asking_words
from feedback.outbox import queue
from feedback.outbox.pulse import seen_at

blueprint = Blueprint("status", __name__)

_GIGABYTE = 1024**3
_WORST_FIRST = {"bad": 0, "unknown": 1, "warn": 2, "ok": 3}


@blueprint.get("/admin/status")
@roles_allowed("admin")
def page() -> ResponseReturnValue:
    """Show whether all is well, and what to do where it is not."""
    session, config, now = db.session(), current_app.config, clock.now()
    found = list(findings(session, config, now, visiting_mail_server=False))
    state = asking(session)
    size = database_size(session)
    return render_template(
        "operating/status.html",
        found=sorted(found, key=lambda one: _WORST_FIRST[one.state]),
        names=lamp_names(),
        to_do=_to_do(),
        worst=min((one.state for one in found), key=_WORST_FIRST.__getitem__),
        state=state,
        state_words=asking_words(state),
        counts=queue.counts(session, now, _today(now)),
        traffic=mail_traffic(session),
        beat=seen_at(session, now),
        backup=milestones(session).get(BACKED_UP),
        database_mb=None if size is None else size / 1024**2,
        free_gb=shutil.disk_usage(config["INSTANCE_PATH"]).free / _GIGABYTE,
    )


def _today(now: datetime) -> datetime:
    local = now.astimezone(ZoneInfo(current_app.config["TIMEZONE"]))
    return local.replace(hour=0, minute=0, second=0, microsecond=0)


def _to_do() -> dict[str, str]:
    """Return what to do where a look found something."""
    return {
        "settings": _("Change what is named in the environment or in instance/config.py."),
        "fonts": _("Put the folder feedback/fonts back from the package."),
        "disk": _("Make room; below 200 MB answers could be lost."),
        "database": _("Run flask db upgrade, or look at the database's own settings."),
        "clock": _("Let the machine set its clock (NTP)."),
        "queue": _("Look at the queue: it has the server's own words."),
        "pause": _("Nobody is asked until somebody goes on."),
        "failed": _("Look at the queue: it has the server's own words."),
        "returns": _("Set BOUNCE_MAILBOX, so that addresses that are dead are noticed."),
        "worker": _("Start one: in the site (WORKER=embedded), or by flask work."),
        "holidays": _("Bring the package chinesecalendar up to date, or enter the days yourself."),
        "retention": _("Look at what would be deleted, and agree to it, on the page of retention."),
        "backup": _("Let flask backup FILE run every night, and keep the file elsewhere."),
    }
