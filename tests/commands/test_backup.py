"""`flask backup` and `flask restore`: all of it, at one moment, and back on either database."""

import contextlib
import json
import stat
import threading
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskCliRunner
from flask_migrate import downgrade, upgrade
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from feedback import create_app, keep, put_back
from feedback.accounts.models import ApiKey, SignIn, User
from feedback.accounts.sessions import begin
from feedback.brands.notice import kept_notice
from feedback.database import Base, db
from feedback.interactions.models import Customer, Interaction, StaffMember
from feedback.invitations.models import Invitation
from feedback.outbox.models import Message, Suppression, WorkerBeat
from feedback.outbox.queue import UNCERTAIN, state_of
from feedback.reports.trends.annotate import annotate
from feedback.responses.models import Answer, Response
from feedback.surveys.models import Survey
from feedback.work import work_until_idle
from tests.brands.stories import add_other
from tests.conftest import START, Time, settings_for
from tests.factories import make_interaction, make_response, make_user
from tests.invitations.stories import report
from tests.outbox.letters import make_message as make_mail
from tests.touchpoints.stories import TODAY, aim, days_on

ENGLISH = {"FLASK_RUN_FROM_CLI": "true", "LC_ALL": "en_GB.UTF-8"}


@pytest.fixture
def kept(runner: FlaskCliRunner, app: Flask, session: Session, tmp_path: Path) -> Path:
    # With a logo, which is bytes.
    kept_notice(session, add_other(app, session).id, START, 24)
    for number in range(3):
        interaction = make_interaction(session, external_id=f"GD-{number}")
        make_response(session, interaction, csat=number + 1, comment="谢谢 𠮷🙂")
    admin = make_user(session, "admin", email="a@example.cn")
    aim(session, admin, 0.825, days_on(-3), reason="定晚了")
    note = {"day": TODAY, "text": "新话术 🙂", "breaks": True, "subject": "all", "subject_id": 0}
    annotate(session, **note, by=admin, now=START)
    session.commit()
    path = tmp_path / "all.backup"
    result = runner.invoke(args=["backup", str(path)])
    assert result.exit_code == 0, result.output
    return path


def everything(app: Flask) -> dict[str, list[tuple[object, ...]]]:
    found = {}
    with app.app_context(), db.engine.connect() as connection:
        for table in keep.kept_tables():
            # The log that goes on tells of each putting back, and has tests of its own; that there
            # is a backup is written down after it was made.
            if table.name.startswith("audit_") or table.name == "milestone":
                continue
            query = sa.select(table).order_by(*table.primary_key.columns)
            found[table.name] = [tuple(row) for row in connection.execute(query)]
    return found


def test_a_backup_goes_back_into_the_other_kind_of_database(
    kept: Path, app: Flask, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    if app.config["DATABASE_URL"].startswith("sqlite"):
        url = request.getfixturevalue("postgres").fresh()
    else:
        url = f"sqlite:///{tmp_path / 'other.sqlite'}"
    other = create_app(settings_for(url, tmp_path / "other"))
    with other.app_context():
        upgrade()
    result = other.test_cli_runner().invoke(args=["restore", str(kept)])
    assert result.exit_code == 0, result.output
    assert everything(other) == everything(app)
    # New rows follow those that were put in.
    with other.app_context(), Session(db.engine) as session:
        make_response(session, make_interaction(session), csat=5)
        session.commit()
        assert session.scalar(sa.select(sa.func.count()).select_from(Response)) == 4
    with other.app_context():
        db.engine.dispose()


def test_only_its_owner_can_read_a_backup_and_no_key_is_in_it(kept: Path, app: Flask) -> None:
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    with zipfile.ZipFile(kept) as archive:
        content = b"".join(archive.read(name) for name in archive.namelist())
    assert app.config["SECRET_KEY"].encode() not in content


def test_what_is_there_is_not_overwritten_unless_asked(
    kept: Path, app: Flask, runner: FlaskCliRunner, session: Session
) -> None:
    before = everything(app)
    make_interaction(session, external_id="later")
    session.commit()
    refused = runner.invoke(args=["restore", str(kept)])
    assert refused.exit_code == 2
    assert session.scalar(sa.select(Interaction.id).where(Interaction.external_id == "later"))
    session.commit()
    assert runner.invoke(args=["restore", str(kept), "--replace"]).exit_code == 0
    assert everything(app) == before


def test_what_nobody_can_sign_in_with_any_more_does_not_hinder(
    kept: Path, runner: FlaskCliRunner, session: Session
) -> None:
    """Signed-in browsers belong to people who are about to be replaced, and are not kept."""
    user = session.scalars(sa.select(User)).one()
    begin(session, user, "a browser", user.created_at)
    session.add(WorkerBeat(worker="one", at=user.created_at))
    session.commit()
    assert runner.invoke(args=["restore", str(kept), "--replace"]).exit_code == 0
    assert session.scalars(sa.select(SignIn.digest)).all() == []


@pytest.mark.parametrize(
    "row",
    [
        Customer(key="id:x:1", created_at=START),
        Suppression(address_digest="d" * 64, reason="complaint", created_at=START),
        Survey(key="after", version=2),
        Survey(key="own", version=1, drafted_at=START),
        ApiKey(name="crm", secret_digest="d" * 64, created_at=START),
    ],
    ids=lambda row: type(row).__name__,
)
def test_whatever_would_be_lost_makes_a_database_not_empty(
    runner: FlaskCliRunner, session: Session, tmp_path: Path, row: Base
) -> None:
    empty = tmp_path / "empty.backup"
    runner.invoke(args=["backup", str(empty)])
    # A worker that has looked in, and found nothing, is no reason.
    runner.invoke(args=["work", "--once"])
    assert runner.invoke(args=["restore", str(empty)]).exit_code == 0
    session.merge(row)
    session.commit()
    result = runner.invoke(args=["restore", str(empty)])
    assert result.exit_code == 2
    assert "--replace" in result.stderr
    session.rollback()


def test_a_backup_is_of_one_moment_though_people_go_on_answering(
    app: Flask, runner: FlaskCliRunner, session: Session, tmp_path: Path
) -> None:
    """Each answer comes with its response and its interaction, or not at all; nobody waits."""
    interaction = make_interaction(session)
    session.commit()
    told: list[int] = []

    def answer() -> None:
        with Session(session.get_bind()) as other:
            made = make_interaction(
                other,
                channel_id=interaction.channel_id,
                customer_id=interaction.customer_id,
                staff_id=None,
            )
            response = make_response(other, made, csat=4, comment="…")
            other.commit()
            told.append(response.id)

    answer()
    path = tmp_path / "all.backup"

    def progress(rows: int) -> None:
        # Another person, hence another thread: this one only reads.
        thread = threading.Thread(target=answer)
        thread.start()
        thread.join(20)

    with app.app_context():
        keep.write_backup(db.engine, path, START, key="k", progress=progress)
    assert len(told) > 50
    manifest = keep.read_manifest(path)
    with zipfile.ZipFile(path) as archive:
        held = {
            name: [json.loads(line) for line in archive.read(f"{name}.jsonl").splitlines()]
            for name in manifest.tables
        }
    assert {row["id"] for row in held["response"]} == {told[0]}
    assert {row["response_id"] for row in held["answer"]} == {told[0]}
    assert len(held["interaction"]) == 2
    assert {name: len(rows) for name, rows in held.items()} == manifest.tables


def test_a_damaged_backup_changes_nothing(kept: Path, app: Flask, runner: FlaskCliRunner) -> None:
    before = everything(app)
    whole = kept.read_bytes()
    with zipfile.ZipFile(kept) as archive:
        content = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(kept, "w") as archive:
        for name, text in content.items():
            archive.writestr(name, text.replace(b'"score": 3', b'"score": 5'))
    changed = kept.read_bytes()
    for damaged in (changed, whole[:-40], whole[: len(whole) // 2], b"", b"no zip at all"):
        kept.write_bytes(damaged)
        result = runner.invoke(args=["restore", str(kept), "--replace"])
        assert result.exit_code == 2
        assert "damaged" in result.stderr
    assert everything(app) == before


@pytest.mark.parametrize("content", ["[]", "{}", "nonsense", '{"form": 1, "digests": []}'])
def test_a_manifest_that_says_nothing_is_a_damaged_one(
    runner: FlaskCliRunner, tmp_path: Path, content: str
) -> None:
    path = tmp_path / "x.backup"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("manifest.json", content)
    assert runner.invoke(args=["restore", str(path)]).exit_code == 2


@settings(
    derandomize=True,
    deadline=None,
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(where=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
def test_any_flipped_bit_is_found_or_does_not_matter(kept: Path, where: float, bit: int) -> None:
    whole = kept.read_bytes()
    manifest = keep.read_manifest(kept)
    flipped = bytearray(whole)
    flipped[int(where * len(whole))] ^= 1 << bit
    copy = kept.with_suffix(".copy")
    copy.write_bytes(flipped)
    # Some bits of a zip say nothing, such as the hour a part was written at.
    with contextlib.suppress(keep.Unusable):
        assert keep.read_manifest(copy) == manifest


def test_a_restore_that_fails_halfway_changes_nothing(
    kept: Path, app: Flask, runner: FlaskCliRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = everything(app)

    def fail(session: Session) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(put_back, "continue_numbering", fail)
    result = runner.invoke(args=["restore", str(kept), "--replace"])
    assert isinstance(result.exception, OSError)
    assert everything(app) == before


def test_a_backup_of_a_newer_version_is_refused(kept: Path, runner: FlaskCliRunner) -> None:
    with zipfile.ZipFile(kept) as archive:
        content = {name: archive.read(name) for name in archive.namelist()}
    manifest = json.loads(content["manifest.json"]) | {"revision": "9999"}
    content["manifest.json"] = json.dumps(manifest).encode()
    with zipfile.ZipFile(kept, "w") as archive:
        for name, text in content.items():
            archive.writestr(name, text)
    result = runner.invoke(args=["restore", str(kept), "--replace"])
    assert result.exit_code == 2
    assert "newer" in result.stderr


def test_a_backup_of_an_older_version_is_brought_up_to_date(
    app: Flask, runner: FlaskCliRunner, tmp_path: Path
) -> None:
    old = create_app(settings_for(f"sqlite:///{tmp_path / 'old.sqlite'}", tmp_path / "old"))
    with old.app_context():
        upgrade(revision="0002")
        with db.engine.begin() as connection:
            connection.exec_driver_sql(
                "INSERT INTO staff_member (id, external_id, name) VALUES (7, 'e-7', '李静')"
            )
    path = tmp_path / "old.backup"
    _as_then(old, path)
    result = runner.invoke(args=["restore", str(path)])
    assert result.exit_code == 0, result.output
    with app.app_context(), Session(db.engine) as session:
        assert session.scalars(sa.select(StaffMember.name)).all() == ["李静"]
        assert session.scalars(sa.select(Answer.score)).all() == []
        assert session.scalars(sa.select(User.id)).all() == []


def _as_then(old: Flask, path: Path) -> None:
    """Write a backup the way that version did: with the tables and columns it had."""
    with old.app_context(), zipfile.ZipFile(path, "w") as archive:
        then = sa.MetaData()
        then.reflect(db.engine)
        held, digests = {}, {}
        with db.engine.connect() as connection:
            for table in then.sorted_tables:
                if table.name == "alembic_version":
                    continue
                lines = b"".join(
                    json.dumps({k: keep._written(v) for k, v in row._mapping.items()}).encode()
                    + b"\n"
                    for row in connection.execute(sa.select(table))
                )
                archive.writestr(f"{table.name}.jsonl", lines)
                held[table.name] = lines.count(b"\n")
                digests[table.name] = keep.hashlib.sha256(lines).hexdigest()
        manifest = {
            "form": 1, "made_at": "2026-01-01T00:00:00+00:00", "revision": "0002",
            "tables": held, "digests": digests,
        }  # fmt: skip
        archive.writestr("manifest.json", json.dumps(manifest))
        db.engine.dispose()


def test_a_database_behind_the_code_is_refused(
    kept: Path, app: Flask, runner: FlaskCliRunner
) -> None:
    with app.app_context():
        downgrade(revision="0002")
    try:
        assert runner.invoke(args=["restore", str(kept), "--replace"]).exit_code == 2
    finally:
        with app.app_context():
            upgrade()


def test_a_database_behind_the_code_is_not_kept_either(
    runner: FlaskCliRunner, app: Flask, tmp_path: Path
) -> None:
    with app.app_context():
        downgrade(revision="0002")
    try:
        result = runner.invoke(args=["backup", str(tmp_path / "x.backup")])
        assert result.exit_code == 2
        assert list(tmp_path.glob("*x.backup*")) == []
    finally:
        with app.app_context():
            upgrade()


def test_the_key_is_told_apart_and_asked_for(
    kept: Path, make_app: Callable[..., Flask], runner: FlaskCliRunner
) -> None:
    same = runner.invoke(args=["restore", str(kept), "--replace"], env=ENGLISH)
    assert "secret key" not in same.stderr
    assert "is held" in same.stderr
    other = make_app(SECRET_KEY="another one").test_cli_runner()
    result = other.invoke(args=["restore", str(kept), "--replace"], env=ENGLISH)
    assert result.exit_code == 0
    assert "secret key is another one" in result.stderr


def test_a_backup_that_is_interrupted_leaves_the_one_before(
    kept: Path, runner: FlaskCliRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = kept.read_bytes()

    def fail(*args: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(keep, "_written", fail)
    assert runner.invoke(args=["backup", str(kept)]).exit_code == 1
    assert kept.read_bytes() == before
    assert [path.name for path in kept.parent.glob("*.part")] == []


@pytest.mark.parametrize("path", ["/dev/null", "/", "/nowhere/at/all.backup"])
def test_a_backup_goes_into_a_file_on_a_disk(runner: FlaskCliRunner, path: str) -> None:
    assert runner.invoke(args=["backup", path]).exit_code == 2


def test_restoring_from_no_file_is_wrong_use(runner: FlaskCliRunner, tmp_path: Path) -> None:
    assert runner.invoke(args=["restore", str(tmp_path / "none")]).exit_code == 2


def test_what_may_have_gone_out_since_the_backup_waits_for_somebody(
    app: Flask, session: Session, runner: FlaskCliRunner, time: Time, tmp_path: Path
) -> None:
    make_mail(session, created_at=time.now, send_after=time.now)
    report(app, session, time.now)
    path = tmp_path / "all.backup"
    assert runner.invoke(args=["backup", str(path)]).exit_code == 0
    before = session.scalar(sa.select(sa.func.max(Invitation.id))) or 0
    session.rollback()
    work_until_idle(app, now=time.now, worker="one")
    time.forward(minutes=5)
    assert runner.invoke(args=["restore", str(path), "--replace"]).exit_code == 0
    time.forward(minutes=5)
    done = work_until_idle(app, now=time.now, worker="one")
    assert (done.issued, done.sent) == (1, 0)
    messages = session.scalars(sa.select(Message)).all()
    assert [state_of(message, time.now) for message in messages] == [UNCERTAIN, UNCERTAIN]
    session.rollback()
    # What comes in now is asked about as ever, under a number that no mail has named.
    new = report(app, session, time.now)
    assert work_until_idle(app, now=time.now, worker="one").sent == 1
    numbers = session.scalars(sa.select(Invitation.id).where(Invitation.interaction_id == new.id))
    assert min(numbers) > before + put_back.GIVEN_SINCE
