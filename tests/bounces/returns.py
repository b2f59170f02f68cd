"""Mails as mail systems return them, each in the manner of one kind of system."""

from email.mime.text import MIMEText

ID = "<invitation.0123456789abcdef01234567@example.cn>"
ORIGINAL = f"From: care@example.cn\r\nTo: wang@example.cn\r\nMessage-ID: {ID}\r\n"


def report(
    *,
    to: str = "care@example.cn",
    action: str = "failed",
    status: str = "5.1.1",
    diagnostic: str | None = "smtp; 550 5.1.1 <wang@example.cn>: Recipient address rejected: User"
    " unknown",
    original: str = ORIGINAL,
    charset: str = "utf-8",
    sender: str = "MAILER-DAEMON@mx.example.net",
) -> bytes:
    """Return a delivery report of RFC 3464, as Postfix, Exchange and most others send it."""
    status_lines = [
        "Reporting-MTA: dns; mx.example.net",
        "Arrival-Date: Mon, 1 Jun 2026 11:00:00 +0800",
        "",
        "Final-Recipient: rfc822; wang@example.cn",
        f"Action: {action}",
        f"Status: {status}",
        *([f"Diagnostic-Code: {diagnostic}"] if diagnostic else []),
        "",
    ]
    return _multipart(
        "delivery-status",
        [f"From: {sender}", f"To: {to}", "Subject: Undelivered Mail Returned to Sender"],
        ("text/plain", "I'm sorry to have to inform you ..."),
        ("message/delivery-status", "\r\n".join(status_lines)),
        ("text/rfc822-headers", original),
        charset=charset,
    )


def _multipart(
    kind: str, head: list[str], *parts: tuple[str, str], charset: str = "utf-8"
) -> bytes:
    lines = [
        *head,
        "MIME-Version: 1.0",
        f'Content-Type: multipart/report; report-type={kind}; boundary="=_b"',
        "",
    ]
    for content_type, text in parts:
        lines += ["--=_b", f"Content-Type: {content_type}", "", text]
    return "\r\n".join([*lines, "--=_b--", ""]).encode(charset)


def complaint(to: str = "care@example.cn", sort: str = "abuse") -> bytes:
    """Return a complaint of RFC 5965, as feedback loops send it."""
    return _multipart(
        "feedback-report",
        ["From: fbl@mx.example.net", f"To: {to}"],
        ("text/plain", "This is an email abuse report."),
        (
            "message/feedback-report",
            f"Feedback-Type: {sort}\r\nUser-Agent: SomeGenerator/1.0\r\nVersion: 1\r\n",
        ),
        ("text/rfc822-headers", ORIGINAL),
    )


def plain(
    text: str,
    *,
    to: str = "care@example.cn",
    sender: str = "MAILER-DAEMON@qmail.example.net",
    auto: str | None = None,
    charset: str = "utf-8",
    subtype: str = "plain",
) -> bytes:
    """Return a mail in plain words, as systems older than the standard return it."""
    mail = MIMEText(text, subtype, charset)
    mail["From"], mail["To"], mail["Subject"] = sender, to, "failure notice"
    if auto:
        mail["Auto-Submitted"] = auto
    return mail.as_bytes()
