"""A channel is known by its code or its name; a new one is made once."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback.interactions.channels import Channels
from feedback.interactions.models import Channel


def codes(session: Session) -> list[tuple[str, str, str]]:
    rows = session.scalars(sa.select(Channel).order_by(Channel.id))
    return [(row.code, row.name_en, row.name_zh) for row in rows]


def test_a_usual_channel_is_found_by_its_name_in_either_language(session: Session) -> None:
    channels = Channels(session, {})
    phone = channels.find("phone", "Phone")
    assert channels.find("电话", "电话") == phone
    assert codes(session) == [("phone", "Phone", "电话")]


def test_a_name_makes_the_usual_channel_where_there_is_none_yet(session: Session) -> None:
    channels = Channels(session, {})
    email = channels.find("邮件", "邮件")
    assert channels.find("e-mail", "E-mail") == channels.find("email", "email") == email
    assert codes(session) == [("email", "E-mail", "邮件")]


def test_a_channel_renamed_by_the_organisation_is_found_by_both_names(session: Session) -> None:
    session.add(Channel(code="phone", name_en="Hotline", name_zh="服务热线"))
    session.flush()
    channels = Channels(session, {})
    assert channels.find("hotline") == channels.find("服务热线") == channels.find("电话")
    assert len(codes(session)) == 1


def test_a_code_goes_before_a_name(session: Session) -> None:
    session.add_all(
        [
            Channel(code="wechat", name_en="Chat", name_zh="微信"),
            Channel(code="chat", name_en="Live", name_zh="在线"),
        ]
    )
    session.flush()
    assert Channels(session, {}).find("chat") == session.scalar(
        sa.select(Channel.id).where(Channel.code == "chat")
    )


def test_an_unknown_channel_is_called_as_it_is_spelled(session: Session) -> None:
    channels = Channels(session, {})
    assert channels.find("vip desk", "VIP Desk") == channels.find("vip desk", "vip desk")
    channels.find("微信", "微信")
    assert codes(session) == [("vip desk", "VIP Desk", "VIP Desk"), ("微信", "微信", "微信")]


def test_a_source_brings_the_names_of_its_channels(session: Session) -> None:
    channels = Channels(session, {"Inbound": ("Inbound call", "呼入电话")})
    assert channels.find("inbound", "Inbound") == channels.find("呼入电话", "呼入电话")
    assert codes(session) == [("inbound", "Inbound call", "呼入电话")]
