"""The answers behind a figure, one by one, and the comments, with filters in the address."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from flask import Blueprint, abort, current_app, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from feedback.accounts.access import current_sight, current_user, signed_in
from feedback.accounts.look import log_looks
from feedback.reports.answers import BadCursor, Which, how_many, newest
from feedback.reports.board import where_ids
from feedback.reports.entries import Entry, entries
from feedback.reports.filters import Filters, read_filters
from feedback.reports.gather import WAVES
from feedback.reports.hidden.listable import Listable, listable
from feedback.reports.page import Page, show
from feedback.reports.pick_by_text import PICKED_BY, Picked, TextReader, pick
from feedback.reports.reader import Reader, this_reader
from feedback.reports.request import BadRequest
from feedback.reports.scope import OutOfSight, within_sight
from feedback.reports.triage_words import signs_of
from feedback.reports.twice.pairs import pairs_of
from feedback.responses.models import Response
from feedback.surveys.scales import SCALES
from feedback.triage.read_text import Reading

blueprint = Blueprint("answers", __name__)

# Those who call customers back; what is read out of words is no news about anybody.
_TRIAGE = ("lead", "manager", "admin")
_SIDES = ("high", "middle", "low")


@dataclass(frozen=True)
class Found:
    """How many answers count, how many of them are listed, and one page of these."""

    # None where it is not the reader's to know.
    total: int | None
    listed: int
    entries: list[Entry]
    older: str | None
    # How many comments were read to find these; None where they were not picked by their words.
    read: int | None = None


@blueprint.get("/responses")
@signed_in
def page() -> ResponseReturnValue:
    """List single answers, as far as the reader may see them."""
    reader, sight = this_reader(), current_sight()
    asked, wrong = read_filters(request.args, reader.session, reader.today, metric=None, wave=None)
    # What names nobody is refused like what names somebody else, so that neither can be told.
    if not sight.everything and {bad.field for bad in wrong} & {"staff", "team"}:
        abort(403)
    try:
        filters = within_sight(reader.session, asked, sight, current_user.staff)
    except OutOfSight:
        abort(403)
    if filters is None:
        return render_template("reports/no_staff_record.html")
    if request.args.get("turned") == "bad":
        # Only two answers to one question can tell it.
        filters = replace(filters, metric="csat", wave=2)
    own = current_user.staff
    if own is not None and filters.where.get("staff") == own.external_id:
        reader = reader.at_own_page()
    which = _which(reader, filters, wrong)
    text, text_reader = _text(filters, wrong), _text_reader(reader, filters)
    found = _find(reader, which, text, text_reader, wrong)
    seen = {entry.staff_id for entry in found.entries if entry.staff_id is not None}
    log_looks(reader.session, current_user.id, seen - {reader.own}, "answers", reader.now)
    more = {"score": request.args.get("score", "") if which.scores is not None else ""}
    more["comments"] = "1" if which.with_comment else ""
    more["turned"] = "bad" if which.turned_bad else ""
    more["text"] = text
    return show(
        "reports/answers.html",
        reader,
        Page("answers.page", filters, more=more),
        wrong,
        choices=("channel",) if current_user.role == "staff" else ("channel", "team", "staff"),
        found=found,
        which=which,
        score=more["score"],
        text=text,
        reads_text=text_reader is not None,
        sides=_SIDES,
        scales=SCALES,
        is_first="before" not in request.args,
    )


def _which(reader: Reader, filters: Filters, wrong: list[BadRequest]) -> Which:
    return Which(
        span=filters.span,
        waves=WAVES if filters.wave is None else (filters.wave,),
        where=where_ids(reader, filters),
        metric=filters.metric,
        scores=_scores(filters.metric, request.args.get("score", "").strip(), wrong),
        with_comment=request.args.get("comments") == "1",
        turned_bad=request.args.get("turned") == "bad",
    )


def _scores(metric: str | None, text: str, wrong: list[BadRequest]) -> tuple[int, ...] | None:
    """Return the scores asked for: one of them, or all on one side of the scale."""
    if not text:
        return None
    if metric is None:
        wrong.append(BadRequest("score", text, _("needs a figure it is a score of")))
        return None
    scale = SCALES[metric]
    whole = range(scale.lowest, scale.highest + 1)
    found = tuple(s for s in whole if text in (str(s), scale.side(s) or "middle"))
    if not found:
        rule = _("is a whole number from %(low)s to %(high)s", low=scale.lowest, high=scale.highest)
        wrong.append(BadRequest("score", text, rule))
        return None
    return found


def _text_reader(reader: Reader, filters: Filters) -> TextReader | None:
    """Return what reads comments for this reader; of one person's alone they are not read."""
    is_read = current_app.config["TEXT_TRIAGE"] and current_user.role in _TRIAGE
    if not is_read or "staff" in filters.where or reader.sees_all:
        return None
    return TextReader(current_app.config["URGENT_WORDS"], reader.own)


def _text(filters: Filters, wrong: list[BadRequest]) -> str:
    """Return by what in their words the answers are asked for, if at all."""
    text = request.args.get("text", "").strip()
    rule = ""
    if text and text not in PICKED_BY:
        rule = _("is one of %(list)s", list=", ".join(PICKED_BY))
    elif text and not current_app.config["TEXT_TRIAGE"]:
        rule = _("is switched off here")
    elif text and current_user.role not in _TRIAGE:
        rule = _("is for those who call customers back")
    elif text and "staff" in filters.where:
        rule = _("is never asked for about one person")
    if rule:
        wrong.append(BadRequest("text", text, rule))
        return ""
    return text


def _find(
    reader: Reader,
    which: Which,
    text: str,
    text_reader: TextReader | None,
    wrong: list[BadRequest],
) -> Found:
    may = listable(reader, which)
    if not may.waves or (which.turned_bad and not _may_pair(reader, which)):
        # Whether there are any at all is told; of a few, not even how many gave which score.
        plain = replace(which, scores=None, with_comment=False, turned_bad=False)
        any_at_all = how_many(reader.session, plain)
        return Found(None if any_at_all else 0, 0, [], None)
    which = replace(which, waves=may.waves, with_comment=which.with_comment or bool(text))
    read = partial(text_reader.read, may=may) if text_reader else None
    total = how_many(reader.session, which) if may.is_told else None
    listed = how_many(reader.session, which, may.groups)
    picked = _picked(reader, which, may, text, read, wrong)
    found = entries(
        reader.session,
        picked.responses,
        may,
        zone=reader.zone,
        locale=reader.locale,
        with_reference=current_user.role != "staff",
        with_notice=current_user.role == "admin",
    )
    if read is not None:
        read_as = zip(found, map(read, picked.responses), strict=True)
        found = [
            replace(one, signs=signs_of(reading, with_tone=bool(text))) if reading else one
            for one, reading in read_as
        ]
    if which.turned_bad or text:
        # It is for calling customers back; counted by name, it would tell what is not shown, or
        # what nobody may make of words.
        found = [replace(one, staff="") for one in found]
    return Found(total, listed, found, picked.older, picked.read if text else None)


def _picked(
    reader: Reader,
    which: Which,
    may: Listable,
    text: str,
    read: Callable[[Response], Reading | None] | None,
    wrong: list[BadRequest],
) -> Picked:
    def look(before: str) -> Picked:
        if text and read is not None:
            return pick(reader.session, which, may, read, text, before=before)
        responses, older = newest(reader.session, which, may.groups, before=before)
        return Picked(responses, len(responses), older)

    before = request.args.get("before", "")
    try:
        return look(before)
    except BadCursor:
        wrong.append(BadRequest("before", before, _("is none that this list has")))
        return look("")


def _may_pair(reader: Reader, which: Which) -> bool:
    """Tell whether the reader may know what became of these customers' satisfaction."""
    found = pairs_of(
        reader.session,
        which.where,
        which.span,
        today=reader.today,
        follow_up_days=reader.follow_up_days,
        min_group=reader.min_group,
        sees_all=reader.sees_all,
        own=reader.own,
    )
    return found.is_shown
