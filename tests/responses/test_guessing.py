"""Guessing links is slowed down per network, by a clock wound by hand."""

from datetime import UTC, datetime, timedelta

from feedback.responses import guessing
from feedback.responses.guessing import Misses

START = datetime(2026, 9, 2, 2, 0, tzinfo=UTC)


def test_thirty_misses_a_minute_are_let_pass_and_the_next_waits() -> None:
    misses = Misses()
    assert [misses.note("a", START + timedelta(seconds=i)) for i in range(30)] == [None] * 30
    assert misses.note("a", START + timedelta(seconds=30)) == timedelta(seconds=30)


def test_another_network_does_not_wait() -> None:
    misses = Misses(misses=1)
    misses.note("a", START)
    assert misses.note("a", START) == timedelta(minutes=1)
    assert misses.note("b", START) is None


def test_slow_misses_never_wait() -> None:
    misses = Misses()
    moments = [START + timedelta(seconds=2.1 * i) for i in range(200)]
    assert not any(misses.note("a", moment) for moment in moments)


def test_who_goes_on_guessing_goes_on_waiting_and_who_stops_is_let_in() -> None:
    misses = Misses(misses=3)
    for i in range(10):
        waits = misses.note("a", START + timedelta(seconds=i))
    assert waits is not None
    assert misses.note("a", START + timedelta(seconds=9 + 60)) is None


def test_only_so_many_networks_are_remembered(monkeypatch) -> None:
    monkeypatch.setattr(guessing, "NETWORKS", 3)
    misses = Misses(misses=1)
    for name in ("a", "b", "c", "a", "d"):
        misses.note(name, START)
    assert misses.note("a", START) is not None, "a had just been seen"
    assert misses.note("b", START) is None, "b had been silent longest"
