"""The calls there are, as the OpenAPI document tells of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from feedback.integrations.examples import FLAT, REPORT, RETURNED, SCORES
from feedback.integrations.mail_services import SOURCES
from feedback.measures.estimate import DEFINITIONS
from feedback.reports.periods import PERIODS
from feedback.reports.request import PARTS

Json = dict[str, Any]


@dataclass(frozen=True, order=True)
class Outcome:
    """One status a call may have, when it has it, and what it then answers."""

    status: int
    when: str
    schema: Json = field(compare=False, default_factory=lambda: ref("Problem"))
    example: Any = field(compare=False, default=None)
    headers: Mapping[str, str] = field(compare=False, default_factory=dict)


@dataclass(frozen=True)
class Call:
    """One call: where, for whom, what it takes and what may come of it."""

    name: str
    method: str
    path: str
    summary: str
    description: str
    outcomes: tuple[Outcome, ...]
    # A key with any one of these is let in; none means everybody.
    scopes: tuple[str, ...] = ()
    parameters: tuple[Json, ...] = ()
    body: Json | None = None
    body_examples: Json = field(default_factory=dict)


def ref(model: str) -> Json:
    """Return the reference to a model's schema."""
    return {"$ref": f"#/components/schemas/{model}"}


def _query(name: str, schema: Json, description: str, **more: Any) -> Json:
    return {"name": name, "in": "query", "schema": schema, "description": description} | more


def _choice(*values: str) -> Json:
    return {"type": "string", "enum": list(values)}


_DAY = {"type": "string", "format": "date"}
_OURS = (
    Outcome(500, "Something went wrong on our side; nothing was written."),
    Outcome(
        503,
        "The database is out of reach; nothing was written.",
        headers={"Retry-After": "Seconds to wait."},
    ),
)
_GUARDED = (
    Outcome(
        401,
        "No key, an unknown one, or one that is revoked.",
        headers={"WWW-Authenticate": "Bearer"},
    ),
    Outcome(403, "The key lacks the scope."),
    *_OURS,
)
_WRONG_ARGUMENT = Outcome(422, "An argument is unknown, given twice, or has a value it cannot.")

CALLS = (
    Call(
        "reportInteractions",
        "post",
        "/api/v1/interactions",
        "Report finished contacts",
        "One object, or a list of up to 1,000. `(source, external_id)` is unique: what was reported"
        " before is told again and not changed. All that is taken from a list is written in one"
        " transaction; a bad entry is refused by itself.",
        scopes=("interactions:write",),
        parameters=(
            {
                "name": "Idempotency-Key",
                "in": "header",
                "schema": {"type": "string", "minLength": 1, "maxLength": 200},
                "description": "The same key with the same body gets the same answer for 24 hours,"
                " without being carried out again.",
            },
        ),
        body={
            "oneOf": [
                ref("InteractionIn"),
                {"type": "array", "items": ref("InteractionIn"), "maxItems": 1000},
            ]
        },
        body_examples={"nested": REPORT, "flat": FLAT, "list": [REPORT, FLAT]},
        outcomes=(
            Outcome(200, "One object, reported before.", ref("Reported")),
            Outcome(
                201,
                "One object, taken in.",
                ref("Reported"),
                headers={"Location": "Where the interaction is shown."},
            ),
            Outcome(
                207,
                "A list: a row for each entry, in the list's order.",
                {
                    "type": "array",
                    "items": {"anyOf": [ref("ReportedRow"), ref("RefusedRow")]},
                },
            ),
            Outcome(400, "The body is not JSON in UTF-8, or could be read in two ways."),
            Outcome(413, "The body has more than 4 MiB."),
            Outcome(415, "The body is of another kind, or compressed."),
            Outcome(422, "A field cannot be taken, or the Idempotency-Key came with another body."),
            *_GUARDED,
        ),
    ),
    Call(
        "showInteraction",
        "get",
        "/api/v1/interactions/{interaction_id}",
        "Show one interaction and what became of its invitations",
        "The customer's name and phone number are left out and the address is masked. There is"
        " never a link to the survey in it.",
        scopes=("interactions:read",),
        parameters=(
            {
                "name": "interaction_id",
                "in": "path",
                "required": True,
                "schema": {"type": "integer", "minimum": 0, "maximum": 2147483647},
                "description": "The `id` that reporting it answered.",
            },
        ),
        outcomes=(
            Outcome(200, "The interaction.", ref("InteractionOut")),
            Outcome(404, "There is none with this id."),
            *_GUARDED,
        ),
    ),
    Call(
        "listResponses",
        "get",
        "/api/v1/responses",
        "List responses, newest first",
        "Follow `next` as `cursor` until it is null. What comes in meanwhile moves nothing.",
        scopes=("responses:read",),
        parameters=(
            _query("from", _DAY, "First day of `answered_at`, in the organisation's zone."),
            _query("to", _DAY, "Last day of `answered_at`, included."),
            _query("cursor", {"type": "string"}, "What `next` of the page before said."),
            _query(
                "limit",
                {"type": "integer", "minimum": 1, "maximum": 500, "default": 100},
                "How many on a page.",
            ),
        ),
        outcomes=(
            Outcome(200, "A page of responses.", ref("ResponsePage")),
            _WRONG_ARGUMENT,
            *_GUARDED,
        ),
    ),
    Call(
        "showScores",
        "get",
        "/api/v1/scores",
        "Show figures",
        "The options and the answer are those of `flask scores --format json`. Without"
        " `scores:read-all`, groups under MIN_GROUP answers, and those that would give them away,"
        " carry neither value nor counts.",
        scopes=("scores:read", "scores:read-all"),
        parameters=(
            _query("metric", _choice(*DEFINITIONS), "What is measured.", required=True),
            _query("by", _choice(*PARTS), "What the figures are parted by."),
            _query("period", _choice(*PERIODS), "A point for each; without it, one for all."),
            _query("from", _DAY, "First day of the interactions, in the organisation's zone."),
            _query("to", _DAY, "Last day, included."),
            _query("wave", _choice("1", "2"), "1 right after (where nothing is said), 2 later."),
            _query("rank", _choice("1"), "CSAT by staff: between which ranks each may stand."),
            _query(
                "where",
                {"type": "array", "items": {"type": "string"}},
                "Only these: `channel=phone`, with channel, staff, team or touchpoint; may be"
                " repeated for another of them.",
                style="form",
                explode=True,
                example=[],
            ),
        ),
        outcomes=(
            Outcome(200, "The figures.", ref("Scores"), example=SCORES),
            _WRONG_ARGUMENT,
            *_GUARDED,
        ),
    ),
    Call(
        "takeReport",
        "post",
        "/api/v1/hooks/{source}",
        "Report mail that came back",
        "What mail services send to a webhook. `mail` is our own form, for a gateway of your own;"
        " the others take what the service of that name sends. The key may come as the password of"
        " HTTP Basic, for services that can only be told an address."
        " What is told again changes nothing.",
        scopes=("bounces:write",),
        parameters=(
            {
                "name": "source",
                "in": "path",
                "required": True,
                "schema": _choice(*SOURCES),
                "description": "Whose form the report has.",
            },
        ),
        body={"oneOf": [{"type": "object"}, {"type": "array", "items": {"type": "object"}}]},
        body_examples={"mail": RETURNED},
        outcomes=(
            Outcome(
                200,
                "Taken: how many returns are news, known, or not of ours.",
                {
                    "type": "object",
                    "properties": {
                        name: {"type": "integer", "minimum": 0}
                        for name in ("news", "known", "other")
                    },
                    "required": ["news", "known", "other"],
                    "additionalProperties": False,
                },
            ),
            Outcome(400, "The body is not JSON in UTF-8, or could be read in two ways."),
            Outcome(404, "There is no such source."),
            Outcome(413, "The body has more than 4 MiB."),
            Outcome(415, "The body is of another kind, or compressed."),
            Outcome(422, "The body is not of the source's form."),
            *_GUARDED,
        ),
    ),
    Call(
        "showDocument",
        "get",
        "/api/v1/openapi.json",
        "Show this document",
        "To everybody; no key is asked for.",
        outcomes=(Outcome(200, "OpenAPI 3.1.", {"type": "object"}), _OURS[0]),
    ),
)
