"""Every invitation goes out, and each repeat is known, whoever dies and however ill the server."""

import pytest

from bench.faults import mail
from tests.faults.conftest import Begin

# Processes start and die here, on machines that may have other things to do.
pytestmark = pytest.mark.timeout(900)


def test_killed_at_any_line_a_message_arrives_and_its_repeat_is_listed(begin: Begin) -> None:
    found = mail.killed_at_every_line(begin())
    assert found.broken == []
    assert found.trials > 3


def test_workers_side_by_side_bring_each_message_once(begin: Begin) -> None:
    found = mail.side_by_side(begin())
    assert found.broken == []
    assert found.trials == 80


def test_workers_killed_at_random_lose_nothing_and_repeat_no_more_than_they_died(
    begin: Begin,
) -> None:
    found = mail.killed_at_random(begin())
    assert found.broken == []
    assert found.trials >= 4


def test_a_server_that_is_away_refuses_or_drops_costs_nobody_their_mail(begin: Begin) -> None:
    found = mail.ill(begin())
    assert found.broken == []
    assert found.counts["refused for good"] > 0


def test_a_server_that_takes_twenty_at_a_time_gets_twenty_at_a_time(begin: Begin) -> None:
    assert mail.limited(begin()).broken == []


def test_one_hung_connection_delays_the_others_by_its_timeout_at_most(begin: Begin) -> None:
    assert mail.hanging(begin()).broken == []


@pytest.mark.parametrize("bug", list(mail.PLANTS))
def test_each_planted_bug_is_found(bug: str, begin: Begin) -> None:
    broken = [what for found in mail.run(begin(bug)) for what in found.broken]
    assert any(what.startswith(mail.PLANTS[bug]) for what in broken)
