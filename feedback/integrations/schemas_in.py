"""What the API takes, as models the OpenAPI document is written from.

They describe. The rules for a report's fields stand in `interactions/fields.py` alone, and tests
hold these models against them.
"""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field


class Shape(BaseModel):
    """Exactly these members, each of exactly this kind."""

    model_config = ConfigDict(extra="forbid", strict=True)


Text20 = Annotated[str, Field(max_length=20)]
Text60 = Annotated[str, Field(max_length=60)]
Text120 = Annotated[str, Field(max_length=120)]
Text200 = Annotated[str, Field(max_length=200)]
Text320 = Annotated[str, Field(max_length=320)]
Text2000 = Annotated[str, Field(max_length=2000)]
# A whole number is as good a name of a record as its digits.
Name120 = Annotated[str, Field(max_length=120)] | int
Name200 = Annotated[str, Field(max_length=200)] | int

_WHEN = (
    "ISO 8601 with an offset; without one it is read in the organisation's zone. The other"
    " spellings of the file format are understood too."
)
_IGNORED = "Accepted and not kept."


class CustomerIn(Shape):
    """Who was served; one of `external_id`, `email` and `phone` is required."""

    external_id: Name200 | None = None
    name: Text200 | None = None
    gender: Text20 | None = Field(
        None, description="male, female, 男, 女, 先生 or 女士; anything else is kept as unknown."
    )
    email: Text320 | None = Field(None, description="Where the invitation goes.")
    phone: Text60 | None = None
    locale: Text20 | None = Field(None, description="A language tag such as zh-Hans-CN or en-GB.")
    segment: Text120 | None = None
    contact_external_id: Any = Field(None, description=_IGNORED)
    company: Any = Field(None, description=_IGNORED)


class StaffIn(Shape):
    """Who served; found by `external_id`, else by `email`, else by `name`, and made if unknown."""

    external_id: Name120 | None = None
    name: Text120 | None = None
    email: Text120 | None = None


class SharerIn(Shape):
    """One of several who served together, and the part of the contact agreed on beforehand."""

    external_id: Name120
    name: Text120 | None = None
    email: Text120 | None = None
    share: Annotated[float, Field(gt=0, le=1)] | None = Field(
        None, description="For everybody or nobody; together they are 1."
    )


class CustomIn(BaseModel):
    """What else is known; only `product` is kept."""

    model_config = ConfigDict(extra="allow", strict=True)

    product: Text200 | None = None


class InteractionIn(Shape):
    """A finished contact, nested or with the flat names of the file format; no member twice."""

    model_config = ConfigDict(
        json_schema_extra={
            "anyOf": [
                {"required": [name]}
                for name in ("customer", "customer_external_id", "customer_email", "customer_phone")
            ]
        }
    )

    source: Text60 | None = Field(
        None, description="The reporting system; without it, the name of the key."
    )
    external_id: Annotated[str, Field(min_length=1, max_length=200)] | int = Field(
        description="The contact's number there; unique within its source."
    )
    kind: Text60 | None = None
    channel: Annotated[str, Field(min_length=1, max_length=60)]
    status: Text60 | None = Field(
        None,
        description="That it has ended: closed, solved, resolved, completed, done, or nothing.",
    )
    occurred_at: str | None = Field(None, description=_WHEN)
    closed_at: str = Field(min_length=1, description=f"{_WHEN} What is yet to come is refused.")
    subject: Text2000 | None = None
    customer: CustomerIn | None = None
    customer_external_id: Name200 | None = None
    customer_name: Text200 | None = None
    customer_gender: Text20 | None = None
    customer_email: Text320 | None = None
    customer_phone: Text60 | None = None
    customer_locale: Text20 | None = None
    segment: Text120 | None = None
    staff: StaffIn | Annotated[list[SharerIn], Field(max_length=20)] | None = Field(
        None, description="Who served; a list of those who did together."
    )
    staff_external_id: Name120 | None = None
    staff_name: Text120 | None = None
    staff_email: Text120 | None = None
    team: Text120 | None = None
    location: Text200 | None = None
    product: Text200 | None = None
    tags: list[Text60] | Text2000 | None = Field(
        None, description="Labels, up to 20; as text, with semicolons between."
    )
    staff_shares: Text2000 | None = Field(
        None, description="Those who served together, as in a file: `e-1=0.5;e-2=0.5`."
    )
    custom: CustomIn | None = None
    direction: Any = Field(None, description=_IGNORED)
    first_response_at: Any = Field(None, description=_IGNORED)
    order_no: Any = Field(None, description=_IGNORED)
    recording_url: Any = Field(None, description=_IGNORED)
    company: Any = Field(None, description=_IGNORED)
