"""`flask export`: what comes out is what is there, whole, and can be taken in again."""

import csv
import io
import json
import os
import pty
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskCliRunner
from sqlalchemy.orm import Session

from feedback import create_app
from feedback.commands import export_target
from feedback.database import db, writing_session
from feedback.interactions.fields import COLUMNS as INTERACTION_COLUMNS
from feedback.interactions.formula_guard import unguarded
from feedback.interactions.models import Interaction
from feedback.invitations.models import Invitation
from feedback.reports.files import export_responses
from feedback.responses.models import Answer, Response
from feedback.responses.read_response import COLUMNS as RESPONSE_COLUMNS
from tests.conftest import Time, migrate, settings_for
from tests.factories import make_customer, make_interaction, make_response
from tests.invitations.stories import report

ENGLISH = {"FLASK_RUN_FROM_CLI": "true", "LC_ALL": "en_GB.UTF-8"}
COMMENTS = [
    "接电话很快",
    "=HYPERLINK(\"http://evil.example\",\"here\")",
    "+86 138 0013 8000",
    "-3 points\n@home",
    "😀 𠮷 \u202eمرحبا",
    'a "quoted", comma; and\nnew lines\n\n',
    "  ＝1+1",
    "'=1+1",
]  # fmt: skip


@pytest.fixture
def answers(session: Session, time: Time) -> list[Response]:
    """Responses with difficult comments, days apart; one struck out, one from a second wave."""
    made = []
    for number, comment in enumerate(COMMENTS):
        closed = datetime(2026, 8, 1 + number, 1, 0, tzinfo=UTC)
        interaction = make_interaction(
            session, closed_at=closed, customer_phone="+8613800138000", subject="-订单"
        )
        made.append(
            make_response(
                session, interaction, csat=1 + number % 5, nps=number, comment=comment,
                answered_at=closed + timedelta(days=1),
            )
        )  # fmt: skip
    made[0].answers += [
        Answer(question_key=key, choice=choice)
        for key, choice in (
            ("reasons", "slow"),
            ("reasons", "price"),
            ("solved", "yes"),
            ("x", "y"),
        )
    ]
    made[1].excluded_at, made[1].excluded_because = time.now, "a test"
    made.append(make_response(session, made[2].interaction, wave=2, csat=3, provenance="phone"))
    session.commit()
    return made


def run(runner: FlaskCliRunner, *args: str) -> Any:
    result = runner.invoke(args=["export", *args], env=ENGLISH)
    assert result.exit_code == 0, result.output
    return result


def table(runner: FlaskCliRunner, *args: str) -> list[dict[str, str]]:
    text = run(runner, *args).stdout_bytes.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def workbook(path: Path) -> list[list[Any]]:
    book = openpyxl.load_workbook(path)
    assert book.sheetnames[1] == "definitions"
    assert not [c for s in book for row in s.iter_rows() for c in row if c.data_type == "f"]
    return [[cell.value for cell in row] for row in book.worksheets[0].iter_rows()]


def test_responses_come_out_with_every_character(
    runner: FlaskCliRunner, answers: list[Response]
) -> None:
    rows = table(runner, "responses")
    assert list(rows[0])[: len(RESPONSE_COLUMNS)] == list(RESPONSE_COLUMNS)
    by_number = {row["id"]: row for row in rows}
    assert len(rows) == len(answers)
    for response, comment in zip(answers, COMMENTS, strict=False):
        assert unguarded(by_number[str(response.id)]["comment"]) == comment
    first, struck = by_number[str(answers[0].id)], by_number[str(answers[1].id)]
    assert (first["csat"], first["nps"], first["ces"], first["wave"]) == ("1", "0", "", "1")
    assert first["answered_at"] == "2026-08-02T09:00:00+08:00"
    assert (first["channel"], first["staff_name"], first["team"]) == ("phone", "李静", "客服一组")
    assert (first["day"], first["reasons"]) == ("2026-08-01", "price,slow")
    assert (first["solved"], first["choices"]) == ("yes", "x=y")
    assert struck["excluded_because"] == "a test"
    # In the order they were given.
    moments = [row["answered_at"] for row in rows]
    assert moments == sorted(moments)


def test_no_cell_begins_like_a_formula(runner: FlaskCliRunner, answers: list[Response]) -> None:
    for what in ("responses", "interactions", "scores"):
        for row in table(runner, what):
            for name, cell in row.items():
                number = name in ("value", "low", "high")
                assert number or not cell.strip().startswith(tuple("=+-@＝＋－＠")), (name, cell)


def test_from_and_to_are_days_of_the_answer_for_responses_and_of_the_contact_elsewhere(
    runner: FlaskCliRunner, session: Session, answers: list[Response]
) -> None:
    # 23:59:59 in Shanghai, of a contact of the day before.
    answers[3].answered_at = datetime(2026, 8, 5, 15, 59, 59, tzinfo=UTC)
    session.commit()
    days = ("--from", "2026-08-05", "--to", "2026-08-05")
    found = table(runner, "responses", *days)
    assert {row["day"] for row in found} == {"2026-08-04"}
    assert [row["id"] for row in found] == [str(answers[3].id)]
    assert {row["day"] for row in table(runner, "interactions", *days)} == {"2026-08-05"}
    whole = table(runner, "scores", *days, "--period", "whole", "--metric", "csat", "--wave", "1")
    assert {row["period"] for row in whole} == {"2026-08-05/2026-08-05"}
    assert {row["n"] for row in whole} == {"1"}


def test_interactions_come_out_with_what_became_of_their_invitations(
    app: Flask, runner: FlaskCliRunner, session: Session
) -> None:
    closed = datetime(2026, 6, 1, 3, 0, tzinfo=UTC)
    key = make_customer(session, key="id:test:c-77").id
    report(app, session, closed, customer_id=key, customer_phone="+8613800138000")
    report(app, session, closed, customer_email=None, staff_id=None, team_id=None)
    runner.invoke(args=["work", "--once", "--now", closed.isoformat()])
    asked, unasked = table(runner, "interactions")
    assert list(asked)[: len(INTERACTION_COLUMNS)] == list(INTERACTION_COLUMNS)
    assert asked["customer_external_id"] == "c-77"
    assert asked["customer_email"].endswith("@example.cn")
    assert asked["customer_phone"] == "'+8613800138000"
    assert (asked["closed_at"], asked["day"]) == ("2026-06-01T11:00:00+08:00", "2026-06-01")
    assert (asked["staff_external_id"], asked["team"]) == ("e-1", "客服一组")
    assert asked["wave_1_state"] in ("invited", "expired")
    assert asked["wave_1_issued_at"] == "2026-06-01T11:00:00+08:00"
    assert (asked["wave_2_state"], asked["wave_2_withheld_because"]) == ("scheduled", "")
    assert (unasked["staff_name"], unasked["team"]) == ("", "")
    assert (unasked["wave_1_state"], unasked["wave_1_withheld_because"]) == ("withheld", "nobody")
    assert unasked["wave_1_issued_at"] == ""


def test_an_answer_held_for_a_machines_is_no_response(
    app: Flask, session: Session, runner: FlaskCliRunner
) -> None:
    interaction = report(app, session, datetime(2026, 9, 2, 1, 0, tzinfo=UTC))
    invitation = session.scalars(sa.select(Invitation).where(Invitation.wave == 1)).one()
    make_response(
        session,
        interaction,
        csat=3,
        invitation_id=invitation.id,
        suspected_at=interaction.closed_at,
        suspected_because="quick_posts",
    )
    session.commit()
    assert table(runner, "responses") == []


def test_what_came_out_goes_in_elsewhere_as_it_was(
    runner: FlaskCliRunner, session: Session, answers: list[Response], tmp_path: Path
) -> None:
    for what in ("interactions", "responses"):
        run(runner, what, "--output", str(tmp_path / f"{what}.csv"))
    url = f"sqlite:///{tmp_path / 'elsewhere.sqlite'}"
    migrate(url, tmp_path / "elsewhere")
    elsewhere = create_app(settings_for(url, tmp_path / "elsewhere"))
    for what in ("interactions", "responses"):
        result = elsewhere.test_cli_runner().invoke(
            args=["import", what, str(tmp_path / f"{what}.csv"), "--format", "json"]
        )
        assert result.exit_code == 0, result.output
        done = json.loads(result.stdout)
        assert (done["created"], done["refused"]) == (done["read"], 0)
    here = everything(session)
    with elsewhere.app_context(), Session(db.engine) as other:
        assert everything(other) == here
        phones = other.scalars(sa.select(Interaction.customer_phone)).all()
        db.engine.dispose()
    assert set(phones) == {"+8613800138000"}


def everything(session: Session) -> list[tuple[Any, ...]]:
    """Return what everybody said, and about what."""
    rows = session.execute(
        sa.select(
            Interaction.source, Interaction.external_id, Interaction.closed_at, Interaction.day,
            Interaction.subject, Interaction.customer_email, Response.wave, Response.answered_at,
            Response.provenance, Answer.question_key, Answer.score, Answer.comment,
        )
        .join(Response, Response.interaction_id == Interaction.id)
        .join(Answer, Answer.response_id == Response.id)
        .where(Answer.choice == "")
        .order_by(Interaction.external_id, Response.wave, Answer.question_key)
    ).all()  # fmt: skip
    session.rollback()
    return [tuple(row) for row in rows]


def test_figures_come_out_as_one_long_table(
    runner: FlaskCliRunner, answers: list[Response]
) -> None:
    rows = table(runner, "scores")
    assert list(rows[0]) == [
        "metric", "definition", "by", "key", "label", "period", "wave", "n", "value", "low", "high",
        "status", "provisional", "asked", "answered", "expected", "reliability", "standing",
        "best_estimate", "best_low", "best_high", "own_weight", "flag", "date_basis",
        "shared_n", "shared_weight", "shared_effective_n", "shared_value", "shared_low",
        "shared_high",
    ]  # fmt: skip
    assert {(row["metric"], row["by"], row["wave"]) for row in rows} >= {
        (metric, by, wave)
        for metric in ("csat", "nps")
        for by in ("", "channel", "staff")
        for wave in ("1", "2")
        if (metric, wave) != ("nps", "2") or by == ""
    }
    (august,) = [
        row
        for row in rows
        if (row["metric"], row["by"], row["wave"], row["period"])
        == ("nps", "staff", "1", "2026-08")
    ]
    printed = runner.invoke(
        args=["scores", "--metric", "nps", "--by", "staff", "--period", "month", "--format", "json"]
    )
    (point,) = json.loads(printed.stdout)["groups"][0]["points"]
    assert (august["n"], august["value"]) == (str(point["n"]), str(point["value"]))
    assert float(august["value"]) < 0
    assert (august["key"], august["label"], august["definition"]) == ("e-1", "李静", "nps/1")
    assert august["date_basis"] == "interaction"
    # Nobody was asked how easy it was: a count, and no figure.
    nothing = [row for row in rows if row["metric"] == "ces"]
    assert {(row["n"], row["value"], row["status"]) for row in nothing} == {("0", "", "no_answers")}


def test_a_persons_score_never_leaves_alone(
    runner: FlaskCliRunner, answers: list[Response]
) -> None:
    months = table(runner, "scores", "--metric", "csat", "--by", "staff", "--wave", "1")
    scored = [row for row in months if row["value"]]
    assert scored
    for row in scored:
        assert (row["standing"], row["reliability"]) == ("few", "0.0")
        assert float(row["expected"]) == pytest.approx(float(row["value"]))
        assert (row["asked"], row["best_estimate"], row["flag"]) == ("0", "", "")
    (whole,) = table(
        runner, "scores", "--metric", "csat", "--by", "staff", "--wave", "1", "--period", "whole"
    )
    assert whole["best_estimate"]
    assert whole["best_low"] < whole["best_estimate"] < whole["best_high"]


def test_figures_may_be_narrowed_and_parted_otherwise(
    runner: FlaskCliRunner, answers: list[Response]
) -> None:
    rows = table(
        runner, "scores", "--metric", "csat", "--by", "team", "--wave", "1", "--period", "whole",
        "--where", "channel=phone",
    )  # fmt: skip
    assert [(row["by"], row["key"], row["n"]) for row in rows] == [("team", "客服一组", "7")]


@pytest.mark.parametrize("what", ["responses", "interactions", "scores"])
def test_a_workbook_holds_what_the_csv_holds_and_says_what_it_is(
    runner: FlaskCliRunner, answers: list[Response], tmp_path: Path, what: str
) -> None:
    path = tmp_path / "out.xlsx"
    result = run(runner, what, "--output", str(path))
    assert result.stdout == ""
    rows = workbook(path)
    plain = table(runner, what)
    assert rows[0] == list(plain[0])
    assert len(rows) == len(plain) + 1
    for row, cells in zip(rows[1:], plain, strict=True):
        for value, cell in zip(row, cells.values(), strict=True):
            if isinstance(value, str):
                assert value == unguarded(cell)
            elif isinstance(value, bool):
                assert cell == str(value).lower()
            elif isinstance(value, int | float):
                assert float(cell) == value
            elif isinstance(value, datetime):
                assert cell.startswith(f"{value:%Y-%m-%d}")
            else:
                assert cell == ""
    definitions = openpyxl.load_workbook(path)["definitions"]
    terms = {row[0].value: row[1].value for row in definitions.iter_rows()}
    assert set(rows[0]) < set(terms)
    assert terms["Zone of all moments"] == "Asia/Shanghai"
    assert ("nps/1" in terms) == (what == "scores")


def test_the_form_follows_the_files_name_unless_it_is_said(
    runner: FlaskCliRunner, answers: list[Response], tmp_path: Path
) -> None:
    run(runner, "responses", "--output", str(tmp_path / "A.XLSX"))
    assert (tmp_path / "A.XLSX").read_bytes().startswith(b"PK")
    run(runner, "responses", "--output", str(tmp_path / "b.xlsx"), "--format", "csv")
    assert (tmp_path / "b.xlsx").read_bytes().startswith(b"\xef\xbb\xbf")
    piped = run(runner, "responses", "--format", "xlsx").stdout_bytes
    book = openpyxl.load_workbook(io.BytesIO(piped))
    assert book.sheetnames == ["responses", "definitions"]


def test_an_empty_export_has_its_header(runner: FlaskCliRunner, session: Session) -> None:
    for what in ("responses", "interactions", "scores"):
        text = run(runner, what).stdout_bytes.decode("utf-8-sig")
        assert text.count("\r\n") == 1


def test_many_batches_make_one_table(
    runner: FlaskCliRunner, answers: list[Response], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = table(runner, "responses")
    monkeypatch.setattr(export_responses, "_BATCH", 2)
    assert table(runner, "responses") == whole


def test_what_is_written_while_it_runs_is_not_in_it(
    runner: FlaskCliRunner,
    answers: list[Response],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """Two at a time are read; between, a response is added, and one that is to come is changed."""
    monkeypatch.setattr(export_responses, "_BATCH", 2)
    before = table(runner, "responses")
    write = export_target.write_csv

    def write_slowly(sheet: Any, file: Any, zone: Any, tell: Callable[[int], None]) -> None:
        def told(rows: int) -> None:
            with writing_session() as other:
                make_response(other, csat=1, comment="late", answered_at=answers[-1].answered_at)
                other.execute(sa.update(Answer).where(Answer.metric == "csat").values(score=5))
            tell(rows)

        write(sheet, file, zone, told)

    monkeypatch.setattr(export_target, "write_csv", write_slowly)
    run(runner, "responses", "--output", str(tmp_path / "x.csv"))
    with (tmp_path / "x.csv").open(encoding="utf-8-sig", newline="") as file:
        assert list(csv.DictReader(file)) == before
    monkeypatch.undo()
    assert len(table(runner, "responses")) > len(before)


def test_a_file_is_its_owners_alone_and_replaces_another_at_once(
    runner: FlaskCliRunner, answers: list[Response], tmp_path: Path
) -> None:
    path = tmp_path / "out.csv"
    path.write_text("of yesterday")
    result = run(runner, "interactions", "--output", str(path))
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.read_bytes().count(b"\r\n") == 9
    assert [p.name for p in tmp_path.iterdir() if p.suffix == ".part"] == []
    assert str(path) in result.stderr


@pytest.mark.parametrize("form", ["csv", "xlsx"])
@pytest.mark.parametrize("end", [KeyboardInterrupt, OSError("the disk is full")])
def test_an_export_that_is_interrupted_leaves_no_half_file(
    runner: FlaskCliRunner,
    answers: list[Response],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    form: str,
    end: Any,
) -> None:
    (tmp_path / "out").mkdir()
    path = tmp_path / "out" / "out.csv"
    path.write_text("of yesterday")

    def fail(*args: object) -> None:
        raise end

    monkeypatch.setattr(export_responses, "_answers", fail)
    args = ["export", "responses", "--output", str(path), "--format", form]
    assert runner.invoke(args=args).exit_code == 1
    assert [file.name for file in path.parent.iterdir()] == ["out.csv"]
    assert path.read_text() == "of yesterday"


def test_a_service_managers_wish_to_stop_leaves_no_half_file_either(
    runner: FlaskCliRunner,
    answers: list[Response],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "out").mkdir()
    monkeypatch.setattr(
        export_responses, "_answers", lambda *args: os.kill(os.getpid(), signal.SIGTERM)
    )
    path = tmp_path / "out" / "out.csv"
    result = runner.invoke(args=["export", "responses", "--output", str(path)])
    assert result.exit_code == 128 + signal.SIGTERM
    assert list(path.parent.iterdir()) == []


def test_texts_too_long_for_a_workbook_are_told_of(
    runner: FlaskCliRunner, session: Session, tmp_path: Path
) -> None:
    make_response(session, comment="很" * 40_000)
    session.commit()
    result = run(runner, "responses", "--output", str(tmp_path / "x.xlsx"))
    assert "1 texts were too long" in result.stderr


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["responses", "--from", "yesterday"], "--from yesterday"),
        (["interactions", "--from", "2026-09-02", "--to", "2026-09-01"], "--from 2026-09-02"),
        (["scores", "--from", "2026-09-02", "--to", "2026-09-01"], "--from 2026-09-02"),
        (["scores", "--where", "channel=fax"], "--where channel=fax"),
        (["scores", "--metric", "csi"], "csi"),
        (["responses", "--format", "ods"], "ods"),
        (["customers"], "customers"),
        (["responses", "--output", "/nowhere/at/all.csv"], "/nowhere/at"),
        (["responses", "--output", "/dev/null"], "/dev/null"),
        (["responses", "--output", "/"], "/"),
    ],
)
def test_wrong_use_ends_with_2_and_writes_nothing(
    runner: FlaskCliRunner, answers: list[Response], args: list[str], said: str
) -> None:
    result = runner.invoke(args=["export", *args], env=ENGLISH)
    assert result.exit_code == 2
    assert said in result.stderr
    assert result.stdout_bytes == b""


def test_a_workbook_is_not_thrown_at_a_terminal(app: Flask, database_url: str) -> None:
    here, there = pty.openpty()
    try:
        done = subprocess.run(
            [sys.executable, "-m", "flask", "export", "responses", "--format", "xlsx"],
            env=os.environ
            | {
                "FEEDBACK_DATABASE_URL": database_url,
                "FEEDBACK_INSTANCE_PATH": app.instance_path,
                "LC_ALL": "C.UTF-8",
            },
            stdout=there,
            stderr=subprocess.PIPE,
            check=False,
        )
    finally:
        os.close(there)
        os.close(here)
    assert done.returncode == 2
    assert b"--output" in done.stderr


def test_help_is_in_chinese_too(app: Flask, database_url: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "flask", "export", "interactions", "--help"],
        env=os.environ
        | {
            "FEEDBACK_DATABASE_URL": database_url,
            "FEEDBACK_INSTANCE_PATH": app.instance_path,
            "LC_ALL": "zh_CN.UTF-8",
            "PYTHONUTF8": "1",
        },
        capture_output=True,
        check=True,
    )
    assert "个人信息" in done.stdout.decode()
