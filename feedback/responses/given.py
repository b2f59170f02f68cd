"""What somebody gave as an answer, read and found good, before it is stored."""

from dataclasses import dataclass


@dataclass(frozen=True)
class GivenAnswer:
    """One value to one question: a score with its metric, or words, or one chosen option."""

    question_key: str
    choice: str = ""
    metric: str | None = None
    score: int | None = None
    comment: str | None = None


@dataclass(frozen=True)
class Consent:
    """What was ticked under the privacy notice; neither where it asks for nothing."""

    agreed: bool = False
    may_contact: bool = False


NO_CONSENT = Consent()
