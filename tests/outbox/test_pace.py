"""Whom we leave alone, and for how long."""

from datetime import UTC, datetime, timedelta

from feedback.outbox.pace import SERVER, Pace

NOW = datetime(2026, 6, 1, 3, 0, tzinfo=UTC)


def waits(pace: Pace, whom: str, times: int) -> list[float]:
    """Be refused again and again, as soon as one may knock; return the pauses in seconds."""
    now, found = NOW, []
    for _time in range(times):
        until = pace.refused(whom, now)
        found.append((until - now).total_seconds())
        now = until
    return found


def test_a_server_is_left_alone_twice_as_long_each_time_but_never_long() -> None:
    assert waits(Pace(), SERVER, 6) == [10, 20, 40, 80, 120, 120]


def test_a_domain_is_left_alone_for_up_to_an_hour() -> None:
    assert waits(Pace(), "qq.com", 8) == [60, 120, 240, 480, 960, 1920, 3600, 3600]


def test_what_several_threads_learn_at_once_is_one_refusal() -> None:
    pace = Pace()
    assert {pace.refused("qq.com", NOW) for _thread in range(4)} == {NOW + timedelta(minutes=1)}


def test_it_ends_with_the_time_or_with_a_mail_that_is_taken() -> None:
    pace = Pace()
    pace.refused("qq.com", NOW)
    pace.refused(SERVER, NOW)
    assert pace.resting(NOW) == {"qq.com", SERVER}
    assert pace.resting(NOW + timedelta(seconds=30)) == {"qq.com"}
    assert pace.resting(NOW + timedelta(minutes=1)) == set()
    pace.accepted("qq.com")
    assert waits(pace, "qq.com", 1) == [60]
