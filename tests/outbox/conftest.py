"""A mail server, and an application that sends through it."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask

from tests.outbox.post_office import PostOffice


@pytest.fixture
def office() -> Iterator[PostOffice]:
    with PostOffice() as server:
        yield server


@pytest.fixture
def app(make_app: Callable[..., Flask], office: PostOffice) -> Flask:
    return make_app(**office.settings)
