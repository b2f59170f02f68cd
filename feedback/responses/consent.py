"""What a customer agrees to beside the answer: how it is handled, and being contacted about it."""

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from feedback.brands.notice import Words
from feedback.responses.given import Consent

AGREE, CONTACT = "privacy_agree", "privacy_contact"


def read_consent(sent: MultiDict[str, str], privacy: Words) -> tuple[Consent, dict[str, str]]:
    """Return what was ticked under a notice, and what is wrong with it by the field's name."""
    if not privacy.asks_consent:
        return Consent(), {}
    consent = Consent(bool(sent.get(AGREE)), bool(sent.get(CONTACT)))
    if not consent.agreed:
        return consent, {AGREE: _("Without your consent we take no answer. Please tick it.")}
    return consent, {}


def ticks(sent: MultiDict[str, str]) -> dict[str, set[str]]:
    """Return what was ticked, for the page that shows it again."""
    return {name: {"1"} for name in (AGREE, CONTACT) if sent.get(name)}
