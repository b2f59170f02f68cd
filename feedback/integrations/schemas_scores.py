"""Figures as the API answers them, as models the OpenAPI document is written from."""

from typing import Literal

from pydantic import Field

from feedback.integrations.schemas_in import Shape
from feedback.integrations.schemas_out import Day
from feedback.integrations.schemas_people import People, Person, Share, Shared, WhoWasAsked


class Change(Shape):
    """A figure less that of the period before, and whether that is news."""

    value: float
    low: float
    high: float
    p: float | None = Field(description="Of the N - 1 chi² test; null for NPS and CES.")
    detectable: float | None = Field(
        description="The smallest difference so many answers could tell from none; null for CES."
    )
    detectable_with_power: float | None = Field(
        description="The true difference they would find four times of five; null for CES."
    )
    verdict: Literal["higher", "lower", "cannot_tell"]


class ByCustomer(Shape):
    """The interval where several answers of one customer are not taken for as many opinions."""

    design_effect: float
    effective_n: float
    low: Share
    high: Share


class Second(Shape):
    """What stands second beside a figure, with its own interval."""

    value: float
    low: float
    high: float


class TargetOutcome(Shape):
    """The target of these days, and whether the whole interval lies on one side of it."""

    value: float
    outcome: Literal["met", "not_met", "undecided"]
    set_late: bool = Field(description="It was set after its days had begun.")
    changed: bool = Field(description="Another applied on some of these days.")


class WithStruck(Shape):
    """The figure as it would be with what was struck of it."""

    n: int
    value: float
    low: float
    high: float


class Struck(Shape):
    """What was struck of a figure, by score."""

    n: int
    counts: dict[str, int]
    with_them: WithStruck
    p: Share | None = Field(
        description="Chance of so many low scores among them if all were struck alike."
    )


class Point(Shape):
    """One figure with what it stands on."""

    period: str
    n: int | None
    counts: dict[str, int] | None
    value: float | None
    low: float | None
    high: float | None
    status: Literal["ok", "no_answers", "too_few"] = Field(
        description="too_few: hidden from a key without scores:read-all."
    )
    provisional: bool
    target: TargetOutcome | None = None
    struck: Struck | None = Field(
        default=None, description="Without `period`, to keys that see all, where any was struck."
    )
    mean: Second | None = Field(default=None, description="CSAT: the mean, on 1 … 5.")
    share: Second | None = Field(default=None, description="CES: the share of 5 to 7.")
    index: Second | None = Field(
        default=None, description="CES: the share of 6 and 7 less that of 1 to 3."
    )
    change: Change | None = Field(default=None, description="With `period`: from the one before.")
    limits: list[float] | None = Field(
        default=None,
        description="With `period`: the control limits; null without a baseline of twelve periods.",
    )
    mark: Literal["outside", "run"] | None = Field(
        default=None, description="As `limits`: outside them, or one of eight on one side."
    )
    asked: int | None
    answered: int | None
    response_rate: float | None
    by_customer: ByCustomer | None = Field(
        default=None, description="CSAT without `period`, where customers answered repeatedly."
    )
    person: Person | None = Field(default=None, description="CSAT by staff.")
    shared: Shared | None = Field(
        default=None, description="CSAT by staff, of whom shared contacts were answered about."
    )


class Part(Shape):
    """A part of n with Wilson's interval."""

    good: int
    n: int
    value: Share
    low: Share
    high: Share


class Dropout(Shape):
    """How satisfied those were at first who did not answer again, beside those who did."""

    silent: Part | None
    answered: Part | None
    difference: float
    low: float
    high: float
    verdict: Literal["higher", "lower", "cannot_tell"]


class Paired(Shape):
    """The same customers, right after and thirty days later."""

    status: Literal["ok", "no_pairs", "too_few"]
    level: float
    n: int | None
    stayed_good: int | None
    turned_bad: int | None
    recovered: int | None
    stayed_bad: int | None
    difference: float | None = Field(description="The share satisfied at first less that later.")
    low: float | None
    high: float | None
    p_exact: float | None
    p_mid: float | None
    verdict: Literal["higher", "lower", "cannot_tell"] | None = Field(
        description="How satisfaction is thirty days later."
    )
    held_up: Part | None = Field(description="Of those satisfied at first, who still are.")
    dropout: Dropout | None
    not_yet_due: int | None
    not_asked_again: int | None
    contacts_until: Day | None


class Matured(Shape):
    """The follow-up's response rate, of those whose time is over."""

    answered: int
    matured: int
    not_yet_due: int
    value: Share | None
    low: Share | None
    high: Share | None


class Bounds(Shape):
    """CSAT if everybody silent were dissatisfied, and if everybody were satisfied."""

    good: int
    answered: int
    asked: int
    low: Share
    high: Share


class ResponseRates(Shape):
    """Response rates by their standard names (AAPOR), of what we asked."""

    rr1: Share | None
    rr2: Share | None
    rr5: Share | None
    rr6: Share | None
    headline: Literal["rr2"]
    dispositions: dict[str, int]


class Group(Shape):
    """One group's points, in order."""

    key: dict[str, str | int | None]
    label: str
    points: list[Point]


class Scores(Shape):
    """Figures as every surface of the product shows them."""

    metric: Literal["csat", "nps", "ces"]
    definition: str
    date_basis: Literal["interaction"]
    level: float
    from_: Day | None = Field(alias="from")
    to: Day | None
    wave: Literal[1, 2] | None
    asked: int | None
    answered: int | None
    response_rate: float | None
    paired: Paired | None = Field(default=None, description="CSAT by wave, without `period`.")
    matured: Matured | None = Field(default=None, description="As `paired`.")
    bounds: Bounds | None = Field(default=None, description="CSAT of everything asked about.")
    response_rates: ResponseRates | None = Field(
        default=None, description="CSAT of everything asked about, where anybody was asked."
    )
    people: People | None = Field(default=None, description="CSAT by staff.")
    who_was_asked: WhoWasAsked | None = Field(
        default=None, description="By staff, without `period`."
    )
    groups: list[Group]
