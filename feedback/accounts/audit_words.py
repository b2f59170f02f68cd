"""The audit log in words: what was done, by whom, to what, and where the log is broken."""

import json

from flask_babel import LazyString, lazy_gettext
from flask_babel import gettext as _

from feedback.accounts.acting import CUSTOMER
from feedback.accounts.audit_check import Break
from feedback.accounts.audit_redact import ACTOR, BLANKS
from feedback.accounts.models import AuditEntry

_REDACTED = BLANKS[ACTOR]
ACTIONS: dict[str, LazyString] = {
    "sign_in.begun": lazy_gettext("Signed in"),
    "sign_in.failed": lazy_gettext("Failed to sign in"),
    "sign_in.ended": lazy_gettext("Signed out"),
    "user.added": lazy_gettext("Person added"),
    "user.changed": lazy_gettext("Own name or language changed"),
    "user.role_changed": lazy_gettext("Role changed"),
    "user.linked": lazy_gettext("Staff record linked"),
    "user.left": lazy_gettext("Person marked as left"),
    "user.returned": lazy_gettext("Person let in again"),
    "user.password_link_made": lazy_gettext("Link for a password made"),
    "user.password_link_mailed": lazy_gettext("Link for a password mailed"),
    "user.password_set": lazy_gettext("Password set"),
    "user.identity_forgotten": lazy_gettext("Sign-in at the provider to be matched anew"),
    "user.signed_out": lazy_gettext("Signed out everywhere"),
    "two_step.turned_on": lazy_gettext("Two-step sign-in turned on"),
    "two_step.turned_off": lazy_gettext("Two-step sign-in turned off"),
    "two_step.new_codes": lazy_gettext("New recovery codes made"),
    "two_step.reset": lazy_gettext("Two-step sign-in reset"),
    "two_step.obliged": lazy_gettext("Obliged to sign in in two steps"),
    "two_step.released": lazy_gettext("No longer obliged to sign in in two steps"),
    "two_step.roles_changed": lazy_gettext("Roles that sign in in two steps changed"),
    "key.made": lazy_gettext("API key made"),
    "key.revoked": lazy_gettext("API key revoked"),
    "organisation.set_up": lazy_gettext("Organisation set up"),
    "organisation.changed": lazy_gettext("Organisation changed"),
    "staff.added": lazy_gettext("Staff record added"),
    "staff.changed": lazy_gettext("Staff record changed"),
    "staff.moved": lazy_gettext("Teams of a staff member changed"),
    "team.added": lazy_gettext("Team added"),
    "team.changed": lazy_gettext("Team changed"),
    "message.tried_again": lazy_gettext("Mail let go again"),
    "address.forgiven": lazy_gettext("Address written to again"),
    "message.cancelled": lazy_gettext("Mail cancelled"),
    "touchpoint.added": lazy_gettext("Touchpoint added"),
    "touchpoint.changed": lazy_gettext("Touchpoint changed"),
    "touchpoint.switched_on": lazy_gettext("Touchpoint switched on"),
    "touchpoint.switched_off": lazy_gettext("Touchpoint switched off"),
    "survey.begun": lazy_gettext("Survey’s draft begun"),
    "survey.saved": lazy_gettext("Survey’s draft saved"),
    "survey.dropped": lazy_gettext("Survey’s draft thrown away"),
    "survey.published": lazy_gettext("Survey published"),
    "survey.changed": lazy_gettext("Survey’s purpose or owner changed"),
    "target.set": lazy_gettext("Target set"),
    "target.confirmed": lazy_gettext("Target confirmed"),
    "target.declined": lazy_gettext("Target declined"),
    "annotation.added": lazy_gettext("Annotation added"),
    "annotation.withdrawn": lazy_gettext("Annotation withdrawn"),
    "do_not_ask.added": lazy_gettext("Rule of whom not to ask added"),
    "do_not_ask.ended": lazy_gettext("Rule of whom not to ask ended"),
    "calendar.decided": lazy_gettext("Working days decided"),
    "calendar.undecided": lazy_gettext("Working day left to the calendar"),
    "brand.added": lazy_gettext("Brand added"),
    "brand.changed": lazy_gettext("Brand changed"),
    "notice.published": lazy_gettext("Privacy notice published"),
    "answer.let_count": lazy_gettext("Held answer let count"),
    "retention.agreed": lazy_gettext("Lengths of keeping agreed to"),
    "retention.ran": lazy_gettext("What was too old deleted"),
    "staff.erased": lazy_gettext("Staff member erased"),
    "customer.erased": lazy_gettext("Customer erased"),
    "response.withdrawn": lazy_gettext("Answer taken back"),
    "mail.settings_changed": lazy_gettext("Mail settings changed"),
    "mail.tested": lazy_gettext("Test mail asked for"),
    "asking.prepared": lazy_gettext("Touchpoint made ready to go live"),
    "asking.simulated": lazy_gettext("Going live simulated"),
    "asking.went_live": lazy_gettext("Went live"),
    "asking.went_everywhere": lazy_gettext("Other touchpoints switched on again"),
    "asking.paused": lazy_gettext("Everything paused"),
    "asking.resumed": lazy_gettext("Asking taken up again"),
    "data.taken": lazy_gettext("Data taken out"),
    "file.imported": lazy_gettext("File imported"),
    "backup.restored": lazy_gettext("Backup put back"),
    "demo.loaded": lazy_gettext("Demo loaded"),
}
# What the details of an entry call things; the rest is called by its column.
_NAMES: dict[str, LazyString] = {
    "MAIL_PORT": lazy_gettext("Port"),
    "MAIL_SENDER": lazy_gettext("Sender"),
    "MAIL_SERVER": lazy_gettext("Mail server"),
    "MAIL_USERNAME": lazy_gettext("User name"),
    "accent": lazy_gettext("Colour"),
    "account": lazy_gettext("Account"),
    "by": lazy_gettext("In whose name, or how"),
    "browsers": lazy_gettext("Browsers"),
    "channel_code": lazy_gettext("Channel"),
    "closed": lazy_gettext("Team closed"),
    "company_en": lazy_gettext("Company in English"),
    "company_zh": lazy_gettext("Company in Chinese"),
    "contact": lazy_gettext("Contact"),
    "created": lazy_gettext("Rows created"),
    "day": lazy_gettext("Day"),
    "delay_minutes": lazy_gettext("Delay in minutes"),
    "duplicate": lazy_gettext("Duplicates"),
    "email": lazy_gettext("E-mail address"),
    "failed_before": lazy_gettext("Failed tries before"),
    "footer_en": lazy_gettext("Foot in English"),
    "footer_zh": lazy_gettext("Foot in Chinese"),
    "format": lazy_gettext("Form of the file"),
    "from": lazy_gettext("From"),
    "from_day": lazy_gettext("From"),
    "left_on": lazy_gettext("Left on"),
    "locale": lazy_gettext("Language"),
    "logo": lazy_gettext("Logo"),
    "log_given_up": lazy_gettext("The log given up"),
    "made_at": lazy_gettext("Made"),
    "metric": lazy_gettext("Figure"),
    "must_wait": lazy_gettext("Has to wait"),
    "name": lazy_gettext("Name"),
    "name_en": lazy_gettext("Name in English"),
    "name_zh": lazy_gettext("Name in Chinese"),
    "number": lazy_gettext("Staff number"),
    "password_set": lazy_gettext("New password"),
    "profile": lazy_gettext("Profile"),
    "read": lazy_gettext("Rows read"),
    "reason": lazy_gettext("Reason"),
    "refused": lazy_gettext("Rows refused"),
    "reply_to": lazy_gettext("Answers go to"),
    "role": lazy_gettext("Role"),
    "roles": lazy_gettext("Roles"),
    "rows": lazy_gettext("Rows"),
    "second": lazy_gettext("Second step"),
    "sampling_rate": lazy_gettext("Share asked"),
    "scopes": lazy_gettext("What it may do"),
    "sender_address": lazy_gettext("Sender’s address"),
    "sender_name": lazy_gettext("Sender’s name"),
    "staff": lazy_gettext("Staff record"),
    "team": lazy_gettext("Team"),
    "text": lazy_gettext("Text"),
    "to": lazy_gettext("To"),
    "to_day": lazy_gettext("To"),
    "tries": lazy_gettext("Tries"),
    "updated": lazy_gettext("Brought up to date"),
    "value": lazy_gettext("Value"),
    "waiting": lazy_gettext("Mails waiting"),
    "wave": lazy_gettext("Wave"),
}


def action_words(action: str) -> str:
    """Return what was done; what has no words yet is called as the log calls it."""
    return str(ACTIONS.get(action, action))


def actor_words(entry: AuditEntry) -> str:
    """Return who did it."""
    if entry.redacted_at is not None and entry.actor_name == _REDACTED:
        return str(_("a name taken out since"))
    words = {
        "key": _("the key %(name)s", name=entry.actor_name),
        "worker": _("the worker"),
        "nobody": _("a customer")
        if entry.actor_name == CUSTOMER.name
        else _("somebody not signed in"),
    }
    return str(words.get(entry.actor_kind, entry.actor_name))


def detail_words(entry: AuditEntry) -> list[tuple[str, str]]:
    """Return what the details say, by name: a value, or what it was and has become."""
    return [
        (str(_NAMES.get(name, name)), _said(value))
        for name, value in json.loads(entry.details).items()
    ]


def _said(value: object) -> str:
    if isinstance(value, dict) and value.keys() == {"before", "after"}:
        return f"{_said(value['before'])} → {_said(value['after'])}"
    if isinstance(value, dict):
        return " · ".join(f"{name}: {_said(one)}" for name, one in value.items()) or "–"
    if isinstance(value, list):
        return " · ".join(map(_said, value)) or "–"
    if isinstance(value, bool):
        return str(_("yes") if value else _("no"))
    return "–" if value in (None, "") else str(value)


def break_words(found: Break) -> str:
    """Return what is wrong with the log at its first break."""
    number = found.number
    words = {
        "changed": _(
            "Entry %(number)s does not say what it said when it was written.", number=number
        ),
        "reordered": _("Entry %(number)s was written in another place.", number=number),
        "removed": _("Entry %(number)s is missing.", number=number),
        "inserted": _("Entry %(number)s was not written after the one before it.", number=number),
        "truncated": _(
            "The log ended later: entry %(number)s and all after it are missing.", number=number
        ),
        "end": _("The record of where the log ends does not fit entry %(number)s.", number=number),
        "unsealed": _(
            "Entry %(number)s fits, but was not sealed with a key of ours.", number=number
        ),
        "anchor": _("No entry has that head: the log was cut off or written anew since."),
    }
    return str(words[found.kind])
