"""What the API answers, as models the OpenAPI document is written from.

Tests hold them against what is really answered.
"""

from typing import Annotated, Literal

from pydantic import Field

from feedback.integrations.schemas_in import Shape
from feedback.invitations.eligibility import REASONS

Moment = Annotated[str, Field(json_schema_extra={"format": "date-time"})]
Day = Annotated[str, Field(json_schema_extra={"format": "date"})]


class InteractionName(Shape):
    """What the reporting system calls the interaction."""

    source: str
    external_id: str


class Invitation(Shape):
    """What became of one wave; each moment is null until it comes."""

    wave: Literal[1, 2] = Field(description="1 right after the contact, 2 the follow-up.")
    state: Literal["scheduled", "invited", "answered", "stopped", "expired", "withheld"]
    planned_at: Moment
    due_at: Moment
    issued_at: Moment | None
    reminded_at: Moment | None
    answered_at: Moment | None
    stopped_at: Moment | None
    withheld_at: Moment | None
    expires_at: Moment
    withheld_because: str | None = Field(description=f"One of: {', '.join(REASONS)}.")
    merged_into: InteractionName | None = Field(
        description="Of one that is `merged`: the later contact whose mail stands for both."
    )


class Reported(Shape):
    """An interaction that was taken in, now or before, and its invitations."""

    id: int
    source: str
    external_id: str
    invitations: list[Invitation]


class ReportedRow(Reported):
    """One entry of a list that was taken in: 201 now, 200 before."""

    index: int = Field(ge=0, description="Its place in the list, from 0.")
    status: Literal[200, 201]


class FieldError(Shape):
    """What is wrong with one field."""

    field: str
    value: str = Field(max_length=200)
    rule: str


class Problem(Shape):
    """What went wrong (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[FieldError] = Field(default=[], description="With 422: the fields.")
    missing_scopes: list[str] = Field(default=[], description="With 403: what the key lacks.")


class RefusedRow(Shape):
    """One entry of a list that was refused; the entries around it are not touched by that."""

    index: int = Field(ge=0)
    type: str
    title: str
    status: Literal[422]
    detail: str
    errors: list[FieldError]


class MaskedCustomer(Shape):
    """As much of the customer as this call tells."""

    email: str | None = Field(description="With its middle hidden: wang***@example.cn.")
    locale: str | None


class StaffOut(Shape):
    """Who served."""

    external_id: str
    name: str


class SharerOut(StaffOut):
    """One of several who served together."""

    share: float | None = Field(description="The part agreed on beforehand; null without any.")


class InteractionOut(Reported):
    """An interaction as it was recorded."""

    kind: str
    channel: str
    status: str
    occurred_at: Moment | None
    closed_at: Moment
    recorded_at: Moment
    subject: str
    customer: MaskedCustomer
    segment: str
    staff: StaffOut | None
    shared_by: list[SharerOut] = Field(description="Those who served together; `staff` is null.")
    team: str | None
    location: str
    product: str
    tags: list[str]


class AlarmOut(Shape):
    """Why a comment cannot wait, and the words that say so, as they were read."""

    kind: Literal[
        "self_harm",
        "safety",
        "threat",
        "discrimination",
        "data",
        "law",
        "unanswered",
        "own",
        "lowest_score",
    ]
    words: list[str] = Field(description="None for lowest_score, where the score says so.")


class TextOut(Shape):
    """What the words were read for: whom to call back first. Never a figure about anybody."""

    tone: Literal["positive", "negative", "undecided"]
    urgent: list[AlarmOut] = Field(description="The gravest first; empty where it can wait.")
    disagrees: bool | None = Field(
        description="Praise with a satisfaction of 1 or 2, or a complaint with 5; null without one."
    )


class ResponseOut(Shape):
    """What one customer answered."""

    id: int
    interaction: InteractionName
    wave: Literal[1, 2]
    answered_at: Moment
    answers: dict[str, int | str | list[str]] = Field(
        description="By the question's key: a score, what was chosen, or words. What was left out"
        " is not there."
    )
    provenance: Literal["page", "confirmed_click", "kiosk", "phone", "import"]
    excluded: bool = Field(description="Struck out of the figures.")
    excluded_because: str | None
    text: TextOut | None = Field(
        None,
        description="Only where there is a comment, and comments are read here (TEXT_TRIAGE).",
    )


class ResponsePage(Shape):
    """Responses, newest first."""

    responses: list[ResponseOut]
    next: str | None = Field(description="The `cursor` of the next page; null on the last.")
