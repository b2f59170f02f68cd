"""The editor's form: what each button does, what is refused and why, and what the preview shows."""

import re

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from feedback.surveys.models import Survey
from feedback.surveys.read import content_of
from tests.editing.stories import ABOUT, begin, form_of, press, stored


def keys(session: Session, number: int) -> list[str]:
    return [item.key for item in content_of(stored(session, number)).items]


def test_questions_are_moved_added_and_removed_without_a_script(
    session: Session, admin: FlaskClient
) -> None:
    number = begin(admin)
    answer = press(admin, number, "up:1")
    assert answer.status_code == 303
    assert answer.location.endswith("#q0")
    assert keys(session, number) == ["nps", "csat", "reasons", "comment"]
    press(admin, number, "down:0")
    press(admin, number, "remove:2")
    press(admin, number, "add", add="library:expect")
    press(admin, number, "add", add="own:choice")
    assert keys(session, number) == ["csat", "nps", "comment", "expect", "own_choice"]
    press(admin, number, "add-option:4")
    press(admin, number, "remove-option:4:0")
    item = content_of(stored(session, number)).items[4]
    assert [option.value for option in item.options] == ["two", "answer"]
    assert press(admin, number, "add", add="library:none").status_code == 422


def test_what_is_written_is_kept_with_every_button(session: Session, admin: FlaskClient) -> None:
    number = begin(admin)
    press(admin, number, "down:0", title__de="Und?", q3__prompt__en="Why?", q3__required="1")
    content = content_of(stored(session, number))
    assert content.titles["de"] == "Und?"
    comment = content.item("comment")
    assert comment is not None
    assert (comment.texts["en"].prompt, comment.is_required) == ("Why?", True)


def test_an_emoji_made_of_several_stays_one(session: Session, admin: FlaskClient) -> None:
    number = begin(admin)
    title = "👩\u200d💼\u3000zu\u2028Besuch\x00"
    assert press(admin, number, title__de=title).status_code == 303
    assert content_of(stored(session, number)).titles["de"] == "👩\u200d💼 zu Besuch"


def test_a_question_can_follow_a_low_or_a_high_answer(session: Session, admin: FlaskClient) -> None:
    number = begin(admin)
    page = admin.get(f"/admin/surveys/{number}").text
    assert '<option value="0:low">only after a low answer to csat</option>' in page
    press(admin, number, q3__after="0:low")
    comment = content_of(stored(session, number)).item("comment")
    assert comment is not None
    assert (comment.after_key, comment.after_side) == ("csat", "low")
    # Renamed in the same breath, the rule still names it.
    press(admin, number, q0__key="overall")
    comment = content_of(stored(session, number)).item("comment")
    assert comment is not None
    assert comment.after_key == "overall"
    press(admin, number, "remove:0")
    comment = content_of(stored(session, number)).item("comment")
    assert comment is not None
    assert comment.after_key is None


@pytest.mark.parametrize(
    ("tag", "kept"), [("fr", "fr"), ("zh-TW", "zh-Hant"), ("PT_br", "pt-BR"), ("ar", "ar")]
)
def test_any_language_can_be_written_in(
    session: Session, admin: FlaskClient, tag: str, kept: str
) -> None:
    number = begin(admin, languages=["en"])
    assert press(admin, number, "language-add", new_language=tag).status_code == 303
    assert content_of(stored(session, number)).languages == tuple(sorted(["en", kept]))
    if kept != "zh-Hant":
        # Nobody is shown a page half in another language.
        refused = press(admin, number, "publish", **ABOUT)
        assert refused.status_code == 422
        assert "do not exist in it yet" in refused.text
        press(admin, number, f"language-remove:{kept}")
    assert press(admin, number, "publish", **ABOUT).status_code == 303


def test_a_language_with_a_missing_text_is_not_published_and_the_gap_is_named(
    session: Session, admin: FlaskClient
) -> None:
    number = begin(admin)
    refused = press(admin, number, "publish", q1__low__de="", title__en="", **ABOUT)
    assert refused.status_code == 422
    assert "<li>English · The title is missing.</li>" in refused.text
    where = "Deutsch · How likely are you to recommend us to a friend or colleague?"
    assert f"<li>{where} · The words for the low end are missing.</li>" in refused.text
    assert stored(session, number).published_at is None


@pytest.mark.parametrize(
    ("field", "value", "rule"),
    [
        ("title__en", "x" * 201, "At most 200 characters."),
        ("q0__prompt__de", "x" * 501, "At most 500 characters."),
        ("q0__key", "Csat", "Up to 40 small letters"),
        ("q0__key", "nonce", "Up to 40 small letters"),
        ("q0__key", "nps", "Another question of this survey is called so."),
        ("q2__o1__value", "slow", "Another answer of this question is called so."),
        ("q2__o1__value", "Ä", "Up to 40 small letters"),
        ("most_questions", "0", "A whole number from 1 to 20."),
        ("owner_email", "nobody", "This is not an e-mail address."),
    ],
)
def test_bad_input_is_named_by_its_field_and_nothing_is_half_written(
    session: Session, admin: FlaskClient, field: str, value: str, rule: str
) -> None:
    number = begin(admin)
    before = content_of(stored(session, number))
    answer = press(admin, number, "save", **{field: value, "title__de": "Neu"})
    assert answer.status_code == 422
    assert rule in answer.text
    name = field.replace("__", ".")
    wrong = "q1.key" if (field, value) == ("q0__key", "nps") else name
    assert f'id="{wrong}-wrong"' in answer.text
    # Everything stands there as it was entered.
    assert form_of(answer.text)["title.de"] == "Neu"
    assert content_of(stored(session, number)) == before


def test_a_survey_without_purpose_or_owner_is_not_published(
    session: Session, admin: FlaskClient
) -> None:
    number = begin(admin)
    refused = press(admin, number, "publish")
    assert refused.status_code == 422
    assert "An owner: who answers for it." in refused.text
    assert "The purpose: what its answers are for." in refused.text
    assert stored(session, number).published_at is None


def test_more_questions_than_were_promised_are_not_published(
    session: Session, admin: FlaskClient
) -> None:
    number = begin(admin)
    press(admin, number, "add", add="library:ces")
    refused = press(admin, number, "publish", **ABOUT)
    assert "It asks 4 questions, more than its promise allows." in refused.text
    assert press(admin, number, "publish", most_questions="4").status_code == 303


def test_a_reworded_question_said_not_to_be_comparable_gets_a_new_key(
    session: Session, admin: FlaskClient
) -> None:
    live = session.scalars(sa.select(Survey.id).where(Survey.key == "after")).one()
    session.commit()
    number = int(admin.post(f"/admin/surveys/{live}/version").location.rsplit("/", 1)[1])
    assert "Are its answers comparable?" not in admin.get(f"/admin/surveys/{number}").text
    press(admin, number, q0__prompt__en="How happy are you?")
    assert "Are its answers comparable?" in admin.get(f"/admin/surveys/{number}").text
    press(admin, number, q0__comparable="new")
    assert keys(session, number)[0] == "csat_2"
    assert press(admin, number, "publish").status_code == 303
    # What has a key of its own is no other wording of anything.
    after = int(admin.post(f"/admin/surveys/{number}/version").location.rsplit("/", 1)[1])
    assert keys(session, after)[0] == "csat_2"


def test_what_a_published_version_is_for_can_be_said_anew(
    session: Session, admin: FlaskClient
) -> None:
    number = session.scalars(sa.select(Survey.id).where(Survey.key == "after")).one()
    session.commit()
    before = content_of(stored(session, number))
    page = f"/admin/surveys/{number}/about"
    refused = admin.post(page, data={"purpose_zh": "了解", "most_questions": "3"})
    assert refused.status_code == 422
    assert 'id="owner_name-wrong"' in refused.text
    assert admin.post(page, data=ABOUT | {"most_questions": "3"}).status_code == 303
    kept = stored(session, number)
    assert (kept.owner_name, kept.purpose_en) == (ABOUT["owner_name"], ABOUT["purpose_en"])
    assert content_of(kept) == before


def test_the_preview_is_the_real_page_and_mail_and_can_only_be_framed_by_us(
    session: Session, admin: FlaskClient
) -> None:
    number = begin(admin)
    page = admin.get(f"/admin/surveys/{number}/preview/page?look=zh-Hant")
    assert '<html lang="zh-Hant">' in page.text
    assert "<button>送出</button>" in page.text
    assert 'action="#"' in page.text
    mail = admin.get(f"/admin/surveys/{number}/preview/mail?look=de")
    assert '<html lang="de">' in mail.text
    assert "etwa 30 Sekunden: 3 Fragen und Platz für einen Kommentar" in mail.text
    assert re.findall(r'href="(?!#)', mail.text) == []
    for answer in (page, mail):
        policy = answer.headers["Content-Security-Policy"]
        assert "frame-ancestors 'self'" in policy
        assert "form-action 'none'" in policy
        assert "script-src" not in policy
        assert answer.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert "'unsafe-inline'" not in page.headers["Content-Security-Policy"]
    editor = admin.get(f"/admin/surveys/{number}")
    assert "frame-src 'self'" in editor.headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in editor.headers["Content-Security-Policy"]
    assert editor.text.count('sandbox="allow-same-origin"') == 3


def test_the_preview_shows_what_is_being_written_and_stores_nothing(
    session: Session, admin: FlaskClient
) -> None:
    number = begin(admin)
    before, revision = content_of(stored(session, number)), stored(session, number).revision
    fields = form_of(admin.get(f"/admin/surveys/{number}").text)
    fields.setlist("title.de", ["Noch nicht <b>gespeichert</b>"])
    fields.setlist("q0.prompt.de", ["Und, zufrieden?"])
    shown = admin.post(f"/admin/surveys/{number}/preview/page?look=de", data=fields)
    assert "<h1>Noch nicht &lt;b&gt;gespeichert&lt;/b&gt;</h1>" in shown.text
    mail = admin.post(f"/admin/surveys/{number}/preview/mail?look=de", data=fields)
    assert "Und, zufrieden?" in mail.text
    kept = stored(session, number)
    assert (content_of(kept), kept.revision) == (before, revision)


def test_half_a_survey_can_be_looked_at(session: Session, admin: FlaskClient) -> None:
    number = begin(admin, template="short", languages=["en"])
    press(admin, number, "remove:0")
    press(admin, number, "language-add", new_language="fr")
    for look in ("en", "fr", "xx"):
        for what in ("page", "mail"):
            address = f"/admin/surveys/{number}/preview/{what}?look={look}"
            assert admin.get(address).status_code == 200, address
    assert "No mail yet" in admin.get(f"/admin/surveys/{number}/preview/mail").text
    press(admin, number, "language-remove:en")
    press(admin, number, "language-remove:fr")
    assert admin.get(f"/admin/surveys/{number}").status_code == 200
    assert admin.get(f"/admin/surveys/{number}/preview/page").status_code == 404


def test_a_draft_is_thrown_away_whole(session: Session, admin: FlaskClient) -> None:
    number = begin(admin)
    fields = form_of(admin.get(f"/admin/surveys/{number}").text)
    old = admin.post(f"/admin/surveys/{number}/drop", data={"revision": "77"})
    assert old.location.endswith(f"/{number}")
    gone = admin.post(f"/admin/surveys/{number}/drop", data={"revision": fields["revision"]})
    assert gone.location.endswith("/admin/surveys")
    assert admin.get(f"/admin/surveys/{number}").status_code == 404


@pytest.mark.parametrize("key", ["", "After", "after", "9lives", "x" * 41])
def test_a_new_survey_needs_a_key_of_its_own(admin: FlaskClient, key: str) -> None:
    answer = admin.post("/admin/surveys/new", data={"key": key, "languages": ["en"]})
    assert answer.status_code == 422
    assert 'id="key-wrong"' in answer.text
