"""Those who did not answer, and those who were not asked."""

from dataclasses import dataclass

from feedback.measures.binomial import fisher_more, mid_p


def worst_case_bounds(good: int, answered: int, asked: int) -> tuple[float, float] | None:
    """Return the share if everybody silent were dissatisfied, and if everybody were satisfied.

    x/N and (x + N - n)/N, in 0 … 1; None where nobody was asked. Nothing is assumed about the
    silent. Source: C. F. Manski, Partial Identification of Probability Distributions (2003), ch. 1.
    Raises ValueError unless 0 ≤ good ≤ answered ≤ asked.
    """
    if not 0 <= good <= answered <= asked:
        raise ValueError(f"{good} good of {answered} answered of {asked} asked")
    if asked == 0:
        return None
    return good / asked, (good + asked - answered) / asked


@dataclass(frozen=True)
class Selection:
    """The two checks for steering: each a P, None where there is nothing to test.

    `invited` asks whether so many contacts of this person were invited by the usual rate;
    `selective` whether those left out were worse by something nobody rated.
    """

    invited: float | None
    selective: float | None


def selection_checks(
    *,
    invited: int,
    eligible: int,
    usual_rate: float,
    marked_uninvited: int,
    uninvited: int,
    marked_invited: int,
) -> Selection:
    """Return the two checks of who was asked.

    The first is the mid-P of `invited` of `eligible` against the usual rate among peers, the second
    Fisher's one-sided P that marks of trouble (reopened, complaint, refund) are no more frequent
    among the uninvited than among the invited.
    """
    return Selection(
        invited=mid_p(invited, eligible, usual_rate),
        selective=fisher_more(marked_uninvited, uninvited, marked_invited, invited),
    )
