"""Every link, key and cookie opens what it was made for, nothing else, and lies nowhere."""

import random
import re
import string
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.sessions import TaggedJSONSerializer
from flask.testing import FlaskClient, FlaskCliRunner
from itsdangerous import BadData, BadSignature, URLSafeSerializer, URLSafeTimedSerializer
from sqlalchemy.orm import Session

from feedback import links
from feedback.accounts import keys, people
from feedback.database import Base
from feedback.outbox.models import Message
from feedback.responses.guessing import MISSES
from feedback.work import work_until_idle
from tests.conftest import START, Time
from tests.factories import make_user, sign_in
from tests.invitations.stories import report
from tests.responses.stories import invited, link, send
from tests.security.zoo import Letter, post_mails

GUESSES = 400


def flips(text: str) -> list[str]:
    """Return the text with each of its bits turned over."""
    return [
        text[:place] + chr(ord(text[place]) ^ (1 << bit)) + text[place + 1 :]
        for place in range(len(text))
        for bit in range(7)
    ]


def opens(reader: Callable[[str], object], token: str) -> bool:
    try:
        return reader(token) is not None
    except (links.BadLink, BadData, ValueError, TypeError):
        return False


READERS: dict[str, Callable[[str], object]] = {
    "survey": links.read_survey_token,
    "preferences": links.read_preferences_token,
    "own": links.read_own_key,
    "nonce": links.read_page_nonce,
}


@pytest.fixture
def made(app: Flask) -> dict[str, str]:
    with app.app_context():
        return {
            "survey": links.survey_token(7),
            "preferences": links.preferences_token(7),
            "own": links.own_key(7, START),
            "nonce": links.page_nonce(7, purpose="answer", now=START),
        }


class _Unsigned(URLSafeSerializer):
    """What believes a token without looking at its signature (CVE-2025-59934)."""

    def loads(self, text: str, salt: str | None = None) -> object:  # type: ignore[override]
        return self.load_payload(text.rpartition(".")[0].encode())


@pytest.mark.parametrize("purpose", READERS)
def test_no_token_with_one_bit_turned_over_opens_anything(
    app: Flask, made: dict[str, str], purpose: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    turned = flips(made[purpose])
    with app.app_context():
        assert opens(READERS[purpose], made[purpose])
        assert [one for one in turned if opens(READERS[purpose], one)] == []
        # The planted hole: signatures are not looked at.
        monkeypatch.setattr(links, "_serializer", lambda salt: _Unsigned("k", salt=salt))
        monkeypatch.setattr(links, "_is_exact", lambda *_: True)
        assert [one for one in turned if opens(READERS[purpose], one)] != []


def test_no_token_opens_what_another_was_made_for(
    app: Flask, session: Session, made: dict[str, str], time: Time
) -> None:
    user = make_user(session)
    secret = keys.make_key(session, "crm", ["scores:read"], START)
    session.commit()
    with app.test_request_context():
        made |= {"password": people.password_link_token(user), "key": secret}
        for name, token in made.items():
            for purpose, reader in READERS.items():
                assert opens(reader, token) is (name == purpose), (name, purpose)
            assert (keys.find_key(session, token) is not None) is (name == "key")
            assert (people.read_password_link(session, token, time.now) is not None) is (
                name == "password"
            )


def test_no_token_opens_another_ones_address(
    app: Flask, session: Session, client: FlaskClient, time: Time
) -> None:
    invitation = invited(app, session)
    with app.app_context():
        number = invitation.id
        tokens = {
            "/s/{}": links.survey_token(number),
            "/p/{}": links.preferences_token(number),
            "/my/{}": links.own_key(number, time.now),
        }
    statuses = {
        (address, other): client.get(address.format(token)).status_code
        for address in tokens
        for other, token in tokens.items()
    }
    assert {place for place, status in statuses.items() if status == 200} == {
        (address, address) for address in tokens
    }
    assert {status for (a, b), status in statuses.items() if a != b} <= {404, 410, 429}


def test_an_api_key_with_one_bit_turned_over_lets_nobody_in(
    app: Flask, session: Session, client: FlaskClient
) -> None:
    secret = keys.make_key(session, "crm", ["scores:read"], START)
    session.commit()
    with app.app_context():
        assert keys.find_key(session, secret) is not None
        # The first letters say which key it is; all the rest is the secret.
        assert [one for one in flips(secret) if keys.find_key(session, one)] == []


def test_a_session_cookie_with_one_bit_turned_over_signs_nobody_in(
    app: Flask, session: Session, client: FlaskClient
) -> None:
    sign_in(client, session, make_user(session, "admin"))
    name = app.config["SESSION_COOKIE_NAME"]
    cookie = client.get_cookie(name)
    assert cookie is not None
    assert client.get("/admin/people").status_code == 200
    reads = app.session_interface.get_signing_serializer(app)
    assert reads is not None
    # The last letter of base64 has two bits that say nothing; nobody gets another cookie by them.
    for one in flips(cookie.value[:-1]):
        with pytest.raises(BadSignature):
            reads.loads(one + cookie.value[-1])
    other = app.test_client()
    other.set_cookie(name, cookie.value[:-2] + ("AA" if cookie.value[-2] != "A" else "BA"))
    assert other.get("/admin/people").status_code == 302


def test_a_form_token_of_somebody_elses_session_changes_nothing(
    app: Flask, session: Session, time: Time
) -> None:
    tokens = []
    for _ in range(2):
        client = app.test_client()
        sign_in(client, session, make_user(session, "admin"))
        page = client.get("/admin/teams").text
        tokens.append((client, page.split('name="csrf_token" value="')[1].split('"')[0]))
    (client, own), (_, others) = tokens
    for token in (others, "", own[:-1], *random.Random(1).sample(flips(own), 60)):  # noqa: S311
        form = {"name": "夜班", "csrf_token": token}
        assert client.post("/admin/teams", data=form).status_code == 400
    assert client.post("/admin/teams", data={"name": "夜班", "csrf_token": own}).status_code == 303


def test_guesses_open_nothing_and_are_slowed_down_and_nobody_else_is(
    app: Flask, session: Session, client: FlaskClient, time: Time
) -> None:
    """The long run, of 10,000 guesses of each kind, is `python -m bench.attacks guesses`."""
    dice = random.Random(1)  # noqa: S311
    path = link(app, invited(app, session))
    right = path.removeprefix("/s/")
    statuses = []
    for number in range(GUESSES):
        guess = (
            "".join(dice.choices(string.ascii_letters + string.digits + "-_.", k=len(right)))
            if number % 2
            else mutated(right, dice)
        )
        statuses.append(client.get(f"/s/{guess}").status_code)
        if number % 50 == 0:
            # A colleague in the same office, behind the same address.
            assert client.get(path).status_code == 200
    assert set(statuses) == {404, 429}
    assert statuses[:MISSES] == [404] * MISSES
    assert set(statuses[MISSES:]) == {429}
    elsewhere = client.get("/s/x", environ_overrides={"REMOTE_ADDR": "203.0.113.9"})
    assert elsewhere.status_code == 404


def mutated(token: str, dice: random.Random) -> str:
    """Return the token with one character another."""
    place = dice.randrange(len(token))
    others = [one for one in string.ascii_letters + string.digits if one != token[place]]
    return token[:place] + dice.choice(others) + token[place + 1 :]


def test_who_guesses_is_told_the_same_whatever_was_wrong(
    app: Flask, session: Session, client: FlaskClient, time: Time
) -> None:
    invitation = invited(app, session)
    right = link(app, invitation).removeprefix("/s/")
    with app.app_context():
        foreign = links.preferences_token(invitation.id)
        nobody = links.survey_token(10**9)
    answers = {
        (answer.status_code, re.sub(r'nonce="[^"]*"|nonce-[^\']*', "", answer.text),
         str(sorted(key for key, _ in answer.headers)))
        for guess in ("x", right[:-1], right + "A", foreign, "." * 60, "%F0%9F%98%80", "A" * 4000)
        for answer in [client.get(f"/s/{guess}")]
    }  # fmt: skip
    assert len(answers) == 1
    # Signed by us, and of nothing that is there: only whoever has the key can ask this.
    assert client.get(f"/s/{nobody}").status_code == 410


def everything_kept(session: Session, folder: Path) -> dict[str, bytes]:
    """Return whatever lies anywhere: rows as text, and every file but the mails themselves."""
    session.rollback()
    found = {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.suffix != ".eml"
    }
    for table in Base.metadata.sorted_tables:
        rows = session.execute(sa.select(table)).all()
        found[table.name] = repr([tuple(row) for row in rows]).encode()
    session.rollback()
    return found


def test_no_token_lies_anywhere_but_in_its_mail(
    app: Flask, session: Session, client: FlaskClient, runner: FlaskCliRunner, time: Time,
    tmp_path: Path, caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    letters = post_mails(app, session, time, 2)
    tokens = {part for one in letters for path in one.paths for part in path.split("/")}
    tokens = {token.partition("?")[0] for token in tokens if len(token) > 25}
    assert len(tokens) == 4, "a survey's and a preferences' for each"
    send(client, letters[0].survey, {"csat": "4", "comment": "好"})
    send(client, letters[0].survey, {"csat": "5"}, query="?change=1")
    client.post(f"{letters[1].survey}/stop")
    preferences = next(path for path in letters[0].paths if path.startswith("/p/"))
    page = client.get(preferences)
    nonce = next(n for n in re.findall(r'name="nonce" value="([^"]+)"', page.text)[::-1])
    client.post(f"{preferences}/key", data={"nonce": nonce})
    work_until_idle(app, now=time.forward(minutes=5), worker="w")
    folder = Path(app.config["INSTANCE_PATH"]) / "mail"
    for path in folder.glob("*.eml"):
        tokens |= set(re.findall(r"/my/([\w.-]{25,})", str(Letter.read(path.read_bytes()).links)))
    admin = make_user(session, "admin")
    tokens.add(keys.make_key(session, "crm", ["responses:read", "interactions:read"], time.now))
    sign_in(client, session, admin)
    with client.session_transaction() as cookie:
        tokens.add(cookie["_user_id"])
    with app.test_request_context():
        tokens.add(people.password_link_token(admin))
    session.commit()
    key = next(token for token in tokens if token.startswith("afk_"))
    bearer = {"Authorization": f"Bearer {key}"}
    bodies = [client.get("/api/v1/responses", headers=bearer).data]
    bodies += [client.get(f"/api/v1/interactions/{one}", headers=bearer).data for one in (1, 2)]
    bodies += [client.get(page).data for page in ("/responses", "/admin/queue", "/admin/audit")]
    for what in ("responses", "interactions"):
        runner.invoke(args=["export", what, "--output", str(tmp_path / f"{what}.csv")])
    done = runner.invoke(args=["backup", str(tmp_path / "backup.zip")])
    assert done.exit_code == 0, done.output
    kept = everything_kept(session, tmp_path)
    kept |= {"log": caplog.text.encode()} | {f"body {n}": body for n, body in enumerate(bodies)}
    assert len(tokens) >= 8
    secret = {token.rpartition(".")[2].rpartition("afk_1_")[2] for token in tokens}
    assert not [(name, one) for one in secret for name, content in kept.items()
                if one.encode() in content]  # fmt: skip
    # The planted hole: a mail that is kept with its link.
    one = min(secret)
    session.execute(sa.update(Message).values(text=f"/s/x.{one}"))
    session.commit()
    kept = everything_kept(session, tmp_path)
    assert [name for name, content in kept.items() if one.encode() in content]


def rotated(make_app: Callable[..., Flask]) -> tuple[Flask, Flask]:
    old, new = "an older secret of ours", "a newer secret of ours"
    return make_app(SECRET_KEY=old), make_app(SECRET_KEY=new, SECRET_KEY_FALLBACKS=f"{old},oldest")


def test_a_new_key_signs_and_the_old_one_still_opens(
    make_app: Callable[..., Flask], session: Session, time: Time
) -> None:
    app, later = rotated(make_app)
    path = link(app, invited(app, session))
    client = app.test_client()
    sign_in(client, session, make_user(session, "admin"))
    name = app.config["SESSION_COOKIE_NAME"]
    cookie = client.get_cookie(name)
    assert cookie is not None
    page = later.test_client()
    page.set_cookie(name, cookie.value, domain="localhost")
    assert page.get(path).status_code == 200
    assert page.get("/admin/people").status_code == 200, "nobody is signed out by a new key"
    # What is made now is the new key's alone (CVE-2025-47278).
    with later.app_context():
        fresh = links.survey_token(7)
    alone = make_app(SECRET_KEY=later.config["SECRET_KEY"])
    with alone.app_context():
        assert links.read_survey_token(fresh) == 7
    with app.app_context(), pytest.raises(links.BadLink):
        links.read_survey_token(fresh)


def test_no_letter_of_an_old_key_is_a_key(make_app: Callable[..., Flask]) -> None:
    """Flask takes each member of what it is given for a key; of a text those are its letters."""
    _, app = rotated(make_app)
    reads = app.session_interface.get_signing_serializer(app)
    assert reads is not None
    for letter in sorted(set("an older secret of ours,oldest")):
        forged = URLSafeTimedSerializer(
            letter, salt="cookie-session", serializer=TaggedJSONSerializer(),
            signer_kwargs=reads.signer_kwargs,
        ).dumps({"_user_id": "x"})  # fmt: skip
        with pytest.raises(Exception, match="does not match"):
            reads.loads(forged)


def test_whoever_asked_us_to_stop_stays_known_after_a_new_key(
    make_app: Callable[..., Flask], session: Session, time: Time
) -> None:
    app = make_app(SECRET_KEY="an older secret of ours")
    later = make_app(
        SECRET_KEY="a newer secret of ours", SECRET_KEY_FALLBACKS="an older secret of ours"
    )
    address = "chen@example.cn"
    report(app, session, time.now, customer_email=address)
    assert work_until_idle(app, now=time.forward(minutes=11), worker="w").sent == 1
    folder = Path(app.config["INSTANCE_PATH"]) / "mail"
    letter = Letter.read(next(folder.glob("*.eml")).read_bytes())
    later.test_client().post(f"{letter.survey}/stop")
    time.now += timedelta(days=60)
    report(later, session, time.now, customer_email=address)
    done = work_until_idle(later, now=time.forward(minutes=11), worker="w")
    assert done.sent == 0
