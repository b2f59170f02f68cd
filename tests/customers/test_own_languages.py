"""Customers' own pages, and the mail with their key, in each language customers are written to."""

import re
from html import unescape

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from feedback.languages import OWN_LANGUAGES
from feedback.outbox.models import OWN_LINK, MailLanguage, Message
from tests.brands.stories import OTHER, add_other
from tests.conftest import Time
from tests.customers.stories import asked, contact, own, preferences, press, rated
from tests.responses.stories import looking

# What each page's heading is in each language, and what no page of it may say.
WORDS = {
    "zh-Hans": ("邮件偏好", "我的评价与信息", "电话"),
    "zh-Hant": ("偏好設定", "我的評價與資料", "電話"),
    "en": ("Your preferences", "My answers and my data", "Phone"),
    "de": ("Ihre Einstellungen", "Meine Antworten und meine Daten", "Telefon"),
}
ENGLISH = re.compile(r"\b(?:the|your|you|and|answer|contact)\b", re.IGNORECASE)


def words_of(page: str) -> str:
    """Return what stands on a page, without a survey's words and the names of languages."""
    main = page.split("<main>")[1].split("</main>")[0]
    main = re.sub(r'<dl class="said">.*?</dl>|<label lang=.*?</label>', " ", main, flags=re.S)
    return unescape(re.sub(r"<[^>]+>", " ", main))


@pytest.mark.parametrize("tag", OWN_LANGUAGES)
def test_every_own_page_speaks_the_customers_language(
    app: Flask, session: Session, client: FlaskClient, time: Time, tag: str
) -> None:
    interaction = contact(session, customer_locale=tag, customer_name="Ng", subject="", location="")
    invitation, response = rated(app, session, interaction=interaction, comment="1")
    heading, own_heading, channel = WORDS[tag]
    first = client.get(preferences(app, invitation)).text
    assert f'<html lang="{tag}">' in first
    assert f"<h1>{heading}</h1>" in first
    assert channel in words_of(first)
    key = own(app, invitation)
    assert f"<h1>{own_heading}</h1>" in client.get(key).text
    pages = [
        preferences(app, invitation),
        f"{preferences(app, invitation)}/key",
        key,
        f"{key}/everything",
        f"{key}/withdraw/{response.id}",
        f"{key}/withdraw/999999",
        f"{key}/erase",
    ]
    for path in pages:
        page = client.get(path).text
        assert f'<html lang="{tag}">' in page, path
        if tag not in ("en", "zh-Hans"):
            assert ENGLISH.findall(words_of(page)) == [], path
        if tag == "zh-Hant":
            assert not set("评价邮发请务录还么这个选择语设样现们") & set(words_of(page)), path
    # Each leads to the same page in the other languages, and stays in one that was asked for.
    assert "?lang=de" in first or tag == "de"
    asked_for = client.get(f"{key}?lang=de").text
    assert '<html lang="de">' in asked_for
    assert "/everything?lang=de" in asked_for


@pytest.mark.parametrize("tag", OWN_LANGUAGES)
def test_the_mail_with_the_key_is_in_the_customers_language_and_the_brands_colour(
    app: Flask, session: Session, client: FlaskClient, time: Time, tag: str
) -> None:
    other = add_other(app, session)
    interaction = contact(session, customer_locale=tag)
    invitation = asked(app, session, interaction=interaction, brand_id=other.id)
    press(client, preferences(app, invitation), form=1)
    with looking(session) as looker:
        message = looker.scalars(sa.select(Message).where(Message.kind == OWN_LINK)).one()
    assert message.locale == tag
    assert f'<html lang="{tag}">' in message.html
    opening = {"zh-Hans": "邮箱", "zh-Hant": "郵件連結", "en": "somebody", "de": "jemand"}[tag]
    assert opening in message.text
    assert opening in message.html
    assert message.html.count("/my/0OWN0") == 3
    # Nothing of the house's colour under another brand's name.
    assert OTHER["accent"] in message.html
    assert "<img" in message.html
    assert "#0d5c63" not in message.html


def test_german_can_be_chosen_and_what_is_not_offered_cannot(
    app: Flask, session: Session, client: FlaskClient, time: Time
) -> None:
    invitation = asked(app, session)
    path = preferences(app, invitation)
    assert press(client, path, asking="ask", language="fr").status_code == 422
    assert press(client, path, asking="ask", language="de").status_code == 303
    with looking(session) as looker:
        assert looker.scalars(sa.select(MailLanguage.locale)).all() == ["de"]
    assert '<html lang="de">' in client.get(path).text
