"""Says what went wrong to a program: `application/problem+json`, RFC 9457."""

import json

from flask import Response


def problem(status: int, title: str, detail: str = "", **more: object) -> Response:
    """Return the answer that tells a program what went wrong; `more` adds members of its own."""
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail} | more
    text = json.dumps(body, ensure_ascii=False)
    return Response(text, status=status, mimetype="application/problem+json")
