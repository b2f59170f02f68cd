"""Writes the OpenAPI document from the calls and the models."""

from functools import cache
from typing import Any

from flask.typing import ResponseReturnValue
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from feedback.accounts.keys import SCOPES
from feedback.integrations import schemas_in, schemas_out, schemas_scores
from feedback.integrations.answers import PROBLEM, answer, write
from feedback.integrations.calls import CALLS, Call, Outcome

_SCHEMA = "#/components/schemas/{model}"
_ABOUT = """\
Reports come in, responses and figures go out. Programs sign in with a key made by `flask key add`.
Errors are `application/problem+json`; `title`, `detail` and `rule` are in the language of
`Accept-Language`, Chinese or English. The manual is docs/api.md.
"""


def show_document() -> ResponseReturnValue:
    """Show the OpenAPI document of this API, to everybody."""
    return answer(write(document()))


@cache
def document() -> dict[str, Any]:
    """Return the document, OpenAPI 3.1."""
    paths: dict[str, dict[str, Any]] = {}
    for call in CALLS:
        paths.setdefault(call.path, {})[call.method] = _operation(call)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Afterword 回音", "version": "1", "description": _ABOUT},
        # Relative, so that it is right under whichever name the document was fetched.
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "schemas": _schemas(),
            "securitySchemes": {
                "key": {
                    "type": "http",
                    "scheme": "bearer",
                    "bearerFormat": "afk_…",
                    "description": f"A key with the scope the call names: {', '.join(SCOPES)}.",
                }
            },
        },
    }


def _operation(call: Call) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": call.name,
        "summary": call.summary,
        "description": call.description,
        # Schemes of this kind may name what they ask for since 3.1; here it is the scope.
        "security": [{"key": [scope]} for scope in call.scopes],
    }
    if call.parameters:
        operation["parameters"] = list(call.parameters)
    if call.body:
        content = {"schema": call.body, "examples": _examples(call.body_examples)}
        operation["requestBody"] = {"required": True, "content": {"application/json": content}}
    operation["responses"] = {
        str(outcome.status): _response(outcome) for outcome in sorted(call.outcomes)
    }
    return operation


def _response(outcome: Outcome) -> dict[str, Any]:
    kind = PROBLEM if outcome.status >= 400 else "application/json"
    content: dict[str, Any] = {"schema": outcome.schema}
    if outcome.example is not None:
        content["example"] = outcome.example
    response: dict[str, Any] = {"description": outcome.when, "content": {kind: content}}
    if outcome.headers:
        response["headers"] = {
            name: {"description": text, "schema": {"type": "string"}}
            for name, text in outcome.headers.items()
        }
    return response


def _examples(examples: dict[str, Any]) -> dict[str, Any]:
    return {name: {"value": value} for name, value in examples.items()}


def _schemas() -> dict[str, Any]:
    models = [
        value
        for module in (schemas_in, schemas_out, schemas_scores)
        for value in vars(module).values()
        if isinstance(value, type)
        and issubclass(value, BaseModel)
        and value not in (BaseModel, schemas_in.Shape)
    ]
    _names, written = models_json_schema(
        [(model, "validation") for model in models], ref_template=_SCHEMA
    )
    found: dict[str, Any] = _untitled(written["$defs"])
    return found


def _untitled(schema: Any) -> Any:
    """Drop the titles pydantic makes out of names: they say nothing the names do not."""
    if isinstance(schema, list):
        return [_untitled(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        name: _untitled(value)
        for name, value in schema.items()
        if not (name == "title" and isinstance(value, str))
    }
