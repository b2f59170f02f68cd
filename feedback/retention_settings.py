"""The settings of forgetting: how long each class of data is kept, and what an erasure leaves."""

from collections.abc import Mapping

from feedback import setting_kinds
from feedback.setting_kinds import Setting

_DAYS, _MONTHS = "days; 0 for as long as there is room", "months; 0 for as long as there is room"

RETENTION_SETTINGS: Mapping[str, Setting] = {
    "RETENTION_MONTHS": Setting(
        setting_kinds.months,
        24,
        _MONTHS,
        "what the privacy notice promises: after it an answer says no more whose it was",
    ),
    "KEEP_CONTACT_DAYS": Setting(
        setting_kinds.days,
        90,
        _DAYS,
        "how long after a contact its customer's name and addresses stay, and mails their text",
    ),
    "KEEP_WORDS_MONTHS": Setting(
        setting_kinds.months, 13, _MONTHS, "how long comments and the matter of a contact stay"
    ),
    "KEEP_STAFF_SCORES_MONTHS": Setting(
        setting_kinds.months, 24, _MONTHS, "how long answers stay linked with who served"
    ),
    "KEEP_TRACE_DAYS": Setting(
        setting_kinds.days,
        14,
        _DAYS,
        "how long quick presses, failed tries and answers to repeated calls of programs stay",
    ),
    "KEEP_AUDIT_MONTHS": Setting(
        setting_kinds.months, 36, _MONTHS, "how long the audit log names people and details"
    ),
    "ERASED_ANSWERS": Setting(
        setting_kinds.erased_answers,
        "remove",
        "remove or keep",
        "whether the scores of somebody who is erased go, or stay as anonymous numbers",
    ),
}
