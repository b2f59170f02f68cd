"""Makes the file with the key that signs links, once."""

import os
import secrets
from pathlib import Path


def make_secret(path: Path) -> None:
    """Write a new secret where there is none yet; raise OSError where it cannot be written."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        # O_EXCL lets exactly one of several processes starting together write the key.
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(48))
