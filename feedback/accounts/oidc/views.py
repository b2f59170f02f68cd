"""Leads to the provider, and takes who comes back from it."""

import base64
import secrets
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from hmac import compare_digest
from typing import Any
from urllib.parse import urlencode

from flask import (
    Blueprint,
    abort,
    current_app,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from feedback import clock
from feedback.accounts import sessions, sign_in
from feedback.accounts.access import current_user
from feedback.accounts.acting import NOBODY, about_user, note_done
from feedback.accounts.destinations import safe_destination
from feedback.accounts.entering import let_in
from feedback.accounts.models import Identity
from feedback.accounts.oidc.fetch import fetch
from feedback.accounts.oidc.match import match
from feedback.accounts.oidc.provider import Provider, redeem, the_provider
from feedback.accounts.oidc.refused import Refused
from feedback.accounts.oidc.verify import Guest, not_verified, verify, with_userinfo
from feedback.accounts.two_step.use import is_on
from feedback.database import db, set_reading

blueprint = Blueprint("oidc", __name__, url_prefix="/sign-in/with")

_BEGUN = "oidc"
# Time enough to sign in there, with a telephone in hand.
_LASTS = timedelta(minutes=15)


@blueprint.before_request
def _only_where_set() -> None:
    if not current_app.config["OIDC_ISSUER"]:
        abort(404)


@blueprint.get("")
def begin() -> ResponseReturnValue:
    """Lead to the provider. It is a link and no form: a form may lead to our own pages only."""
    now = clock.now()
    again = request.args.get("again") == "1" and bool(current_user.is_authenticated)
    try:
        provider = the_provider()
    except Refused as refusal:
        return _refused(refusal)
    verifier = secrets.token_urlsafe(48)
    begun = {
        "state": secrets.token_urlsafe(24),
        "nonce": secrets.token_urlsafe(24),
        "verifier": verifier,
        "next": safe_destination(request.args.get("next")),
        "again": again,
        "at": int(now.timestamp()),
    }
    session[_BEGUN] = begun
    digest = base64.urlsafe_b64encode(sha256(verifier.encode()).digest()).decode()
    query = {
        "response_type": "code",
        "client_id": current_app.config["OIDC_CLIENT_ID"],
        "redirect_uri": _back(),
        "scope": "openid email profile",
        "state": begun["state"],
        "nonce": begun["nonce"],
        "code_challenge": digest.rstrip("="),
        "code_challenge_method": "S256",
    }
    if again:
        query |= {"prompt": "login", "max_age": "0"}
    joint = "&" if "?" in provider.authorization else "?"
    return redirect(f"{provider.authorization}{joint}{urlencode(query)}", 303)


@blueprint.get("/back")
def take() -> ResponseReturnValue:
    """Take who comes back with a code, if it was this browser that was sent there a while ago."""
    now = clock.now()
    begun = session.pop(_BEGUN, None)
    try:
        guest = _guest(begun, now)
        # The one GET that writes: the provider sends people back so, and the state it brings with
        # it is what the token of a form is elsewhere.
        db.session.rollback()
        set_reading(False)
        if begun["again"]:
            return _confirm(guest, begun["next"], now)
        return _enter(guest, begun["next"], now)
    except Refused as refusal:
        db.session.rollback()
        return _refused(refusal)


@blueprint.get("/ended")
def ended() -> ResponseReturnValue:
    """Say that somebody is signed out here and perhaps not there, and lead to where that ends."""
    try:
        provider: Provider | None = the_provider()
    except Refused:
        provider = None
    address = None
    if provider is not None and provider.end_session:
        query = {
            "client_id": current_app.config["OIDC_CLIENT_ID"],
            "post_logout_redirect_uri": current_app.config["PUBLIC_URL"]
            + url_for("accounts.sign_in"),
        }
        joint = "&" if "?" in provider.end_session else "?"
        address = f"{provider.end_session}{joint}{urlencode(query)}"
    name = current_app.config["OIDC_NAME"]
    text = render_template("account/oidc_ended.html", provider=name, address=address)
    return make_response(text)


def _guest(begun: Any, now: datetime) -> Guest:
    if begun is None or now >= datetime.fromtimestamp(begun["at"], UTC) + _LASTS:
        raise _not_begun("nothing was begun, or too long ago")
    if not compare_digest(request.args.get("state", "").encode(), begun["state"].encode()):
        raise _not_begun("another state")
    provider = the_provider()
    # Says which provider answers, so that another one cannot pass its code for this one's.
    if request.args.get("iss", provider.issuer) != provider.issuer:
        raise not_verified("another issuer answers")
    if "error" in request.args:
        words = _("Signing in was ended over there. Nobody was signed in.")
        raise Refused(words, 403, f"the provider says {request.args['error'][:60]!r}")
    # No transaction is open while somebody else's server takes its time.
    db.session.rollback()
    given = redeem(provider, request.args.get("code", ""), begun["verifier"], _back())
    client_id = current_app.config["OIDC_CLIENT_ID"]
    guest = verify(
        given.get("id_token"), provider, client_id=client_id, nonce=begun["nonce"], now=now
    )
    access = given.get("access_token")
    if guest.email is None and provider.userinfo and isinstance(access, str):
        said = fetch(provider.userinfo, headers={"Authorization": f"Bearer {access}"})
        guest = with_userinfo(guest, said)
    return guest


def _enter(guest: Guest, destination: str | None, now: datetime) -> ResponseReturnValue:
    new_role = current_app.config["OIDC_NEW_ROLE"]
    user, is_new = match(db.session(), guest, new_role=new_role, now=now)
    if is_new:
        details = {"role": user.role, "by": guest.issuer}
        note_done("user.added", about_user(user), details, by=NOBODY)
    if is_on(user):
        sign_in.begin_half(user, now)
        db.session.commit()
        return redirect(url_for("two_step_code.page", next=destination), 303)
    answer = let_in(user, destination, now, {"by": guest.issuer})
    sign_in.remember_provider()
    return answer


def _confirm(guest: Guest, destination: str | None, now: datetime) -> ResponseReturnValue:
    """Take it as shown who sits there, if it is the same person and they have just signed in."""
    known = db.session.get(Identity, (guest.issuer, guest.subject))
    is_same = bool(current_user.is_authenticated) and known is not None
    if not is_same or known is None or known.user_id != current_user.id:
        words = _("Somebody else has signed in over there. Nothing was confirmed.")
        raise Refused(words, 403, "confirmed by another")
    if guest.proved_at is None or now >= guest.proved_at + sessions.RECENT:
        words = _(
            "The sign-in service has not asked for your password again. Nothing was confirmed."
        )
        raise Refused(words, 403, "no recent auth_time")
    sign_in.note_proof(now)
    db.session.commit()
    return redirect(url_for("confirm.page", next=destination), 303)


def _refused(refusal: Refused) -> ResponseReturnValue:
    current_app.logger.warning("Sign-in at the provider refused: %s", refusal)
    text = render_template("account/oidc_refused.html", words=refusal.words)
    return make_response(text, refusal.status)


def _not_begun(why: str) -> Refused:
    words = _("This sign-in was begun in another browser, or too long ago. Please start again.")
    return Refused(words, 400, why)


def _back() -> str:
    # From the settings, and never from what a Host header says.
    return str(current_app.config["PUBLIC_URL"]) + url_for("oidc.take")
