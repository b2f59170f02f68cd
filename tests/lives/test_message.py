"""Whatever happens to a message, it ends delivered, failed with words, or held for a person."""

from pathlib import Path

import pytest
from flask import Flask

from tests.lives.budget import PATIENCE, found, live
from tests.lives.message import BEGIN, LifeOfAMessage
from tests.lives.message_plants import PLANTS, Plant
from tests.lives.post import posting

pytestmark = pytest.mark.timeout(PATIENCE)

STORIES, STEPS = 40, 10


def tell(app: Flask, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with posting(app, BEGIN, monkeypatch) as post:

        class Here(LifeOfAMessage):
            pass

        Here.app, Here.post, Here.folder = app, post, folder
        live(Here, stories=STORIES, steps=STEPS)


def test_what_is_promised_of_a_message_is_kept(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tell(app, tmp_path, monkeypatch)


@pytest.mark.parametrize("plant", PLANTS, ids=lambda plant: plant.__name__)
def test_each_planted_bug_is_found(
    plant: Plant, app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant(monkeypatch)
    with found(PLANTS[plant]):
        tell(app, tmp_path, monkeypatch)
