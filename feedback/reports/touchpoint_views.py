"""The plan's page and files, and the page of each touchpoint."""

import tempfile
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path

import sqlalchemy as sa
from flask import (
    Blueprint,
    Response,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from feedback.accounts.access import current_user, roles_allowed
from feedback.accounts.acting import note_done, note_taken
from feedback.accounts.audit import About, changes
from feedback.accounts.models import User
from feedback.accounts.people import NotPossible
from feedback.brands.face import every_face
from feedback.database import db
from feedback.interactions.channels import channel_names
from feedback.interactions.models import Team
from feedback.reports.files.write_csv import write_csv
from feedback.reports.files.write_xlsx import write_xlsx
from feedback.reports.reader import this_reader
from feedback.reports.touchpoint_form import BY_NAME, TouchpointForm
from feedback.reports.touchpoint_plan import plan_sheet, the_plan
from feedback.reports.touchpoint_words import state_words
from feedback.surveys.models import Survey
from feedback.touchpoints.change import (
    NotReady,
    add_touchpoint,
    change_touchpoint,
    claim,
    is_unclaimed,
    switch_off,
    switch_on,
)
from feedback.touchpoints.models import Touchpoint
from feedback.touchpoints.readiness import live_surveys, missing

blueprint = Blueprint("touchpoints", __name__, url_prefix="/admin/touchpoints")

_WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_READERS = ("manager", "analyst", "admin")


@blueprint.get("")
@roles_allowed(*_READERS)
def plan_page() -> ResponseReturnValue:
    """Show the plan."""
    reader = this_reader()
    rows = the_plan(reader.session, reader.locale, reader.today)
    return make_response(
        render_template(
            "admin/touchpoints.html",
            rows=rows,
            purposes=sorted({pair for row in rows for pair in row.purposes}),
            may_change=current_user.role == "admin",
        )
    )


@blueprint.get("/plan.csv")
@roles_allowed(*_READERS)
def csv_file() -> ResponseReturnValue:
    """Send the plan as CSV."""
    reader, file = this_reader(), BytesIO()
    note_taken("plan", {"format": "csv"})
    write_csv(plan_sheet(the_plan(reader.session, reader.locale, reader.today)), file, reader.zone)
    return _sent(file.getvalue(), "text/csv", f"touchpoints-{reader.today}.csv")


@blueprint.get("/plan.xlsx")
@roles_allowed(*_READERS)
def workbook() -> ResponseReturnValue:
    """Send the plan as a workbook."""
    reader = this_reader()
    note_taken("plan", {"format": "xlsx"})
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "plan.xlsx"
        sheet = plan_sheet(the_plan(reader.session, reader.locale, reader.today))
        write_xlsx(sheet, path, reader.zone)
        content = path.read_bytes()
    return _sent(content, _WORKBOOK, f"touchpoints-{reader.today}.xlsx")


@blueprint.get("/new")
@roles_allowed("admin")
def new() -> ResponseReturnValue:
    """Show an empty touchpoint, its trigger taken from the address."""
    form = _form()
    form.delay.data, form.share.data = "0", "100"
    form.survey.data, form.follow_up_survey.data = "after", "follow_up"
    for name in ("kind", "channel", "team"):
        form[name].data = request.args.get(name, "")
    return _show(form, None)


@blueprint.post("/new")
@roles_allowed("admin")
def add() -> ResponseReturnValue:
    """Make a touchpoint, switched off."""
    form = _form()
    if not form.validate_on_submit():
        return _show(form, None, 422)
    try:
        made = add_touchpoint(db.session(), form.key.data, form.values)
    except NotPossible as refusal:
        db.session.rollback()
        form[refusal.field].errors = [refusal.reason]
        return _show(form, None, 422)
    note_done("touchpoint.added", _about(made), changes({}, _said_of(made)))
    db.session.commit()
    flash(_("Made. It takes contacts once it is switched on."), "good")
    return redirect(url_for("touchpoints.page", touchpoint_id=made.id), 303)


@blueprint.get("/<int:touchpoint_id>")
@roles_allowed("admin")
def page(touchpoint_id: int) -> ResponseReturnValue:
    """Show a touchpoint and let it be changed."""
    one = db.get_or_404(Touchpoint, touchpoint_id)
    form = _form(one)
    form.fill(one)
    return _show(form, one)


@blueprint.post("/<int:touchpoint_id>")
@roles_allowed("admin")
def change(touchpoint_id: int) -> ResponseReturnValue:
    """Change a touchpoint; one that is live must stay fit to be."""
    one = db.get_or_404(Touchpoint, touchpoint_id)
    form = _form(one)
    form.key.data = one.key
    before = _said_of(one)
    if not form.validate_on_submit():
        return _show(form, one, 422)
    try:
        change_touchpoint(db.session(), one, form.values)
    except NotReady as refusal:
        db.session.rollback()
        _mark(form, refusal)
        return _show(form, db.get_or_404(Touchpoint, touchpoint_id), 422)
    if details := changes(before, _said_of(one)):
        note_done("touchpoint.changed", _about(one), details)
    db.session.commit()
    flash(_("Saved."), "good")
    return redirect(url_for("touchpoints.page", touchpoint_id=touchpoint_id), 303)


@blueprint.post("/<int:touchpoint_id>/on")
@roles_allowed("admin")
def on(touchpoint_id: int) -> ResponseReturnValue:
    """Let it take contacts, if it has all that takes."""
    one = db.get_or_404(Touchpoint, touchpoint_id)
    was_live, before = one.is_live, _said_of(one)
    try:
        if is_unclaimed(one):
            claim(db.session(), one, current_user)
        switch_on(db.session(), one, this_reader().now)
    except NotReady as refusal:
        db.session.rollback()
        one = db.get_or_404(Touchpoint, touchpoint_id)
        form = _form(one)
        form.fill(one)
        _mark(form, refusal)
        return _show(form, one, 422)
    if not was_live:
        note_done("touchpoint.switched_on", _about(one), changes(before, _said_of(one)))
    db.session.commit()
    flash(_("It is live."), "good")
    return redirect(url_for("touchpoints.page", touchpoint_id=touchpoint_id), 303)


@blueprint.post("/<int:touchpoint_id>/off")
@roles_allowed("admin")
def off(touchpoint_id: int) -> ResponseReturnValue:
    """Let it take no more contacts."""
    one = db.get_or_404(Touchpoint, touchpoint_id)
    if one.is_live:
        switch_off(one, this_reader().now)
        note_done("touchpoint.switched_off", _about(one))
    db.session.commit()
    flash(_("It is off. What was planned before still goes out."), "good")
    return redirect(url_for("touchpoints.page", touchpoint_id=touchpoint_id), 303)


def _about(one: Touchpoint) -> About:
    return About("touchpoint", one.id, one.name(this_reader().locale))


def _said_of(one: Touchpoint) -> dict[str, object]:
    """Return all of a touchpoint that the form can change, and its key."""
    moments = {"live_since", "retired_at"}
    columns = {column.key for column in sa.inspect(Touchpoint).columns} - moments - {"id"}
    return {name: getattr(one, name) for name in columns}


def _form(one: Touchpoint | None = None) -> TouchpointForm:
    """Return the form with what may be chosen; what is chosen now stays choosable."""
    session, locale, form = db.session(), this_reader().locale, TouchpointForm()
    place = 1 if locale.startswith("zh") else 0
    names = channel_names(session)
    asked = one.channel_code if one else request.args.get("channel")
    if asked and asked not in names:
        names[asked] = (asked, asked)
    channels = [(code, f"{pair[place]} ({code})") for code, pair in sorted(names.items())]
    form.offer("channel", [("", _("Any channel")), *channels])
    mine = one.team_id if one else None
    offered = sa.or_(Team.closed_at.is_(None), Team.id == mine)
    teams = session.execute(sa.select(Team.id, Team.name).where(offered).order_by(Team.name))
    form.offer("team", [("", _("Any team")), *((str(id_), name) for id_, name in teams)])
    people = session.scalars(sa.select(User).where(User.left_at.is_(None)).order_by(User.id)).all()
    owners = {user.id: user.name or user.email for user in people}
    if one and one.owner:
        owners.setdefault(one.owner.id, one.owner.name or one.owner.email)
    named = [(str(id_), name) for id_, name in owners.items()]
    last = (BY_NAME, _("Somebody else, named below"))
    form.offer("owner", [("", _("Nobody yet")), *named, last])
    faces = every_face(session)
    form.offer("brand", [(str(face.brand_id), face.name(locale)) for face in faces])
    surveys = live_surveys(session)
    chosen = {one.survey_key, one.follow_up_survey_key} - {None} if one else set()
    keys = sorted({*surveys, *(key for key in chosen if key)})
    titles = [(key, _survey_name(surveys, key, locale)) for key in keys]
    form.offer("survey", titles)
    form.offer("follow_up_survey", [("", _("None")), *titles])
    return form


def _survey_name(surveys: Mapping[str, Survey], key: str, locale: str) -> str:
    language = "zh-Hans" if locale.startswith("zh") else "en"
    texts = surveys[key].texts if key in surveys else []
    return next((f"{key} · {text.title}" for text in texts if text.locale == language), key)


def _mark(form: TouchpointForm, refusal: NotReady) -> None:
    for name, rule in refusal.problems:
        form[name].errors = [*form[name].errors, rule]


def _show(form: TouchpointForm, one: Touchpoint | None, status: int = 200) -> ResponseReturnValue:
    text = render_template(
        "admin/touchpoint.html",
        form=form,
        one=one,
        name=one.name(this_reader().locale) if one else _("A new touchpoint"),
        state=state_words(one) if one else "",
        problems=[(form[field].label.text, rule) for field, rule in _problems(one)] if one else [],
        is_unclaimed=one is not None and is_unclaimed(one),
    )
    return make_response(text, status)


def _problems(one: Touchpoint) -> list[tuple[str, str]]:
    """Return what keeps it from going live; whoever switches on what is unclaimed owns it."""
    found = missing(db.session(), one)
    return [problem for problem in found if problem[0] != "owner"] if is_unclaimed(one) else found


def _sent(content: bytes, mimetype: str, name: str) -> Response:
    answer = Response(content, mimetype=mimetype)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
