"""What the machines' tests share: which planted bugs are looked for without being asked."""

import os

import pytest


@pytest.fixture(autouse=True)
def _brief(request: pytest.FixtureRequest) -> None:
    """Look for planted bugs by PLANTED=1; without it for the messages' alone, on one database.

    All of them on both take some minutes; the stories themselves are told on both every time.
    """
    name, file = request.node.name, request.node.path.name
    is_planted = name.startswith("test_each_planted_bug_is_found")
    is_quick = file == "test_message.py" and "sqlite" in name
    if is_planted and not is_quick and "PLANTED" not in os.environ:
        pytest.skip("set PLANTED=1 to look for the other planted bugs")
