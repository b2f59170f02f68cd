"""Looks that must not keep whoever asks waiting, however long the database does."""

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from flask import Flask
from flask_babel import force_locale, get_locale

from feedback.database import set_reading

Result = TypeVar("Result")

# A database that hangs holds each of these, and with it a connection others may need.
_AT_ONCE = 3


class TooLong(Exception):
    """Nothing was seen in the time there was."""


class Within(Generic[Result]):
    """Looks in a thread of its own, since nothing else ends waiting for a server that hangs."""

    def __init__(self, app: Flask, look: Callable[[], Result], seconds: float) -> None:
        self._app, self._look, self._seconds = app, look, seconds
        self._seen: Result | None = None
        self._error: Exception | None = None

    def result(self) -> Result:
        """Return what was seen. Raises TooLong, or what looking raised."""
        under_way: list[threading.Thread] = self._app.extensions.setdefault("looks", [])
        under_way[:] = [thread for thread in under_way if thread.is_alive()]
        if len(under_way) >= _AT_ONCE:
            # None of those before has come back; another would not either.
            raise TooLong
        locale = str(get_locale())
        thread = threading.Thread(target=self._run, args=(locale,), daemon=True)
        under_way.append(thread)
        thread.start()
        thread.join(self._seconds)
        if thread.is_alive():
            raise TooLong
        if self._error is not None:
            raise self._error
        return self._seen  # type: ignore[return-value]

    def _run(self, locale: str) -> None:
        with self._app.app_context(), force_locale(locale):
            set_reading(True)
            try:
                self._seen = self._look()
            except Exception as error:
                self._error = error
