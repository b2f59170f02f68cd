"""How much a machine may try: the same stories each time in CI, ever new ones in a long run."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test
from sqlalchemy.exc import IntegrityError

# `HYPOTHESIS_PROFILE=long pytest tests/lives -k kept` tells new stories, for about an hour.
IS_LONG = os.environ.get("HYPOTHESIS_PROFILE") == "long"
_LONGER = 60
# Seconds for a test, on a machine that may have other things to do; a long run has all the time.
PATIENCE = 0 if IS_LONG else 900


def live(machine: type[RuleBasedStateMachine], *, stories: int, steps: int) -> None:
    """Let the machine tell so many stories of at most so many steps; raise what it finds."""
    told = 0

    class Counted(machine):  # type: ignore[misc,valid-type]
        def teardown(self) -> None:
            nonlocal told
            super().teardown()
            told += 1
            if IS_LONG and told % 10 == 0:
                sys.stderr.write(f"{told} stories\n")

    run_state_machine_as_test(
        Counted,
        settings=settings(
            max_examples=stories * _LONGER if IS_LONG else stories,
            stateful_step_count=steps * 2 if IS_LONG else steps,
            derandomize=not IS_LONG,
            database=None,
            deadline=None,
            report_multiple_bugs=False,
            # A story that breaks a promise is short enough; to shorten it takes minutes.
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )


@contextmanager
def found(words: str) -> Iterator[None]:
    """Expect that what the block lives through is found, and found as what it is."""
    # Some of it the database itself forbids.
    with pytest.raises((AssertionError, IntegrityError), match=words):
        yield
