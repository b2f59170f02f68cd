"""What stands beside figures of people, as models the OpenAPI document is written from."""

from typing import Annotated, Literal

from pydantic import Field

from feedback.integrations.schemas_in import Shape

Share = Annotated[float, Field(ge=0, le=1)]


class BestEstimate(Shape):
    """What somebody's own answers and everybody's say together."""

    value: Share
    low: Share
    high: Share
    own_weight: Share = Field(description="How much of it rests on their own answers.")


class Person(Shape):
    """What the answers about one person can carry; given for CSAT by staff."""

    standing: Literal["no_answers", "too_few", "few", "some", "enough", "evidence"] = Field(
        description="Below `enough` not for appraisal; `evidence` may be part of a review."
    )
    reliability: Share
    best_estimate: BestEstimate | None = Field(default=None, description="Without `period`.")
    expected: Share | None = Field(description="What their mix of work would lead one to expect.")
    adjusted: float | None = Field(description="Their share less the expected one.")
    z: float | None = Field(default=None, description="The same as a standard score.")
    p: Share | None = Field(default=None, description="Mid-P against the expected share.")
    q: Share | None = Field(
        default=None, description="The same after controlling false discoveries."
    )
    flag: Literal["low", "high"] | None = Field(
        default=None, description="Only where q < 0.05, with 30 answers and a reliability of 0.70."
    )
    limits: dict[str, list[float] | None] | None = Field(
        default=None, description="Without `period`: the funnel's limits at 0.95 and 0.998."
    )
    rank: list[int] = Field(
        default=[], description="With `rank=1`: the best and the worst rank that can be meant."
    )


class People(Shape):
    """Those compared: their common rate, and how much they differ beyond chance."""

    people: int
    n: int
    rate: Share
    between_people: float | None = Field(
        description="Standard deviation of true shares; null where nobody can be told apart."
    )
    weight: float | None = Field(description="Reliability of n answers is n / (n + weight).")
    answers_needed: dict[str, float | None] = Field(
        description="How many answers a reliability of 0.70 and of 0.90 would take."
    )
    over_dispersion: float | None


class Step(Shape):
    """How many of how many contacts came so far, with Wilson's interval."""

    number: int
    of: int
    value: Share | None
    low: Share | None
    high: Share | None


class AskedPerson(Shape):
    """One person's contacts from eligible to answered, and two tests that look at no answer."""

    key: dict[str, str]
    label: str
    eligible: int = Field(description="Contacts that were to be asked about.")
    invited: Step = Field(description="Of the eligible.")
    delivered: Step = Field(description="Of those invited.")
    answered: Step = Field(description="Of those invited.")
    level: float
    expected: Share | None = Field(
        description="The share others invite doing the same work; null where nobody else does it."
    )
    p_invited: Share | None = Field(
        description="Mid-P of those invited against it; null under `tested_from` contacts."
    )
    p_selective: Share | None = Field(
        description="Fisher's one-sided P that trouble is no more frequent among the uninvited."
    )
    invited_less_often: bool = Field(
        description="Marked, after controlling false discoveries over everybody's tests."
    )
    uninvited_in_trouble: bool = Field(description="The same for the other test.")


class WhoWasAsked(Shape):
    """How far each person's contacts came, by name."""

    tested_from: int
    tested: int = Field(description="How many people have contacts enough to be tested.")
    has_marks: bool = Field(description="Whether any contact has a mark of trouble at all.")
    people: list[AskedPerson] = Field(
        description="To keys without scores:read-all, those only whose figure is shown."
    )


class Shared(Shape):
    """The share satisfied of somebody's own answers and those to shared contacts together.

    Each answer weighs as the part agreed on before it came; an own one weighs 1.
    """

    n: int = Field(description="How many answers were to shared contacts; none of them is in `n`.")
    weight: float = Field(description="What all answers weigh together.")
    effective_n: float = Field(description="How many whole answers they are worth.")
    value: Share
    low: Share
    high: Share
