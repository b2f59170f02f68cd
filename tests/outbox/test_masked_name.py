"""A name is shown so that its owner knows it and a stranger does not."""

import pytest

from feedback.outbox.salutation import masked_name


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("王伟", "王**"),
        ("王", "王**"),
        ("欧阳娜娜", "欧阳**"),
        ("欧阳", "欧**"),
        ("张三(VIP)", "张**"),
        ("买买提·艾力", "买**"),
        ("John Smith", "J**"),
        ("𠮷田", "𠮷**"),
        ("杭州示例贸易有限公司", ""),
        ("", ""),
        ("  ", ""),
        ("（黑名单）", ""),
    ],
)
def test_a_name_is_masked(name: str, shown: str) -> None:
    assert masked_name(name) == shown
