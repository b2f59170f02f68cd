"""Nonces say which page was shown, for what and when; nobody else's are read."""

from datetime import timedelta

import pytest
from flask import Flask

from feedback.links import page_nonce, read_page_nonce, survey_token
from tests.conftest import START


@pytest.fixture
def database_url() -> str:
    return "sqlite:///:memory:"


def test_a_nonce_says_what_was_shown(app: Flask) -> None:
    at = START + timedelta(milliseconds=1234)
    with app.app_context():
        shown = read_page_nonce(page_nonce(7, purpose="answer", now=at))
    assert shown is not None
    assert (shown.invitation_id, shown.purpose, shown.at) == (7, "answer", at)


def test_two_showings_at_the_same_moment_are_told_apart(app: Flask) -> None:
    with app.app_context():
        nonces = [page_nonce(7, purpose="answer", now=START) for _ in range(2)]
        pages = {shown.page for nonce in nonces if (shown := read_page_nonce(nonce))}
    assert len(pages) == 2


@pytest.mark.parametrize("nonce", ["", "x", ".", "\ud800", "\x00", "WzEsMl0.AAAA", "😀" * 1000])
def test_what_we_did_not_make_is_no_nonce(app: Flask, nonce: str) -> None:
    with app.app_context():
        assert read_page_nonce(nonce) is None
        assert read_page_nonce(survey_token(7)) is None
