"""How a customer is addressed, from a name as somebody once typed it."""

import re

from feedback.outbox.tidy import GAP, tidy

_COMPOUND = (
    "欧阳", "司马", "诸葛", "上官", "夏侯", "皇甫", "尉迟", "公孙", "慕容", "令狐", "司徒", "东方",
    "独孤", "南宫", "西门", "端木", "轩辕", "长孙", "宇文", "鲜于", "闻人", "公冶", "澹台", "歐陽",
    "司馬", "諸葛", "尉遲", "公孫", "東方", "獨孤", "南宮", "西門", "軒轅", "長孫", "鮮于", "聞人",
)  # fmt: skip
_HONORIFICS = (
    "先生", "女士", "小姐", "太太", "夫人", "老师", "教授", "博士", "同学", "医生", "大夫", "律师",
    "师傅", "经理", "主任", "主管", "店长", "校长", "院长", "局长", "处长", "科长", "总",
)  # fmt: skip
_COMPANY = ("公司", "集团", "厂", "店", "中心", "有限", "商行", "企业")
_BRACKETS = re.compile(r"[(（\[【].*?[)）\]】]")
_CHINESE = r"[\u3400-\u9fff\U00020000-\U0003ffff]"
_BETWEEN_CHINESE = re.compile(f"(?<={_CHINESE}) (?={_CHINESE})")
# A dot in the middle means that this is no surname with a given name behind it.
_MIDDLE_DOTS = "·・•‧∙•"
# Longer than this, or with an address in it, it is not a name.
_LONGEST = 60


def salutation(name: str, gender: str, locale: str) -> str:
    """Return the first line of a mail: 尊敬的王先生： — or one that guesses nothing."""
    name = tidy(_BRACKETS.sub("", name), _LONGEST)
    if GAP in name or _is_company(name):
        name = ""
    if locale.startswith("zh"):
        said = _in_chinese(_BETWEEN_CHINESE.sub("", name), gender)
        return said.replace("客户", "客戶") if locale == "zh-Hant" and not name else said
    if locale.split("-")[0] == "de":
        return f"Guten Tag {name}," if name else "Guten Tag,"
    return f"Dear {name}," if name else "Dear customer,"


def masked_name(name: str) -> str:
    """Return the name as far as its owner knows it and a stranger does not: 王**, or nothing."""
    name = _BRACKETS.sub("", name).strip()
    if not name or _is_company(name):
        return ""
    return f"{name[:2] if name[:2] in _COMPOUND and len(name) > 2 else name[0]}**"


def _is_company(name: str) -> bool:
    return any(word in name.removesuffix("店长") for word in _COMPANY)


def _in_chinese(name: str, gender: str) -> str:
    if not name:
        return "尊敬的客户："
    if not re.search(_CHINESE, name):
        return f"{name}，您好："
    if name.endswith(_HONORIFICS) and len(name) > 1:
        # 小姐 has a second meaning in the mainland, so nobody is called that by us.
        return f"尊敬的{name.removesuffix('小姐')}{'女士' if name.endswith('小姐') else ''}："
    title = {"male": "先生", "female": "女士"}.get(gender)
    if title is None or name in _COMPOUND or any(dot in name for dot in _MIDDLE_DOTS):
        return f"尊敬的{name}："
    surname = name[:2] if name[:2] in _COMPOUND else name[0]
    return f"尊敬的{surname}{title}："
