"""Says what went wrong to a program: `application/problem+json`, RFC 9457."""

from flask import Response, json


def problem(status: int, title: str, detail: str = "", **more: object) -> Response:
    """Return the answer that tells a program what went wrong; `more` adds members of its own."""
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail} | more
    return Response(json.dumps(body), status=status, mimetype="application/problem+json")
