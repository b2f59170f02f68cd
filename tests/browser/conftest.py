"""What browser tests may ask for beside Chromium: the application served on a free port."""

import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server


@dataclass(frozen=True)
class LiveSite:
    """The application, and the address it is served at; its links lead there too."""

    app: Flask
    url: str


class _Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *arguments: object) -> None:
        """Say nothing; the tests look at what comes back."""


@pytest.fixture
def database_url(sqlite_template: Path, tmp_path: Path) -> str:
    """SQLite only: what a browser sees does not depend on the database, and it takes its time."""
    path = tmp_path / "feedback.sqlite"
    shutil.copy(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture
def live_site(make_app: Callable[..., Flask]) -> Iterator[LiveSite]:
    """The application served in this process, so that `time` is its clock too."""
    holder: list[Flask] = []
    server = make_server(
        "127.0.0.1",
        0,
        lambda environ, start: holder[0](environ, start),
        threaded=True,
        request_handler=_Quiet,
    )
    url = f"http://127.0.0.1:{server.server_port}"
    holder.append(make_app(PUBLIC_URL=url))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield LiveSite(holder[0], url)
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def app(live_site: LiveSite) -> Flask:
    """The application that is served, for makers and for `session`."""
    return live_site.app
