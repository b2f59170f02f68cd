"""Says who was asked in plain sentences: what to ask about, and never what somebody did."""

from flask_babel import format_decimal, ngettext
from flask_babel import gettext as _

from feedback.languages import gap
from feedback.reports.figures import interval_words, share_words, value_words
from feedback.reports.people.who_was_asked import TESTED_FROM, AskedPerson, Step, WhoWasAsked


def step_words(step: Step) -> tuple[str, str]:
    """Return the share with its interval, "92 %" and "87–95 %"; nothing of nothing."""
    if step.value is None or step.low is None or step.high is None:
        return "", ""
    return value_words("csat", step.value), interval_words("csat", step.low, step.high)


def expected_words(person: AskedPerson) -> str:
    """Return what share others invite doing the same work; "" where nobody else does it."""
    return "" if person.expected is None else value_words("csat", person.expected)


def marks_of(person: AskedPerson) -> list[str]:
    """Return what to ask about, or that there is too little to tell; none where all is usual."""
    if person.checks is None:
        return [str(_("Fewer than %(least)s contacts: too few to tell.", least=TESTED_FROM))]
    found = []
    if person.leaves_out:
        found.append(
            _(
                "Invited less often than others doing the same work: %(invited)s of %(of)s,"
                " %(expected)s expected. Ask why.",
                invited=format_decimal(person.compared_invited),
                of=format_decimal(person.compared),
                expected=expected_words(person),
            )
        )
    if person.selective:
        work = person.work
        uninvited = work.eligible - work.invited
        found.append(
            _(
                "More trouble among those not invited: %(marked)s of %(of)s (%(share)s), against"
                " %(others)s of %(invited)s (%(other_share)s) of those invited. Ask why.",
                marked=format_decimal(work.marked_uninvited),
                of=format_decimal(uninvited),
                share=share_words(work.marked_uninvited, uninvited),
                others=format_decimal(work.marked_invited),
                invited=format_decimal(work.invited),
                other_share=share_words(work.marked_invited, work.invited),
            )
        )
    return [str(words) for words in found]


def finding(found: WhoWasAsked) -> str:
    """Return what the tests say of everybody together."""
    if not found.tested:
        return str(
            _(
                "Nobody has %(least)s contacts in these days, so nothing is tested.",
                least=TESTED_FROM,
            )
        )
    marked = sum(one.leaves_out or one.selective for one in found.people.values())
    tested = ngettext(
        "%(tested)s person has %(least)s contacts or more and was tested.",
        "%(tested)s people have %(least)s contacts or more and were tested.",
        found.tested,
        tested=format_decimal(found.tested),
        least=TESTED_FROM,
    )
    if marked:
        result = _(
            "For %(marked)s of them there is something to ask about.",
            marked=format_decimal(marked),
        )
    else:
        result = _("Nothing says that anybody left customers out.")
    return f"{tested}{gap()}{result}"
