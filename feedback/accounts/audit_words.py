"""The audit log in words: what was done, by whom, to what, and where the log is broken."""

from flask_babel import gettext as _

from feedback.accounts.audit_check import Break


def break_words(found: Break) -> str:
    """Return what is wrong with the log at its first break."""
    number = found.number
    words = {
        "changed": _(
            "Entry %(number)s does not say what it said when it was written.", number=number
        ),
        "reordered": _("Entry %(number)s was written in another place.", number=number),
        "removed": _("Entry %(number)s is missing.", number=number),
        "inserted": _("Entry %(number)s was not written after the one before it.", number=number),
        "truncated": _(
            "The log ended later: entry %(number)s and all after it are missing.", number=number
        ),
        "end": _("The record of where the log ends does not fit entry %(number)s.", number=number),
        "unsealed": _(
            "Entry %(number)s fits, but was not sealed with a key of ours.", number=number
        ),
        "anchor": _("No entry has that head: the log was cut off or written anew since."),
    }
    return str(words[found.kind])
