"""Says in whole sentences what the same customers answered twice. No sums."""

from flask_babel import format_decimal, ngettext
from flask_babel import gettext as _

from feedback.measures.follow_up import Matured
from feedback.reports.figures import interval_words, value_words
from feedback.reports.twice.pairs import Pairs, Share


def pair_sentences(pairs: Pairs) -> list[str]:
    """Return what became of satisfaction, one sentence each; none where nothing is shown."""
    if not pairs.is_shown:
        return []
    return [*_held_up(pairs), *_recovered(pairs), *_change(pairs)]


def _held_up(pairs: Pairs) -> list[str]:
    share = pairs.held_up
    if share is None:
        return []
    words = ngettext(
        "Of %(count)s customer satisfied right after, %(good)s still was 30 days later:"
        " %(value)s, %(interval)s.",
        "Of %(count)s customers satisfied right after, %(good)s still were 30 days later:"
        " %(value)s, %(interval)s.",
        share.n,
        count=format_decimal(share.n),
        good=format_decimal(share.good),
        value=_percent(value_words("csat", share.value)),
        interval=_percent(interval_words("csat", share.low, share.high)),
    )
    return [str(words)]


def _recovered(pairs: Pairs) -> list[str]:
    if not pairs.bad_at_first:
        return []
    count = format_decimal(pairs.bad_at_first)
    if pairs.found is None:
        words = _(
            "%(count)s were not satisfied right after; what became of them is too few to show.",
            count=count,
        )
    else:
        words = ngettext(
            "Of %(count)s not satisfied right after, %(good)s was 30 days later.",
            "Of %(count)s not satisfied right after, %(good)s were 30 days later.",
            pairs.found.recovered,
            count=count,
            good=format_decimal(pairs.found.recovered),
        )
    return [str(words)]


def _change(pairs: Pairs) -> list[str]:
    found = pairs.found
    if found is None:
        return []
    # What is measured is the loss; said is the change.
    values = {
        "n": format_decimal(found.n),
        "change": _points(-found.difference),
        "range": _range(-found.high, -found.low),
    }
    if pairs.verdict == "lower":
        words = ngettext(
            "Lower 30 days later among the same %(n)s customer: %(change)s, range %(range)s.",
            "Lower 30 days later among the same %(n)s customers: %(change)s, range %(range)s.",
            found.n,
            **values,
        )
    elif pairs.verdict == "higher":
        words = ngettext(
            "Higher 30 days later among the same %(n)s customer: %(change)s, range %(range)s.",
            "Higher 30 days later among the same %(n)s customers: %(change)s, range %(range)s.",
            found.n,
            **values,
        )
    else:
        words = ngettext(
            "No evidence of change among the same %(n)s customer: %(change)s, range %(range)s.",
            "No evidence of change among the same %(n)s customers: %(change)s, range %(range)s.",
            found.n,
            **values,
        )
    return [str(words)]


def dropout_words(pairs: Pairs) -> str:
    """Return whether those who did not answer again were as satisfied at first; "" if unknown."""
    if pairs.dropout is None:
        return ""
    difference = pairs.dropout.difference
    beside = _(
        "%(silent)s, against %(answered)s who did; difference %(change)s, range %(range)s.",
        silent=_share(pairs.dropout.silent),
        answered=_share(pairs.dropout.answered),
        change=_points(difference.value),
        range=_range(difference.low, difference.high),
    )
    if difference.verdict == "lower":
        words = _(
            "Those who did not answer again were less satisfied at first: %(beside)s", beside=beside
        )
    elif difference.verdict == "higher":
        words = _(
            "Those who did not answer again were more satisfied at first: %(beside)s", beside=beside
        )
    else:
        words = _(
            "Whether those who did not answer again were less satisfied at first cannot be told:"
            " %(beside)s",
            beside=beside,
        )
    return str(words)


def _share(share: Share) -> str:
    return str(
        _(
            "%(value)s (%(interval)s) of %(n)s",
            value=_percent(value_words("csat", share.value)),
            interval=_percent(interval_words("csat", share.low, share.high)),
            n=format_decimal(share.n),
        )
    )


def _percent(words: str) -> str:
    # A sentence breaks anywhere; its percentages should not.
    return words.replace(" %", "\u00a0%")


def _points(difference: float) -> str:
    """Return a difference of shares in percentage points: "−8 points"."""
    signed = _signed(difference)
    number = 1 if signed.lstrip("+−") == "1" else 2
    return str(ngettext("%(signed)s point", "%(signed)s points", number, signed=signed))


def _range(low: float, high: float) -> str:
    return str(_("%(low)s to %(high)s", low=_signed(low), high=_signed(high)))


def _signed(difference: float) -> str:
    whole = value_words("nps", difference)
    # What lies beside zero is on one side of it, which is all that the words say.
    if whole != "0" or difference == 0:
        return whole
    return f"{'+' if difference > 0 else '−'}{max(0.1, round(abs(100 * difference), 1)):.1f}"


def follow_up_words(found: Matured) -> str:
    """Return the follow-up's response rate among those whose answer is due."""
    if found.value is None or found.low is None or found.high is None:
        words = _(
            "No follow-up is due yet; %(waiting)s still to come.",
            waiting=format_decimal(found.not_yet_due),
        )
        return str(words)
    return str(
        _(
            "Of %(due)s follow-ups whose answer is due, %(answered)s were answered: %(value)s,"
            " %(interval)s. Not yet due: %(waiting)s.",
            due=format_decimal(found.matured),
            answered=format_decimal(found.answered),
            value=_percent(value_words("csat", found.value)),
            interval=_percent(interval_words("csat", found.low, found.high)),
            waiting=format_decimal(found.not_yet_due),
        )
    )
