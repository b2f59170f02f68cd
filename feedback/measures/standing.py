"""What so many answers of one person may be used for."""

from typing import Literal

Standing = Literal["no_answers", "too_few", "few", "some", "enough", "evidence"]

# Below these: nothing, no percentage, no appraisal. The field's custom and arithmetic agree.
SHOWN_FROM, RATED_FROM, JUDGED_FROM = 5, 10, 30
# The usual rule of psychometrics: enough to compare groups, and enough to decide about a person.
RELIABLE, DECISIVE = 0.70, 0.90


def standing(n: int, reliability: float) -> Standing:
    """Return what n answers with a reliability in 0 … 1 may be used for.

    "no_answers"; "too_few" (1–4: nothing is shown to others); "few" (5–9: the distribution, but no
    percentage); "some" (10 and more: score and interval, not for appraisal); "enough" (30 and more,
    and reliable: may be compared); "evidence" (0.90: may be part of a review).
    """
    if n <= 0:
        return "no_answers"
    if n < SHOWN_FROM:
        return "too_few"
    if n < RATED_FROM:
        return "few"
    if n < JUDGED_FROM or reliability < RELIABLE:
        return "some"
    return "evidence" if reliability >= DECISIVE else "enough"


def may_be_compared(stands: Standing) -> bool:
    """Tell whether answers of this standing may be held against others', or against a target."""
    return stands in ("enough", "evidence")
