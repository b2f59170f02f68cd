"""The page on which one chooses where to begin, tries it, and goes live."""

from datetime import timedelta
from urllib.parse import urlencode

import sqlalchemy as sa
from flask import (
    Blueprint,
    abort,
    current_app,
    flash,
    make_response,
    redirect,
    render_template,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from wtforms import SelectChoice

from feedback import clock
from feedback.accounts.access import current_user, roles_allowed
from feedback.accounts.acting import note_done
from feedback.accounts.audit import About
from feedback.accounts.frame import page_locale
from feedback.config import InvitationPolicy
from feedback.database import db, reading
from feedback.interactions.models import Team
from feedback.invitations.coverage import INVITED
from feedback.languages import gap
from feedback.milestones import REHEARSED, milestones, note_milestone
from feedback.operating import going_live
from feedback.operating.go_live_forms import ChooseForm
from feedback.operating.words import asking_words, backlog_words, touchpoint_words
from feedback.reports.expected_answers import GUESS
from feedback.reports.reader import this_reader
from feedback.reports.rehearsal import rehearse
from feedback.reports.spans import Span
from feedback.reports.touchpoint_words import audience_words, delay_words, follow_up_words
from feedback.touchpoints.change import NotReady
from feedback.touchpoints.models import Touchpoint
from feedback.touchpoints.readiness import missing

blueprint = Blueprint("go_live", __name__, url_prefix="/admin/go-live")

_LAST_DAYS = 30


@blueprint.get("")
@roles_allowed("admin")
def page() -> ResponseReturnValue:
    """Show what is live, what is made ready, and what going live with it would do."""
    return _page(_form())


@blueprint.post("/choose")
@roles_allowed("admin")
def choose() -> ResponseReturnValue:
    """Make ready what one wants to begin with."""
    form = _form()
    if not form.validate_on_submit():
        return _page(form, 422)
    template = db.get_or_404(Touchpoint, int(form.touchpoint.data))
    team = db.get_or_404(Team, int(form.team.data)) if form.team.data else None
    one = going_live.prepare(db.session(), template, team, owner=current_user, now=clock.now())
    note_done("asking.prepared", _about(one))
    db.session.commit()
    return redirect(url_for("go_live.page") + "#ready", 303)


@blueprint.post("/simulate")
@roles_allowed("admin")
def simulate() -> ResponseReturnValue:
    """Work out what the last days would have come to, note that, and show it."""
    number = _prepared().id
    # It takes a second or two, and holds up nobody who wants to write.
    db.session.rollback()
    with reading():
        one, reader = _prepared(), this_reader()
        days = Span(reader.today - timedelta(days=_LAST_DAYS), reader.today - timedelta(days=1))
        found = rehearse(reader, days, current_app.config, guess=GUESS / 100, touchpoints=[one])
        db.session.rollback()
    invited = found.run.accounts[1].fates[INVITED]
    note_milestone(
        db.session(), REHEARSED, clock.now(), f"{number}: {found.run.interactions} → {invited}"
    )
    numbers = {"contacts": found.run.interactions, "invitations": invited}
    note_done("asking.simulated", About("touchpoint", number), numbers)
    db.session.commit()
    return redirect(_dry_run_of(days, number), 303)


@blueprint.post("")
@roles_allowed("admin")
def go() -> ResponseReturnValue:
    """Go live with what was made ready, and with nothing else."""
    one, policy = _prepared(), InvitationPolicy.from_config(current_app.config)
    try:
        backlog = going_live.go_live(
            db.session(), one, policy, now=clock.now(), by=current_user.email
        )
    except NotReady:
        db.session.rollback()
        return _page(_form(), 422)
    words = _("Live: %(name)s.", name=touchpoint_words(one))
    note_done("asking.went_live", _about(one), {"waiting": backlog.going if backlog else 0})
    db.session.commit()
    flash(gap().join([words, *(backlog_words(backlog)[1:] if backlog else ())]), "good")
    return redirect(url_for("go_live.page"), 303)


@blueprint.post("/everywhere")
@roles_allowed("admin")
def everywhere() -> ResponseReturnValue:
    """Switch on again what was left off to begin with one."""
    try:
        found = going_live.go_everywhere(db.session(), owner=current_user, now=clock.now())
    except NotReady as refusal:
        db.session.rollback()
        flash(" ".join(rule for _field, rule in refusal.problems), "bad")
        return redirect(url_for("touchpoints.plan_page"), 303)
    note_done("asking.went_everywhere", About("touchpoint"), {"number": len(found)})
    db.session.commit()
    said = ngettext(
        "%(num)s touchpoint is live again.", "%(num)s touchpoints are live again.", len(found)
    )
    flash(said, "good")
    return redirect(url_for("go_live.page"), 303)


def _dry_run_of(days: Span, touchpoint_id: int) -> str:
    query = {"from": str(days.first), "to": str(days.last), "alone": str(touchpoint_id)}
    return f"{url_for('rehearsal.page')}?{urlencode(query)}"


def _about(one: Touchpoint) -> About:
    return About("touchpoint", one.id, one.key)


def _prepared() -> Touchpoint:
    one = going_live.prepared(db.session())
    if one is None:
        abort(404)
    return one


def _form() -> ChooseForm:
    form, session, locale = ChooseForm(), db.session(), page_locale()
    templates = sa.select(Touchpoint).where(Touchpoint.team_id.is_(None)).order_by(Touchpoint.id)
    form.touchpoint.choices = [
        SelectChoice(str(one.id), one.name(locale)) for one in session.scalars(templates)
    ]
    teams = session.scalars(sa.select(Team).order_by(Team.name)).all()
    form.team.choices = [
        *(SelectChoice(str(team.id), team.name) for team in teams),
        SelectChoice("", _("Everybody")),
    ]
    if not form.is_submitted():
        _fill(form)
    return form


def _fill(form: ChooseForm) -> None:
    """Choose beforehand what is ready, else the telephone, which most begin with."""
    one = going_live.prepared(db.session())
    kind, channel = (one.kind, one.channel_code) if one is not None else (None, "phone")
    by_channel = sa.select(Touchpoint.id).where(
        Touchpoint.team_id.is_(None),
        Touchpoint.kind.is_not_distinct_from(kind),
        Touchpoint.channel_code.is_not_distinct_from(channel),
    )
    number = db.session.scalar(by_channel.order_by(Touchpoint.id).limit(1))
    if number is not None:
        form.touchpoint.data = str(number)
    if one is not None:
        form.team.data = str(one.team_id or "")


def _page(form: ChooseForm, status: int = 200) -> ResponseReturnValue:
    session = db.session()
    one, state = going_live.prepared(session), going_live.asking(session)
    rehearsed = milestones(session).get(REHEARSED)
    # A simulation of something else says nothing about this.
    is_tried = rehearsed and one and rehearsed.detail.startswith(f"{one.id}: ")
    text = render_template(
        "operating/go_live.html",
        form=form,
        one=one,
        state=state,
        state_words=asking_words(state),
        touchpoint_words=touchpoint_words,
        facts=_facts(one) if one else [],
        problems=[rule for _field, rule in missing(session, one)] if one else [],
        tried=rehearsed.detail.partition(": ")[2] if rehearsed and is_tried else None,
        tried_at=rehearsed.last_at if rehearsed and is_tried else None,
        others=going_live.in_the_way(one, state.live) if one else [],
        left_off=going_live.waiting_elsewhere(session),
    )
    return make_response(text, status)


def _facts(one: Touchpoint) -> list[tuple[str, str]]:
    owner = one.owner.email if one.owner else one.owner_name
    return [
        (_("Goal"), one.goal(page_locale())),
        (_("For whom"), one.team.name if one.team else _("Everybody")),
        (_("First mail"), delay_words(one.delay_minutes)),
        (_("Who is asked"), audience_words(one)),
        (_("Asked again after 30 days"), follow_up_words(one.follow_up)),
        (_("Answers for it"), owner),
    ]
