"""What the checks are called on pages."""

from flask_babel import gettext as _


def lamp_names() -> dict[str, str]:
    """Return the name of each check, in the reader's language."""
    return {
        "settings": _("Settings"),
        "fonts": _("Chart font"),
        "disk": _("Disk"),
        "database": _("Database"),
        "clock": _("Clock"),
        "queue": _("Mail queue"),
        "pause": _("Pause"),
        "failed": _("Mail given up"),
        "returns": _("Returned mail"),
        "worker": _("Worker"),
        "holidays": _("Holidays"),
        "backup": _("Backup"),
        "retention": _("Retention"),
    }
