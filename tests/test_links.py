"""Nonces say which page was shown, for what and when; nobody else's are read."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask

from feedback.links import (
    BadLink,
    own_key,
    page_nonce,
    preferences_token,
    read_own_key,
    read_page_nonce,
    read_preferences_token,
    read_survey_token,
    survey_token,
)
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


def test_each_link_opens_what_it_was_made_for_and_nothing_else(app: Flask) -> None:
    made = {"survey": survey_token, "preferences": preferences_token}
    read = {"survey": read_survey_token, "preferences": read_preferences_token}
    with app.app_context():
        assert read_own_key(own_key(7, START)) == (7, START)
        for purpose, make in made.items():
            token = make(7)
            assert token == make(7)
            for other, opens in read.items():
                if other == purpose:
                    assert opens(token) == 7
                else:
                    with pytest.raises(BadLink):
                        opens(token)
            with pytest.raises(BadLink):
                read_own_key(token)


def test_a_key_is_the_same_for_the_same_moment(app: Flask) -> None:
    """A mail that has to be repeated is the same to the last byte."""
    with app.app_context():
        assert own_key(7, START) == own_key(7, START)
        assert own_key(7, START) != own_key(7, START + timedelta(seconds=1))


@pytest.mark.parametrize("key", ["", "x", ".", "\ud800", "\x00", "WzEsMl0.AAAA", "😀" * 1000])
def test_what_we_did_not_make_is_no_key(app: Flask, key: str) -> None:
    with app.app_context():
        for opens in (read_own_key, read_preferences_token):
            with pytest.raises(BadLink):
                opens(key)


def test_links_made_with_an_older_key_still_open(make_app: Callable[..., Flask]) -> None:
    with make_app(SECRET_KEY="old" * 12).app_context():
        made = preferences_token(7), own_key(7, START)
    with make_app(SECRET_KEY="new" * 12, SECRET_KEY_FALLBACKS="old" * 12).app_context():
        assert read_preferences_token(made[0]) == 7
        assert read_own_key(made[1]) == (7, START)
