"""What a brand says of privacy: the house's own wording, and how its places are filled.

A text is paragraphs with an empty line between them. `{company}`, `{contact}` and `{months}` stand
for what is said elsewhere; a paragraph with a place nobody has filled is left out.
"""

import re
from collections.abc import Iterable, Mapping

PLACES = ("company", "contact", "months")
# The languages every notice is written in; others may be added to it.
LOCALES = ("zh-Hans", "en")

_PLACE = re.compile(r"\{([^{}]*)\}")
_EMPTY_LINE = re.compile(r"\n\s*\n")

# What PIPL, Article 17, asks for: who, how to reach them, what for, what, how, how long, rights.
DEFAULT = {
    "zh-Hans": (
        "{company}为改进服务质量，处理您在本问卷中填写的评分与意见。\n\n"
        "处理方式为电子存储与统计分析，并与本次服务记录（时间、渠道、服务人员）关联；"
        "该服务人员及其主管可以看到。\n\n"
        "保存期限为{months}个月，期满删除或匿名化；除委托处理外，不向第三方提供。"
        "是否填写由您决定，不填写或撤回不影响您获得服务。\n\n"
        "查阅、更正、删除您的信息，或撤回同意，请联系：{contact}"
    ),
    "en": (
        "{company} handles the scores and words you enter here to improve its service.\n\n"
        "They are kept electronically, counted, and linked with the record of this contact: when, "
        "on which channel, and who served you. That person and their lead can read them.\n\n"
        "They are kept for {months} months, then deleted or made anonymous, and given to nobody "
        "else but those who work on our behalf. Answering is voluntary; not answering, or "
        "withdrawing, changes nothing about your service.\n\n"
        "To see, correct or delete your data, or to withdraw your consent: {contact}"
    ),
}

# The same for customers who read neither; no version of a notice is kept in them.
TRANSLATED = {
    "zh-Hant": (
        "{company}為改進服務品質，處理您在本問卷中填寫的評分與意見。\n\n"
        "處理方式為電子儲存與統計分析，並與本次服務記錄（時間、管道、服務人員）關聯；"
        "該服務人員及其主管可以看到。\n\n"
        "保存期限為{months}個月，期滿刪除或匿名化；除委託處理外，不向第三方提供。"
        "是否填寫由您決定，不填寫或撤回不影響您獲得服務。\n\n"
        "查閱、更正、刪除您的資料，或撤回同意，請聯絡：{contact}"
    ),
    "de": (
        "{company} verarbeitet die Bewertungen und Worte, die Sie hier eingeben, um den Service zu "
        "verbessern.\n\n"
        "Sie werden elektronisch gespeichert, ausgezählt und mit den Angaben zu diesem Kontakt "
        "verbunden: wann er war, auf welchem Weg und wer Sie betreut hat. Diese Person und ihre "
        "Führungskraft können sie lesen.\n\n"
        "Sie werden {months} Monate aufbewahrt, dann gelöscht oder anonymisiert und an niemanden "
        "weitergegeben außer an die, die in unserem Auftrag arbeiten. Die Antwort ist freiwillig; "
        "wer nicht antwortet oder widerruft, wird genauso bedient.\n\n"
        "Um Ihre Daten einzusehen, zu berichtigen oder zu löschen oder Ihre Einwilligung zu "
        "widerrufen: {contact}"
    ),
}


def paragraphs(text: str) -> list[str]:
    """Return a text's paragraphs."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return [part.strip() for part in _EMPTY_LINE.split(lines) if part.strip()]


def filled(template: str, values: Mapping[str, str]) -> str:
    """Return the text with its places filled, without the paragraphs that have an empty one."""
    kept = [
        part
        for part in paragraphs(template)
        if all(values.get(name) for name in _PLACE.findall(part))
    ]
    # In one step, so that a company called "{months}" keeps its name.
    return "\n\n".join(_PLACE.sub(lambda place: values[place[1]], part) for part in kept)


def unknown_places(template: str) -> list[str]:
    """Return what stands in braces and is no place, as it is written."""
    return [f"{{{name}}}" for name in _PLACE.findall(template) if name not in PLACES]


def unfilled(templates: Iterable[str], values: Mapping[str, str]) -> list[str]:
    """Return the places that some text has and nobody has filled."""
    asked = {name for template in templates for name in _PLACE.findall(template)}
    return [name for name in PLACES if name in asked and not values.get(name)]
