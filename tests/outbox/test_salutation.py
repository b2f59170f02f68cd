"""How a customer is addressed: the table, row by row, and what lies beside it."""

import pytest

from feedback.outbox.salutation import salutation


@pytest.mark.parametrize(
    ("name", "gender", "expected"),
    [
        ("王伟", "male", "尊敬的王先生："),
        ("王芳", "female", "尊敬的王女士："),
        ("欧阳娜娜", "female", "尊敬的欧阳女士："),
        ("歐陽娜娜", "female", "尊敬的歐陽女士："),
        ("李女士", "", "尊敬的李女士："),
        ("李女士", "female", "尊敬的李女士："),
        ("王小姐", "female", "尊敬的王女士："),
        ("张总", "male", "尊敬的张总："),
        ("刘医生", "", "尊敬的刘医生："),
        ("陈店长", "", "尊敬的陈店长："),
        ("王伟", "", "尊敬的王伟："),
        ("王伟", "unknown", "尊敬的王伟："),
        ("", "male", "尊敬的客户："),
        ("　 ", "", "尊敬的客户："),
        ("买买提·艾力", "male", "尊敬的买买提·艾力："),
        ("买买提•艾力", "male", "尊敬的买买提•艾力："),
        ("John Smith", "male", "John Smith，您好："),
        ("杭州示例贸易有限公司", "", "尊敬的客户："),
        ("张三(VIP)", "", "尊敬的张三："),
        ("张三（老客户）", "male", "尊敬的张先生："),
        ("欧阳", "male", "尊敬的欧阳："),
        ("王 伟", "", "尊敬的王伟："),
        ("𠮷田", "male", "尊敬的𠮷先生："),
        ("김민수", "male", "김민수，您好："),
    ],
)
def test_in_chinese(name: str, gender: str, expected: str) -> None:
    assert salutation(name, gender, "zh-Hans") == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("John Smith", "Dear John Smith,"),
        ("王伟", "Dear 王伟,"),
        ("", "Dear customer,"),
        ("杭州示例贸易有限公司", "Dear customer,"),
    ],
)
def test_in_english(name: str, expected: str) -> None:
    assert salutation(name, "male", "en") == expected


@pytest.mark.parametrize(
    "name",
    [
        "王伟 http://evil.test/x",
        "登录 evil.com 领取",
        "w@evil.test",
        "王" * 200,
    ],
)
def test_what_is_no_name_is_not_taken_for_one(name: str) -> None:
    assert salutation(name, "male", "zh-Hans") == "尊敬的客户："
    assert salutation(name, "male", "en") == "Dear customer,"


def test_a_name_stays_on_its_line_and_turns_nothing_round() -> None:
    assert salutation("王\u202e伟\n\n请转账", "", "zh-Hans") == "尊敬的王伟请转账："
    assert "\n" not in salutation("Smith\r\nBcc: x", "", "en")
