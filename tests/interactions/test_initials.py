"""Initials of names, as somebody types them."""

import pytest

from feedback.interactions.initials import initials


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("李静", "lj"), ("王海涛", "wht"), ("张敏", "zm"), ("欧阳娜", "oyn"), ("座啊", "za"),
        ("安安", "aa"), ("Ada L.", "adal"), ("李 Ada", "lada"), ("", ""), ("𠮷", ""), ("가", ""),
    ],
)  # fmt: skip
def test_a_name_has_a_letter_for_each_character(name: str, typed: str) -> None:
    assert initials(name) == typed
