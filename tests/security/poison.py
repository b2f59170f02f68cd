"""Puts hostile text into every text the database keeps.

The two tables below name every column of text there is; one that is in neither fails the test, so
that whoever adds one says whether somebody else's words can stand in it.
"""

from collections.abc import Callable
from itertools import count

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from feedback.database import Base

# Words somebody wrote, or another system sent.
WORDS = {
    "annotation": {"text"},
    "answer": {"comment"},
    "api_key": {"name"},
    "bounce": {"words"},
    "brand": {
        "name_en", "name_zh", "company_en", "company_zh", "contact", "sender_name",
        "sender_address", "reply_to", "footer_en", "footer_zh",
    },
    "channel": {"name_en", "name_zh"},
    "customer": {"key"},
    "do_not_ask": {"value", "reason"},
    "former_answer": {"comment"},
    "holiday": {"name"},
    "interaction": {
        "source", "external_id", "kind", "status", "subject", "customer_name", "customer_phone",
        "segment", "tags", "location", "product",
    },
    "message": {"recipient", "sender", "reply_to", "subject", "text", "html", "claimed_by",
                "server_reply"},
    "milestone": {"detail"},
    "notice_text": {"template", "text"},
    "option_text": {"label"},
    "organisation": {"name_en", "name_zh", "contact"},
    "pause": {"paused_by", "reason", "resumed_by"},
    "question_text": {"prompt", "low_label", "high_label", "hint"},
    "response": {"excluded_because"},
    "sign_in": {"agent"},
    "staff_member": {"external_id", "name", "email"},
    "survey": {"owner_name", "owner_email", "purpose_en", "purpose_zh"},
    "survey_text": {"title", "intro"},
    "target": {"reason"},
    "team": {"name"},
    "touchpoint": {
        "name_en", "name_zh", "goal_en", "goal_zh", "norms_en", "norms_zh", "owner_name",
        "owner_email", "responsible", "kind",
    },
    "upload": {"name"},
    "user_account": {"name"},
    "worker_beat": {"worker"},
    "worker_pulse": {"worker"},
}  # fmt: skip
# Kinds, codes and digests of ours; what the log holds, which cannot be changed and is filled by
# the forms; and addresses that are checked before they come in and are needed to sign in.
OURS = {
    "answer": {"question_key", "choice", "metric"},
    "api_key": {"secret_digest"},
    "api_key_scope": {"scope"},
    "attempt": {"subject"},
    "audit_entry": {
        "actor_kind", "actor_name", "action", "about_kind", "about_id", "about_name", "details",
        "previous", "hash", "seal", "redaction_seal",
    },
    "audit_head": {"hash"},
    "bounce": {"kind", "address_digest", "status"},
    "brand": {"accent", "logo_digest"},
    "agreed_period": {"name"},
    "annotation": {"subject"},
    "channel": {"code"},
    "chosen_setting": {"name", "value"},
    "do_not_ask": {"what"},
    "erasure": {"asked_by"},
    "former_answer": {"question_key", "choice"},
    "idempotent_call": {"key", "request_digest", "body"},
    "interaction": {"customer_email", "customer_gender", "customer_locale"},
    "invitation": {"address_digest", "withheld_because"},
    "kind_suppression": {"address_digest"},
    "logo": {"digest"},
    "look": {"page"},
    "mail_language": {"address_digest", "locale"},
    "message": {"kind", "locale", "message_id"},
    "milestone": {"name"},
    "notice": {"mode"},
    "notice_text": {"locale"},
    "option": {"value", "side"},
    "option_text": {"locale"},
    "question": {"key", "kind", "after_key", "after_side"},
    "question_text": {"locale"},
    "quick_post": {"page"},
    "response": {"locale", "provenance", "suspected_because"},
    "identity": {"subject", "issuer"},
    "recovery_code": {"digest"},
    "sign_in": {"digest", "network"},
    "reset_request": {"email", "locale"},
    "suppression": {"address_digest", "reason"},
    "survey": {"key"},
    "survey_text": {"locale"},
    "tally": {"subject", "metric", "grain"},
    "target": {"metric", "subject"},
    "touchpoint": {
        "key", "channel_code", "survey_key", "follow_up_survey_key", "follow_up", "asking_channel",
    },
    "user_account": {"email", "role", "password_hash", "locale", "two_step_secret"},
    "worker_pulse": {"doing"},
}  # fmt: skip


def texts() -> dict[str, set[str]]:
    """Return every column of text, by its table."""
    return {
        table.name: {column.name for column in table.columns if isinstance(column.type, sa.String)}
        for table in Base.metadata.sorted_tables
    }


def poison(session: Session, text: Callable[[int], str]) -> int:
    """Write over every word in every row, each time another text; return how many."""
    numbers = count(1)
    done = 0
    for table in Base.metadata.sorted_tables:
        keys = {column.name for column in table.primary_key.columns}
        names = sorted(WORDS.get(table.name, set()) - keys)
        for row in session.execute(sa.select(table)).mappings().all() if names else ():
            where = [table.c[name] == row[name] for name in keys]
            values = {name: text(next(numbers)) for name in names}
            try:
                with session.begin_nested():
                    session.execute(sa.update(table).where(*where).values(values))
            except IntegrityError:
                # Where something has to be empty, such as the names of the house's own brand.
                values = {name: value for name, value in values.items() if row[name]}
                if values:
                    session.execute(sa.update(table).where(*where).values(values))
            done += len(values)
    session.commit()
    return done
