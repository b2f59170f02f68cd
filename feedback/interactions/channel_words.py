"""What a channel is called in a language customers read, which may be neither of our two."""

from flask_babel import force_locale, lazy_gettext
from flask_babel import gettext as _

from feedback.interactions.models import Channel
from feedback.languages import frame_of

# The usual names, here so that they stand in the catalogues; one's own names are left as they are.
USUAL = (
    lazy_gettext("Phone"),
    lazy_gettext("E-mail"),
    lazy_gettext("Chat"),
    lazy_gettext("Web"),
    lazy_gettext("Store"),
    lazy_gettext("Home visit"),
    lazy_gettext("On-site visit"),
    lazy_gettext("Event"),
    lazy_gettext("Messenger"),
    lazy_gettext("Text message"),
)


def channel_words(channel: Channel, tag: str) -> str:
    """Return the name in the language: as it is stored, or else as the usual ones are called."""
    if tag in ("en", "zh-Hans"):
        return channel.name(tag)
    with force_locale(frame_of(tag) or "en"):
        usual = str(_(channel.name_en))
    return usual if usual != channel.name_en else channel.name(tag)
