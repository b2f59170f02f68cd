"""What an erasure of somebody who left came to, in words."""

from flask_babel import gettext as _

from feedback.retention.people.erase_colleague import Gone


def gone_words(gone: Gone) -> str:
    """Return the counts in one sentence."""
    return str(
        _(
            "%(contacts)s contacts name nobody any more, %(shared)s shared ones name somebody who"
            " left; %(comments)s comments deleted; %(looks)s looks and %(sign_ins)s sign-ins"
            " forgotten; %(mails)s mails emptied; %(entries)s entries of the audit log redacted",
            contacts=gone.contacts,
            shared=gone.shared,
            comments=gone.comments,
            looks=gone.looks,
            sign_ins=gone.sign_ins,
            mails=gone.mails,
            entries=gone.audit_entries,
        )
    )
