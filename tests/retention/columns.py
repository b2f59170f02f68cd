"""Whose data each column of text holds, and what becomes of it; the tests hold it to the database.

A column that is in none of the three fails the build, so that whoever adds one says whether it
tells of somebody, and sees that an erasure reaches it.
"""

# What tells who a customer is, or what they wrote: gone after `flask erase`.
OF_CUSTOMERS = {
    "answer": {"comment"},
    "bounce": {"words"},
    "customer": {"key"},
    "former_answer": {"comment", "choice"},
    "idempotent_call": {"body"},
    "interaction": {
        "external_id", "subject", "customer_name", "customer_gender", "customer_email",
        "customer_phone", "customer_locale", "segment", "tags", "location", "product",
    },
    "kind_suppression": {"address_digest"},
    "mail_language": {"address_digest"},
    "message": {"recipient", "subject", "text", "html", "server_reply"},
    "quick_post": {"page"},
}  # fmt: skip

# What tells who somebody is who works here: gone after `flask erase-staff`. What is theirs and a
# customer's, too, such as a comment, goes where it is about them.
OF_STAFF = {
    "audit_entry": {"actor_name", "about_name", "details"},
    "identity": {"issuer", "subject"},
    "look": {"page"},
    "pause": {"paused_by", "resumed_by"},
    "recovery_code": {"digest"},
    "reset_request": {"email", "locale"},
    "sign_in": {"digest", "agent", "network"},
    "staff_member": {"external_id", "name", "email"},
    "survey": {"owner_name", "owner_email"},
    "touchpoint": {"owner_name", "owner_email"},
    "upload": {"name"},
    "user_account": {"email", "name", "password_hash", "locale", "two_step_secret"},
}  # fmt: skip

_WORDING = "what the house says to everybody"
_CODE = "a kind or code of ours, the same for many"
_DIGEST = "a digest under our key, kept so that a wish or a link holds; see docs/privacy.md"
_HOUSE = "what somebody wrote for the house in their own words; its author is a number beside it"
_CHAIN = "holds the audit log together and says nothing of anybody"

# What stays, because.
STAYS = {
    "agreed_period": {"name": _CODE},
    "annotation": {"text": _HOUSE, "subject": _CODE},
    "answer": {"question_key": _CODE, "choice": _CODE, "metric": _CODE},
    "api_key": {"name": "a program's name", "secret_digest": "a program's"},
    "api_key_scope": {"scope": _CODE},
    "attempt": {"subject": "a digest or a network; two weeks at most, an account's at once"},
    "audit_entry": {
        "actor_kind": _CODE, "action": _CODE, "about_kind": _CODE,
        "about_id": "a number that leads to a blank row", "previous": _CHAIN, "hash": _CHAIN,
        "seal": _CHAIN, "redaction_seal": _CHAIN,
    },
    "audit_head": {"hash": _CHAIN},
    "bounce": {"kind": _CODE, "address_digest": _DIGEST, "status": _CODE},
    "brand": dict.fromkeys(
        ("name_en", "name_zh", "company_en", "company_zh", "contact", "sender_name",
         "sender_address", "reply_to", "footer_en", "footer_zh", "accent", "logo_digest"),
        _WORDING,
    ),
    "channel": {"code": _CODE, "name_en": _WORDING, "name_zh": _WORDING},
    "chosen_setting": {"name": _CODE, "value": "a setting of the house"},
    "do_not_ask": {"what": _CODE, "value": "a kind of contact, no contact", "reason": _HOUSE},
    "erasure": {"asked_by": _CODE},
    "former_answer": {"question_key": _CODE},
    "holiday": {"name": _WORDING},
    "idempotent_call": {"key": "a program's own", "request_digest": "a digest; two weeks at most"},
    "interaction": {"source": _CODE, "kind": _CODE, "status": _CODE},
    "invitation": {"address_digest": _DIGEST, "withheld_because": _CODE},
    "logo": {"digest": _WORDING},
    "mail_language": {"locale": _CODE},
    "message": {
        "kind": _CODE, "locale": _CODE, "sender": _WORDING, "reply_to": _WORDING,
        "message_id": "random, so that a repeat is known", "claimed_by": "a worker's name",
    },
    "milestone": {"name": _CODE, "detail": "what a backup or a test came to"},
    "notice": {"mode": _CODE},
    "notice_text": {"locale": _CODE, "template": _WORDING, "text": _WORDING},
    "option": {"value": _CODE, "side": _CODE},
    "option_text": {"locale": _CODE, "label": _WORDING},
    "organisation": {"name_en": _WORDING, "name_zh": _WORDING, "contact": _WORDING},
    "pause": {"reason": _HOUSE},
    "question": {"key": _CODE, "kind": _CODE, "after_key": _CODE, "after_side": _CODE},
    "question_text": dict.fromkeys(
        ("locale", "prompt", "low_label", "high_label", "hint"), _WORDING
    ),
    "response": {
        "locale": _CODE, "provenance": _CODE, "suspected_because": _CODE,
        "excluded_because": _HOUSE,
    },
    "suppression": {"address_digest": _DIGEST, "reason": _CODE},
    "survey": {"key": _CODE, "purpose_en": _WORDING, "purpose_zh": _WORDING},
    "survey_text": {"locale": _CODE, "title": _WORDING, "intro": _WORDING},
    "tally": {"subject": _CODE, "metric": _CODE, "grain": _CODE},
    "target": {"metric": _CODE, "subject": _CODE, "reason": _HOUSE},
    "team": {"name": "a team's; a team is several people"},
    "touchpoint": dict.fromkeys(
        ("key", "name_en", "name_zh", "goal_en", "goal_zh", "norms_en", "norms_zh", "responsible",
         "kind", "channel_code", "survey_key", "follow_up_survey_key", "follow_up",
         "asking_channel"),
        _WORDING,
    ),
    "user_account": {"role": _CODE},
    "worker_beat": {"worker": "a process on a machine"},
    "worker_pulse": {"worker": "a process on a machine", "doing": "a step of the work"},
}  # fmt: skip
