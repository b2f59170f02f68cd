"""The site with one bare answer beside it, so that both are measured through the same server."""

from collections.abc import Callable, Iterable
from typing import Any

from wsgi import app as site

StartResponse = Callable[[str, list[tuple[str, str]]], Any]


def app(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
    """Answer /bare with two bytes, and everything else as the site does."""
    if environ["PATH_INFO"] == "/bare":
        start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "2")])
        return [b"ok"]
    return site(environ, start_response)
