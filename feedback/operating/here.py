"""The application itself, for what is kept with it and not in its settings."""

from typing import cast

from flask import Flask, current_app


def this_app() -> Flask:
    """Return the application that answers this request, not the stand-in for it."""
    return cast(Flask, current_app._get_current_object())  # type: ignore[attr-defined]
