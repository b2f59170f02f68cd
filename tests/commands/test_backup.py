"""`flask backup` and `flask restore`: all of it, at one moment, and back on either database."""

import json
import stat
import zipfile
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskCliRunner
from flask_migrate import downgrade, upgrade
from sqlalchemy.orm import Session

from feedback import create_app, keep
from feedback.accounts.models import User
from feedback.config import ROOT
from feedback.database import db
from feedback.interactions.models import Interaction, StaffMember
from feedback.responses.models import Answer, Response
from tests.conftest import settings_for
from tests.factories import make_interaction, make_response, make_user


@pytest.fixture
def kept(runner: FlaskCliRunner, session: Session, tmp_path: Path) -> Path:
    for number in range(3):
        interaction = make_interaction(session, external_id=f"GD-{number}")
        make_response(session, interaction, csat=number + 1, comment="谢谢 𠮷🙂")
    make_user(session, "admin", email="a@example.cn")
    session.commit()
    path = tmp_path / "all.backup"
    result = runner.invoke(args=["backup", str(path)])
    assert result.exit_code == 0, result.output
    return path


def everything(app: Flask) -> dict[str, list[tuple[object, ...]]]:
    found = {}
    with app.app_context(), db.engine.connect() as connection:
        for table in keep._ordered():
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


def test_a_damaged_backup_changes_nothing(kept: Path, app: Flask, runner: FlaskCliRunner) -> None:
    before = everything(app)
    with zipfile.ZipFile(kept) as archive:
        content = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(kept, "w") as archive:
        for name, text in content.items():
            archive.writestr(name, text.replace(b'"score": 3', b'"score": 5'))
    for damaged in (kept.read_bytes(), kept.read_bytes()[:-40], b"", b"no zip at all"):
        kept.write_bytes(damaged)
        assert runner.invoke(args=["restore", str(kept), "--replace"]).exit_code == 2
    assert everything(app) == before


def test_a_restore_that_fails_halfway_changes_nothing(
    kept: Path, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = everything(app)

    def fail(session: Session) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(keep, "continue_numbering", fail)
    with app.app_context(), pytest.raises(OSError, match="full"):
        keep.restore_backup(db.engine, kept, ROOT / "migrations", lambda rows: None, replace=True)
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
