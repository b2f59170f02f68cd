"""Where somebody may be sent after signing in: only to a page of this site."""

LONGEST = 1000


def safe_destination(text: str | None) -> str | None:
    r"""Return the path if it can only lead to this site, else None.

    Browsers drop tabs and line breaks from an address, take a back-slash for a slash, and what
    then begins with two slashes for another host; so none of these may be in it at all.
    """
    if not text or len(text) > LONGEST or not text.startswith("/"):
        return None
    path = text.partition("?")[0].partition("#")[0]
    if "\\" in text or "//" in path or not text.isprintable() or " " in text:
        return None
    return text
