"""Where administrators say what a brand looks like: what is saved, refused and shown."""

import re
from io import BytesIO
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from feedback.accounts.models import User
from feedback.brands.models import OWN, Brand, Logo, Notice
from feedback.organisation import Organisation
from feedback.touchpoints.models import Touchpoint
from tests.brands import pictures
from tests.brands.stories import add_other, organise, send
from tests.conftest import Time
from tests.factories import make_user, sign_in
from tests.responses.stories import count, looking

NEW: dict[str, Any] = {
    "name_zh": "灯笼", "name_en": "Lantern", "contact": "400-1",
    "sender_address": "hello@lantern.example",
}  # fmt: skip


@pytest.fixture
def admin(session: Session, client: FlaskClient, time: Time) -> User:
    user = make_user(session, "admin", locale="en")
    sign_in(client, session, user)
    return user


def make(client: FlaskClient, **form: Any) -> Any:
    return send(client, "/admin/brands/new?lang=en", "/admin/brands/new", **(NEW | form))


def the_other(session: Session) -> Brand:
    with looking(session) as own:
        return own.scalars(sa.select(Brand).where(Brand.id != OWN)).one()


def test_a_brand_is_made_with_a_privacy_notice_and_can_be_chosen(
    client: FlaskClient, session: Session, admin: User
) -> None:
    assert "brand" not in re.findall(r'name="(\w+)"', client.get("/admin/touchpoints/1").text)
    # A logo sent as words is none.
    made = make(client, accent="8A1538", footer_zh="西湖1号\r\n\r\n电话400-1 ", logo="words")
    assert made.status_code == 303, made.text
    brand = the_other(session)
    assert (brand.name_zh, brand.name_en, brand.accent) == ("灯笼", "Lantern", "#8a1538")
    assert brand.footer_zh == "西湖1号\n电话400-1"
    assert count(session, Notice) == 1
    assert "Lantern" in client.get("/admin/brands?lang=en").text
    assert "灯笼" in client.get("/admin/touchpoints/1?lang=zh").text


@pytest.mark.parametrize(
    ("field", "value", "rule"),
    [
        ("name_zh", "", "This is needed"),
        ("name_en", "x" * 121, "At most 120 characters"),
        ("sender_address", "", "would tell whose brand it is"),
        ("sender_address", "nobody", "not an e-mail address"),
        ("sender_address", "a@b.example\r\nBcc: c@d.example", "not an e-mail address"),
        ("reply_to", "a@b@c", "not an e-mail address"),
        ("accent", "red", "six digits"),
        ("accent", "#ff6a00", "contrast of 2.5 to 1"),
        ("accent", "#777777", "contrast of 3.8 to 1"),
        ("footer_en", "a\nb\nc\nd\ne", "At most four lines"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field_and_nothing_is_stored(
    client: FlaskClient, session: Session, admin: User, field: str, value: str, rule: str
) -> None:
    refused = make(client, **{field: value})
    assert refused.status_code == 422
    wrong = re.findall(rf'<p class="wrong" id="{field}-wrong">(.*?)</p>', refused.text)
    assert len(wrong) == 1
    assert rule in wrong[0]
    assert count(session, Brand) == 1
    assert count(session, Notice) == 0


def test_a_colour_that_cannot_be_read_comes_with_the_nearest_that_can(
    client: FlaskClient, session: Session, admin: User
) -> None:
    refused = make(client, accent="#ff6a00")
    (nearest,) = re.findall(r'name="take" value="(#[0-9a-f]{6})"', refused.text)
    assert make(client, accent="#ff6a00", take=nearest).status_code == 303
    assert the_other(session).accent == nearest


@pytest.mark.parametrize(
    ("sent", "rule"),
    [
        (pictures.SVG, "SVG can carry programs"),
        (b"not a picture", "neither"),
        (pictures.moving(), "moves"),
        (pictures.bomb(12000, 12000), "at most 2000"),
        (b"\x89PNG" + b"x" * 600 * 1024, "at most 512 kB"),
        (b"\x89PNG" + b"x" * 2 * 1024 * 1024, "at most 512 kB"),
    ],
)
def test_an_upload_that_is_no_logo_is_refused_at_its_field(
    client: FlaskClient, session: Session, admin: User, sent: bytes, rule: str
) -> None:
    refused = make(client, logo=(BytesIO(sent), "../../logo.png"))
    assert refused.status_code == 422
    assert rule in re.findall(r'id="logo-wrong">(.*?)</p>', refused.text)[0]
    assert (count(session, Brand), count(session, Logo)) == (1, 0)


def test_a_logo_is_served_for_good_by_the_name_of_its_content(
    client: FlaskClient, session: Session, admin: User
) -> None:
    made = make(client, logo=(BytesIO(pictures.picture()), "<script>.png"))
    assert made.status_code == 303
    brand = the_other(session)
    answer = client.get(f"/brand/{brand.logo_digest}.png")
    assert answer.mimetype == "image/png"
    assert answer.data.startswith(b"\x89PNG")
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    # Taken away it is in no page; mails that have gone still show it.
    address = f"/admin/brands/{brand.id}"
    assert send(client, address, address, **NEW, without_logo="y").status_code == 303
    assert the_other(session).logo_digest is None
    assert client.get(f"/brand/{brand.logo_digest}.png").status_code == 200


@pytest.mark.parametrize(
    "address",
    ["/brand/" + "0" * 64 + ".png", "/brand/x.png", "/brand/ff6a00.css", "/brand/8A1538.css",
     "/brand/red;}.css"],
)  # fmt: skip
def test_what_is_no_brands_is_not_there(client: FlaskClient, address: str) -> None:
    answer = client.get(address)
    assert answer.status_code == 404


def test_the_organisations_own_brand_changes_the_organisation(
    app: Flask, client: FlaskClient, session: Session, admin: User
) -> None:
    organise(app, session)
    form = {"name_zh": "云栖二", "name_en": "Cloudrest Two", "contact": "400-9", "accent": ""}
    assert send(client, "/admin/brands/1", "/admin/brands/1", **form).status_code == 303
    with looking(session) as own:
        organisation, brand = own.get_one(Organisation, 1), own.get_one(Brand, OWN)
    assert (organisation.name_zh, organisation.contact) == ("云栖二", "400-9")
    assert (brand.name_zh, brand.accent, brand.sender_address) == (None, "", "")
    assert brand.logo_digest is not None


def test_two_brands_of_one_name_are_refused(
    app: Flask, client: FlaskClient, session: Session, admin: User
) -> None:
    assert make(client).status_code == 303
    refused = make(client, name_zh="另一个")
    assert refused.status_code == 422
    assert "brand of this name already" in refused.text
    assert count(session, Brand) == 2


@pytest.mark.parametrize("brand_id", [0, 1])
def test_a_preview_shows_what_is_written_and_stores_nothing(
    app: Flask, client: FlaskClient, session: Session, admin: User, brand_id: int
) -> None:
    organise(app, session)
    form = NEW | {"name_en": "Paper Moon", "accent": "#ff6a00", "footer_en": "9 Moon Street"}
    form["logo"] = (BytesIO(pictures.picture(size=(90, 30))), "x.png")
    address = f"/admin/brands/{brand_id}/preview"
    shown = send(client, f"{address}?lang=en", "/admin/brands/new", **form)
    assert shown.status_code == 200
    assert shown.text.count("srcdoc=") == 8
    for word in ("Paper Moon", "9 Moon Street", "data:image/png;base64,", "灯笼", "How did it go?"):
        assert word in shown.text
    # Both schemes, whichever the reader's is.
    assert shown.text.count("@media all") >= 4
    assert shown.text.count("@media not all") >= 4
    assert "(prefers-color-scheme" not in shown.text
    assert count(session, Brand) == 1
    with looking(session) as own:
        assert own.get_one(Organisation, 1).name_en == "Cloudrest"


def test_only_its_own_page_may_hold_a_preview_and_nothing_in_it_runs(
    client: FlaskClient, admin: User
) -> None:
    shown = client.get("/admin/brands/1/preview")
    rules = shown.headers["Content-Security-Policy"]
    assert "frame-ancestors 'self'" in rules
    assert "script-src" not in rules
    assert "default-src 'none'" in rules
    assert shown.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert shown.text.count("<iframe sandbox title=") == 8
    page = client.get("/admin/brands/1").headers
    assert "frame-ancestors 'none'" in page["Content-Security-Policy"]
    assert "unsafe-inline" not in page["Content-Security-Policy"]
    # Of everything else, nothing may be framed or hold a frame.
    other = client.get("/admin/people").headers["Content-Security-Policy"]
    assert "frame-src" not in other


@pytest.mark.parametrize("word", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>'])
def test_what_is_written_is_never_markup(
    app: Flask, client: FlaskClient, session: Session, admin: User, word: str
) -> None:
    form = dict.fromkeys(("name_zh", "name_en", "contact", "footer_zh", "footer_en"), word)
    assert make(client, **form).status_code == 303
    brand = the_other(session)
    for address in ("", f"/{brand.id}", f"/{brand.id}/preview", f"/{brand.id}/notice",
                    f"/{brand.id}/notice/1"):  # fmt: skip
        assert word not in client.get(f"/admin/brands{address}").text, address


def test_a_notice_is_published_listed_and_read_version_by_version(
    app: Flask, client: FlaskClient, session: Session, admin: User
) -> None:
    organise(app, session)
    address = "/admin/brands/1/notice"
    form = {"mode": "consent", "text_zh": "{company}。", "text_en": "{company} only."}
    assert "In force: the house" in client.get(f"{address}?lang=en").text
    assert send(client, address, address, **form).status_code == 303
    page = client.get(f"{address}?lang=en").text
    assert "In force: version 2" in page
    assert "Cloudrest Ltd only." in page
    assert admin.email in page
    assert "Cloudrest Ltd handles" in client.get(f"{address}/1?lang=en").text
    assert client.get(f"{address}/3").status_code == 404
    again = send(client, address, address, **form)
    assert again.status_code == 303
    assert count(session, Notice) == 2


@pytest.mark.parametrize(
    ("form", "rule"),
    [
        ({"text_en": ""}, "This is needed"),
        ({"text_en": "{firm}"}, "There is no {firm}; there are {company}, {contact}, {months}."),
        ({"text_zh": "{contact}"}, "Nothing is said for {contact} yet"),
        ({"text_zh": "x" * 4001}, "At most 4000 characters"),
        ({"mode": "other"}, "Not a valid choice"),
    ],
)
def test_a_notice_that_cannot_be_is_refused_and_none_is_published(
    client: FlaskClient, session: Session, admin: User, form: dict[str, str], rule: str
) -> None:
    address = "/admin/brands/1/notice"
    sound = {"mode": "service", "text_zh": "甲", "text_en": "A"}
    refused = send(client, f"{address}?lang=en", address, **(sound | form))
    assert refused.status_code == 422
    assert rule in refused.text
    assert count(session, Notice) == 0


def test_a_notice_that_says_what_is_no_longer_so_is_called_out_of_date(
    app: Flask, client: FlaskClient, session: Session, admin: User
) -> None:
    organise(app, session)
    address = "/admin/brands/1/notice"
    form = {"mode": "service", "text_zh": "{contact}", "text_en": "{contact}"}
    send(client, address, address, **form)
    assert "Out of date" not in client.get("/admin/brands?lang=en").text
    session.get_one(Organisation, 1).contact = "400-7"
    session.commit()
    assert "Out of date" in client.get("/admin/brands?lang=en").text
    assert "another company, contact or number" in client.get(f"{address}?lang=en").text


def test_a_touchpoint_asks_in_the_name_of_the_brand_it_names(
    app: Flask, client: FlaskClient, session: Session, admin: User
) -> None:
    organise(app, session)
    brand = add_other(app, session)
    with looking(session) as own:
        one = own.get_one(Touchpoint, 1)
    assert one.brand_id == brand.id
    page = client.get("/admin/touchpoints/1?lang=en").text
    assert f'<option selected value="{brand.id}">Lantern</option>' in page
    assert '<option value="1">Cloudrest</option>' in page
