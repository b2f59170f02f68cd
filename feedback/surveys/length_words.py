"""Says how long a survey takes, in the words of the page and of every mail alike."""

from flask_babel import gettext as _
from flask_babel import ngettext

from feedback.surveys.length import Length

_MINUTE = 60


def how_many_words(length: Length) -> str:
    """Return how many questions there are, and whether there is room for a comment."""
    count = length.questions
    if length.has_comment:
        return str(
            ngettext(
                "%(count)s question and room for a comment",
                "%(count)s questions and room for a comment",
                count,
                count=count,
            )
        )
    return str(ngettext("%(count)s question", "%(count)s questions", count, count=count))


def how_long_words(length: Length) -> str:
    """Return how long that takes: in seconds up to a minute and a half, then in minutes."""
    if length.seconds <= 1.5 * _MINUTE:
        return str(_("about %(count)s seconds", count=max(length.seconds, 10)))
    count = -(-length.seconds // _MINUTE)
    return str(ngettext("about %(count)s minute", "about %(count)s minutes", count, count=count))


def length_words(length: Length) -> str:
    """Return both as a sentence."""
    many, long = how_many_words(length), how_long_words(length)
    return str(_("%(many)s, %(long)s.", many=many, long=long))
