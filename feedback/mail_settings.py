"""The settings of mail: how it goes out, in whose name, and where what comes back is looked for."""

from collections.abc import Mapping

from feedback import setting_kinds
from feedback.setting_kinds import Setting

MAIL_SETTINGS: Mapping[str, Setting] = {
    "MAIL_SERVER": Setting(
        setting_kinds.text, "", "a host name", "SMTP server; empty keeps mail in instance/mail/"
    ),
    "MAIL_PORT": Setting(setting_kinds.port, 25, "a port number", "its port"),
    "MAIL_USE_TLS": Setting(setting_kinds.switch, False, "1 or 0", "STARTTLS"),
    "MAIL_USE_SSL": Setting(setting_kinds.switch, False, "1 or 0", "TLS from the first byte"),
    "MAIL_USERNAME": Setting(setting_kinds.text, "", "a name", "sign-in at the mail server"),
    "MAIL_PASSWORD": Setting(setting_kinds.text, "", "a password", "sign-in at the mail server"),
    "MAIL_SENDER": Setting(
        setting_kinds.mail_sender,
        "Afterword <feedback@localhost>",
        "an address, with or without a name",
        "who the mails are from",
    ),
    "BOUNCE_ADDRESS": Setting(
        setting_kinds.bare_address,
        "",
        "an address such as bounces@example.cn, whose host delivers bounces+anything@ there, too",
        "where mail that cannot be delivered is returned to; empty: to the sender",
    ),
    "BOUNCE_MAILBOX": Setting(
        setting_kinds.mailbox,
        "",
        "imaps://name@host/INBOX, imap://name@host/INBOX or maildir:/a/folder",
        "the mailbox in which returned mail is looked for, every five minutes",
    ),
    "BOUNCE_MAILBOX_PASSWORD": Setting(
        setting_kinds.text, "", "a password", "sign-in at that mailbox"
    ),
    "MAIL_WINDOW": Setting(
        setting_kinds.mail_window,
        "09:00-20:00",
        "HH:MM-HH:MM",
        "hours in which follow-ups and reminders go out",
    ),
}
