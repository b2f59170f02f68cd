"""What pages and mails of a brand fetch: its colours and its logo.

Neither address says which brand it is of, and none can be counted through.
"""

import hashlib
import re

from flask import Blueprint, Response, abort, current_app, url_for
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue

from feedback.brands.colour import is_readable, palette_of, stylesheet
from feedback.brands.face import Face, Picture
from feedback.brands.models import Logo
from feedback.database import db

blueprint = Blueprint("brand_files", __name__, url_prefix="/brand")

_DIGITS = re.compile(r"[0-9a-f]{6}")
_DIGEST = re.compile(r"[0-9a-f]{64}")
# A year; what changes gets another address.
_FOR_GOOD = "public, max-age=31536000, immutable"


@blueprint.record_once
def _help_templates(state: BlueprintSetupState) -> None:
    state.app.jinja_env.globals["brand_style"] = style_address
    state.app.jinja_env.globals["brand_logo"] = logo_address


def style_address(face: Face) -> str:
    """Return the address of a brand's colours."""
    digits = face.accent.removeprefix("#")
    # A version of ours that makes other colours of the same one is another address.
    mark = hashlib.sha256(stylesheet(face.palette).encode()).hexdigest()[:8]
    return url_for("brand_files.colours", digits=digits, v=mark)


def logo_address(logo: Picture) -> str:
    """Return where a logo is: on our own host, or in the page itself."""
    return logo.inline or url_for("brand_files.picture", digest=logo.digest)


def logo_address_in_mail(logo: Picture) -> str:
    """Return the logo's whole address; the same for everybody, so fetching it tells nothing."""
    # Never from a request: a Host header is written by whoever sends it.
    return logo.inline or f"{current_app.config['PUBLIC_URL']}/brand/{logo.digest}.png"


@blueprint.get("/<digits>.css")
def colours(digits: str) -> ResponseReturnValue:
    """Send the colours made of one: all that decides them is in the address."""
    accent = f"#{digits}"
    if not _DIGITS.fullmatch(digits) or not is_readable(accent):
        abort(404)
    return _for_good(stylesheet(palette_of(accent)), "text/css")


@blueprint.get("/<digest>.png")
def picture(digest: str) -> ResponseReturnValue:
    """Send a logo by the name its content gives it."""
    found = db.session.get(Logo, digest) if _DIGEST.fullmatch(digest) else None
    if found is None:
        abort(404)
    return _for_good(found.png, "image/png")


def _for_good(content: str | bytes, mimetype: str) -> Response:
    response = Response(content, mimetype=mimetype)
    response.headers["Cache-Control"] = _FOR_GOOD
    return response
