"""The customers' addresses: the survey, the answer to it, the thanks, and the way to stop."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import current_app, g, redirect, request
from flask.typing import ResponseReturnValue

from feedback import links
from feedback.brands.notice import kept_notice, notice_at, words_of
from feedback.database import commit_once, db, reading
from feedback.responses import privacy_views, stop_views
from feedback.responses.amend import Amendment, amend, may_change
from feedback.responses.consent import read_consent, ticks
from feedback.responses.doorway import blueprint, opens_link, page, url_for
from feedback.responses.forms import SurveyForm
from feedback.responses.given import Consent
from feedback.responses.opening import Opened
from feedback.responses.out_of_reach import OUT_OF_REACH, RETRY_AFTER
from feedback.responses.pages import (
    ENDED,
    Filled,
    answer_policy,
    answered_page,
    as_it_stands,
    ended_page,
    sheet_of,
    survey_page,
    thanks_page,
)
from feedback.responses.submit import Outcome, Press, Sent, ask_for_change, submit
from feedback.responses.suspects import is_too_soon

__all__ = ["blueprint"]

# A page left open longer than this is shown afresh before it counts.
PAGE_LASTS = timedelta(hours=24)

blueprint.add_url_rule("/s/<token>/stop", "stop", stop_views.ask, methods=["GET"])
blueprint.add_url_rule("/s/<token>/stop", "stop_now", stop_views.act, methods=["POST"])
blueprint.add_url_rule("/s/<token>/privacy", "privacy", privacy_views.show, methods=["GET"])


@dataclass(frozen=True)
class _Posted:
    """One post: what it belongs to, when its page was shown, and what it says."""

    opened: Opened
    now: datetime
    shown: links.Shown
    form: SurveyForm
    filled: Filled
    consent: Consent

    @property
    def is_amending(self) -> bool:
        return self.shown.purpose == "amend"

    @property
    def press(self) -> Press:
        score = self.form.leading_score
        return Press(
            invitation_id=self.opened.invitation.id,
            shown_at=self.shown.at,
            page=self.shown.page,
            leading_score=score,
            is_too_soon=is_too_soon(self.shown.at, self.now, answer_policy().press_after),
        )


@blueprint.get("/s/<token>", endpoint="page")
@opens_link
def show(opened: Opened, now: datetime) -> ResponseReturnValue:
    """Show the survey, or what became of it. Whatever the address asks for, nothing is written."""
    if opened.state in ENDED:
        return ended_page(opened)
    sheet = sheet_of(opened)
    values = sheet.preselected(request.args)
    leading = sheet.leading.key if sheet.leading else ""
    asked = next(iter(values.get(leading, ())), "")
    if opened.state != "answered":
        return survey_page(opened, sheet, Filled(values, preselected=asked), now)
    if "change" in request.args and may_change(opened.response, answer_policy(), now):
        return survey_page(opened, sheet, as_it_stands(opened), now, amending=True)
    return answered_page(opened, now, asked=(leading, asked) if asked else None)


@blueprint.post("/s/<token>", endpoint="take")
@opens_link
def take(opened: Opened, now: datetime) -> ResponseReturnValue:
    """Take the answer; what cannot be taken comes back with everything that was entered."""
    sent = request.form
    if opened.state in ENDED:
        return ended_page(opened)
    if g.is_rated:
        current_app.logger.warning(
            "invitation %s: no answer is taken from a browser in which somebody rated is signed in",
            opened.invitation.id,
        )
        return page("refused", why="staff", opened=opened, status=403)
    sheet = sheet_of(opened)
    form = SurveyForm(sheet, sent)
    values = form.values | ticks(sent)
    filled = Filled(values, form.texts, form.errors, sent.get("preselected", ""))
    shown = _shown(opened, now)
    is_answered = opened.state == "answered"
    # People do not see that field, so nobody but a machine fills it in; and what only changes an
    # answer is none where there is none.
    is_blind = shown is None or (shown.purpose != "answer" and not is_answered)
    if shown is None or is_blind or sent.get("website"):
        if is_answered:
            return redirect(url_for("thanks"), 303)
        filled.again = "unseen"
        return survey_page(opened, sheet, filled, now, status=422)
    consent, wrong = _consent(opened, shown)
    filled.errors |= wrong
    posted = _Posted(opened, now, shown, form, filled, consent)
    if filled.errors:
        return _come_back(posted, is_answered)
    takes = {"answer": _take_answer, "change": _ask_for_change, "amend": _take_change}
    try:
        return takes[shown.purpose](posted)
    except OUT_OF_REACH as error:
        current_app.logger.error("an answer could not be stored", exc_info=error)
        db.session.remove()
        filled.again = "trouble"
        response = survey_page(opened, sheet, filled, now, amending=posted.is_amending, status=503)
        response.headers["Retry-After"] = RETRY_AFTER
        return response


def _shown(opened: Opened, now: datetime) -> links.Shown | None:
    """Return what the nonce says of the page that was sent, if it is this link's and fresh."""
    shown = links.read_page_nonce(request.form.get("nonce", ""))
    if shown is None or shown.invitation_id != opened.invitation.id:
        return None
    is_fresh = now - shown.at <= PAGE_LASTS
    return shown if is_fresh and shown.purpose in ("answer", "change", "amend") else None


def _consent(opened: Opened, shown: links.Shown) -> tuple[Consent, dict[str, str]]:
    """Return what was agreed to with a first answer, under the notice that was shown with it."""
    if shown.purpose != "answer":
        return Consent(), {}
    notice = opened.notice
    if notice is not None and notice.published_at > shown.at:
        # Another has been published since the page was shown, and nobody has agreed to that.
        with reading():
            notice = notice_at(db.session(), opened.brand.brand_id, shown.at)
            db.session.close()
    months = current_app.config["RETENTION_MONTHS"]
    return read_consent(request.form, words_of(notice, opened.brand, "en", months))


def _come_back(posted: _Posted, is_answered: bool) -> ResponseReturnValue:
    """Show what is wrong, unless there is an answer that stands whatever this one says."""
    opened, now = posted.opened, posted.now
    if is_answered and not posted.is_amending:
        return redirect(url_for("thanks"), 303)
    if posted.is_amending and not may_change(opened.response, answer_policy(), now):
        return answered_page(opened, now, refused=True)
    return survey_page(
        opened, posted.form.sheet, posted.filled, now, amending=posted.is_amending, status=422
    )


def _take_answer(posted: _Posted) -> ResponseReturnValue:
    form = posted.form
    confirmed = form.leading_score is not None and (
        str(form.leading_score) == posted.filled.preselected
    )
    session, brand_id = db.session(), posted.opened.brand.brand_id
    months = current_app.config["RETENTION_MONTHS"]

    def work() -> Outcome:
        notice = kept_notice(session, brand_id, posted.shown.at, months)
        sent = Sent(
            press=posted.press,
            answers=form.answers,
            locale=form.sheet.locale,
            provenance="confirmed_click" if confirmed else "page",
            notice_id=notice.id,
            consent=posted.consent,
        )
        return submit(session, sent, posted.now)

    outcome = commit_once(session, work)
    if outcome is Outcome.ENDED:
        return redirect(url_for("page"), 303)
    if outcome is Outcome.SUSPECTED:
        return _ask_again(posted)
    return redirect(url_for("thanks"), 303)


def _ask_for_change(posted: _Posted) -> ResponseReturnValue:
    session = db.session()
    outcome = commit_once(session, lambda: ask_for_change(session, posted.press, posted.now))
    if outcome is Outcome.SUSPECTED:
        return _ask_again(posted)
    return redirect(url_for("page", change=1), 303)


def _ask_again(posted: _Posted) -> ResponseReturnValue:
    """Show the page to whoever pressed a button in a scanner's company, and lose nothing."""
    posted.filled.again = "too_soon" if posted.press.is_too_soon else "suspected"
    opened, sheet = posted.opened, posted.form.sheet
    return survey_page(opened, sheet, posted.filled, posted.now, status=422)


def _take_change(posted: _Posted) -> ResponseReturnValue:
    session, invitation_id = db.session(), posted.opened.invitation.id
    outcome = commit_once(
        session,
        lambda: amend(session, invitation_id, posted.form.answers, answer_policy(), posted.now),
    )
    if outcome is Amendment.REFUSED:
        return answered_page(posted.opened, posted.now, refused=True)
    return redirect(url_for("thanks"), 303)


@blueprint.get("/s/<token>/thanks", endpoint="thanks")
@opens_link
def thank(opened: Opened, now: datetime) -> ResponseReturnValue:
    """Thank who has answered; who has not yet is led to the survey."""
    is_taken_back = opened.response is not None and opened.response.withdrawn_at is not None
    if opened.state != "answered" or is_taken_back:
        return redirect(url_for("page"), 303)
    return thanks_page(opened, now)
