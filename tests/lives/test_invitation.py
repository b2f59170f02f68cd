"""Whatever happens in whatever order, what is promised to customers is kept, and counted right."""

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from feedback.invitations.unwanted import why_unwanted
from tests.conftest import Time
from tests.lives.asking import BEGIN
from tests.lives.budget import PATIENCE, found, live
from tests.lives.invitation import LifeOfAnInvitation
from tests.lives.invitation_plants import PLANTS, Plant
from tests.lives.post import posting

pytestmark = pytest.mark.timeout(PATIENCE)

STORIES, STEPS = 28, 8
# It ends with the first that finds the bug.
STORIES_WITH_A_BUG = 400


@pytest.fixture
def machine(
    app: Flask, session: Session, client: FlaskClient, time: Time, monkeypatch: pytest.MonkeyPatch
) -> Iterator[type[LifeOfAnInvitation]]:
    with posting(app, BEGIN, monkeypatch) as post:
        post.unwanted = why_unwanted

        class Here(LifeOfAnInvitation):
            pass

        Here.app, Here.session, Here.client, Here.hands = app, session, client, time
        Here.post = post
        yield Here


def test_what_is_promised_of_an_invitation_is_kept(machine: type[LifeOfAnInvitation]) -> None:
    live(machine, stories=STORIES, steps=STEPS)


@pytest.mark.parametrize("plant", PLANTS, ids=lambda plant: plant.__name__)
def test_each_planted_bug_is_found(
    plant: Plant, machine: type[LifeOfAnInvitation], monkeypatch: pytest.MonkeyPatch
) -> None:
    plant(monkeypatch)
    with found(PLANTS[plant]):
        live(machine, stories=STORIES_WITH_A_BUG, steps=STEPS)
