"""In whose name a mail goes out, and where answers to it go."""

from dataclasses import dataclass
from typing import Self

from feedback.interactions.contacts import is_valid_address
from feedback.outbox.mime import header_text, split_sender


@dataclass(frozen=True)
class Sender:
    """What stands in From and Reply-To."""

    # A name, and an address in angle brackets.
    sender: str
    reply_to: str | None = None
    # Neither is said anywhere but in the settings and by the organisation, which are asked again as
    # the mail goes out.
    is_default: bool = True

    @classmethod
    def of(cls, *, name: str, address: str, reply_to: str, contact: str, default: str) -> Self:
        """Return the sender a brand names; whatever it leaves open is as the settings say."""
        if not (name or address or reply_to):
            return cls(default)
        default_name, default_address = split_sender(default)
        back = reply_to or (contact if is_valid_address(contact) else None)
        sender = _written(name or default_name, address or default_address)
        return cls(sender, back, is_default=False)


def _written(name: str, address: str) -> str:
    """Return both as one, so that whatever stands in the name is not taken for the address."""
    line = header_text(name).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{line}" <{address}>' if line else address
