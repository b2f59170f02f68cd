"""Finds a channel by its code or by its name in either language, or makes it."""

from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback.interactions.fields import channel_code
from feedback.interactions.models import Channel

_USUAL = {
    "phone": ("Phone", "电话"),
    "email": ("E-mail", "邮件"),
    "chat": ("Chat", "在线客服"),
    "web": ("Web", "网页"),
    "store": ("Store", "门店"),
    "visit": ("Home visit", "上门服务"),
    "onsite": ("On-site visit", "上门服务"),
    "event": ("Event", "活动"),
    "im": ("Messenger", "即时消息"),
    "sms": ("Text message", "短信"),
}


class Channels:
    """The channels there are. `names` gives those of channels a source brings, by their codes."""

    def __init__(self, session: Session, names: Mapping[str, tuple[str, str]]) -> None:
        self._session = session
        self._names = _USUAL | {channel_code(code): pair for code, pair in names.items()}
        self._by_code: dict[str, int] = {}
        self._by_name: dict[str, int] = {}
        for channel in session.scalars(sa.select(Channel).order_by(Channel.id)):
            self._add(channel)

    def find(self, code: str, spelled: str = "") -> int:
        """Return the channel's number; one nobody has met before is called as it is spelled."""
        if code not in self._by_code and code in self._by_name:
            return self._by_name[code]
        if code not in self._by_code and code not in self._names:
            # 电话 is the phone, also where nobody has telephoned before.
            usual = (c for c, pair in self._names.items() if code in map(channel_code, pair))
            code = next(usual, code)
        if code in self._by_code:
            return self._by_code[code]
        name_en, name_zh = self._names.get(code, (spelled or code, spelled or code))
        channel = Channel(code=code, name_en=name_en, name_zh=name_zh)
        self._session.add(channel)
        self._session.flush()
        self._add(channel)
        return channel.id

    def _add(self, channel: Channel) -> None:
        self._by_code[channel_code(channel.code)] = channel.id
        for name in (channel.name_en, channel.name_zh):
            self._by_name.setdefault(channel_code(name), channel.id)


def channel_names(session: Session) -> dict[str, tuple[str, str]]:
    """Return the English and Chinese names of every channel there is or usually is, by code."""
    there = {c.code: (c.name_en, c.name_zh) for c in session.scalars(sa.select(Channel))}
    return there | {code: pair for code, pair in _USUAL.items() if code not in there}
