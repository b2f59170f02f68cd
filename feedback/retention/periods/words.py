"""The classes of data and the counts of a pass, in words."""

from collections.abc import Mapping

from flask_babel import gettext as _
from flask_babel import ngettext

from feedback.retention.periods.lengths import DAYS, KINDS


def kind_words() -> dict[str, str]:
    """Return what each class of data is, by its name."""
    return {
        "contacts": _("Customers’ names and addresses, and the text of mails"),
        "words": _("Comments, and the matter of a contact"),
        "staff_scores": _("Who served, and who looked at whose figures"),
        "answers": _("Other systems’ numbers of contacts and customers"),
        "traces": _("Passing traces: quick presses, failed tries, repeated calls of programs"),
        "audit": _("Names and details in the audit log, and when people signed in"),
    }


def left_words() -> dict[str, str]:
    """Return what stays of each class, by its name."""
    return {
        "contacts": _(
            "That the contact took place, and a keyed digest of the address, so that a stop in an"
            " old mail still works. Whoever is still to be asked, or may still answer, is left"
            " until then."
        ),
        "words": _("The scores, and that there was a comment, and when it was deleted."),
        "staff_scores": _(
            "The answers, in every figure of channel, team and touchpoint. It goes by whole"
            " calendar months."
        ),
        "answers": _("A keyed digest of the contact’s number: reported again, it is known."),
        "traces": _("Nothing."),
        "audit": _("What kind of thing was done and when, in a chain that is still whole."),
    }


def length_words(name: str, length: int) -> str:
    """Return how long a class is kept."""
    if length == 0:
        return str(_("for ever"))
    if KINDS[name].unit == DAYS:
        return str(ngettext("%(num)s day", "%(num)s days", length))
    return str(ngettext("%(num)s month", "%(num)s months", length))


def count_words() -> dict[str, str]:
    """Return what the counts of a pass count, by their names."""
    return {
        "contacts": _("contacts: name and address"),
        "mails": _("mails: address and text"),
        "comments": _("answers: what was written"),
        "matters": _("contacts: their matter"),
        "staff_links": _("contacts: who served"),
        "looks": _("looks at people"),
        "numbers": _("contacts: the other system’s number"),
        "traces": _("passing traces"),
        "audit_entries": _("entries of the audit log: names and details"),
    }


def counted(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    """Return the counts that are not zero, each with what it counts."""
    words = count_words()
    return [(words[name], number) for name, number in counts.items() if number]


def summary(counts: Mapping[str, int]) -> str:
    """Return the counts in one line."""
    said = [f"{number} {words}" for words, number in counted(counts)]
    return str(_("; ")).join(said) if said else str(_("nothing was too old"))
