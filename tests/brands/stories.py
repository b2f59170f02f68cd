"""Two brands: the organisation's own, and another that must not be taken for it."""

import re
from datetime import UTC, datetime
from html import unescape
from typing import Any

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, encode_multipart

from feedback.brands.change import keep_logo
from feedback.brands.logo import make_logo
from feedback.brands.models import OWN, Brand
from feedback.organisation import Organisation
from feedback.touchpoints.models import Touchpoint
from tests.brands.pictures import picture

MADE = datetime(2026, 1, 5, tzinfo=UTC)

# Everything by which customers could know the organisation.
OWN_WORDS = {
    "name_en": "Cloudrest", "name_zh": "云栖", "contact": "care@cloudrest.example",
}  # fmt: skip
OWN_LOOKS = {
    "accent": "#7a1fa2", "footer_en": "5 Cloud Street", "footer_zh": "云街5号",
    "company_en": "Cloudrest Ltd", "company_zh": "云栖有限公司",
    "reply_to": "answers@cloudrest.example",
}  # fmt: skip
OTHER = {
    "name_en": "Lantern", "name_zh": "灯笼", "contact": "help@lantern.example",
    "accent": "#8a1538", "footer_en": "1 West Lake\nPhone 400-1", "footer_zh": "西湖1号\n电话400-1",
    "company_en": "Lantern Hotels Ltd", "company_zh": "灯笼酒店有限公司",
    "sender_address": "hello@lantern.example",
}  # fmt: skip


def organise(app: Flask, session: Session) -> None:
    """Say who the organisation is, with everything a brand can have."""
    session.add(Organisation(id=1, created_at=MADE, **OWN_WORDS))
    own = session.get_one(Brand, OWN)
    for name, value in OWN_LOOKS.items():
        setattr(own, name, value)
    own.logo_digest = _logo(app, session, (200, 60))
    session.commit()


def add_other(app: Flask, session: Session, **values: Any) -> Brand:
    """Add another brand, in whose name every contact is asked."""
    logo = _logo(app, session, (150, 60))
    brand = Brand(created_at=MADE, **(OTHER | {"logo_digest": logo} | values))
    session.add(brand)
    session.flush()
    session.execute(sa.update(Touchpoint).values(brand_id=brand.id))
    session.commit()
    return brand


def _logo(app: Flask, session: Session, size: tuple[int, int]) -> str:
    with app.test_request_context():
        return keep_logo(session, make_logo(picture(size=size)), MADE)


def traces(text: str, own_logo: str) -> list[str]:
    """Return by what in the text the organisation could be known, if by anything."""
    seen = unescape(text).lower()
    words = [*OWN_WORDS.values(), *OWN_LOOKS.values(), own_logo, "cloudrest.example", "7a1fa2"]
    # What the settings of a test say of the sender.
    words += ["Example 客服", "care@example.cn"]
    return [word for word in words if word.lower() in seen]


def _sent(value: Any) -> Any:
    return FileStorage(*value) if isinstance(value, tuple) else value


def send(client: FlaskClient, address: str, page: str, **form: Any) -> TestResponse:
    """Send a form as the page that holds it does, with its token."""
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get(page).text)
    token = found.group(1) if found else ""
    # As bytes: the client would leave a large body behind in a file it does not close.
    boundary, body = encode_multipart(
        {"csrf_token": token} | {k: _sent(v) for k, v in form.items()}
    )
    kind = f'multipart/form-data; boundary="{boundary}"'
    return client.post(address, data=body, content_type=kind)
