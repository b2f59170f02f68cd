"""`flask export`: every row, every character, and nothing a spreadsheet would carry out."""

import csv
import io
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskCliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from sqlalchemy.orm import Session

from feedback.interactions.fields import COLUMNS
from feedback.invitations.models import Invitation
from feedback.reports.safe_cells import safe_cell
from tests.factories import make_interaction, make_response
from tests.invitations.stories import report

ODD = '=HYPERLINK("http://x")\n很满意，谢谢 𠮷🙂 \u202eabc\u202c \'quoted\', "double"'


def table(text: bytes | str) -> list[dict[str, str]]:
    decoded = text.decode("utf-8-sig") if isinstance(text, bytes) else text.removeprefix("\ufeff")
    return list(csv.DictReader(io.StringIO(decoded, newline="")))


@pytest.fixture
def answered(session: Session) -> None:
    first = make_interaction(
        session, external_id="GD-1", customer_phone="+8613800138000", customer_name="@cmd"
    )
    make_response(session, first, csat=5, nps=9, comment=ODD)
    later = make_interaction(
        session, external_id="GD-2", closed_at=datetime(2026, 10, 3, 2, 0, tzinfo=UTC)
    )
    struck = {"excluded_at": later.closed_at, "excluded_because": "test"}
    make_response(session, later, wave=2, csat=1, **struck)
    session.commit()


@pytest.mark.usefixtures("answered")
def test_responses_leave_with_every_character(runner: FlaskCliRunner) -> None:
    result = runner.invoke(args=["export", "responses"])
    assert result.exit_code == 0, result.stderr
    assert result.stdout_bytes.startswith(b"\xef\xbb\xbf")
    first, second = table(result.stdout_bytes)
    assert (first["interaction_external_id"], first["csat"], first["nps"]) == ("GD-1", "5", "9")
    assert first["ces"] == ""
    assert first["answered_at"] == "2026-09-02T09:00:00+08:00"
    assert first["comment"] == f"'{ODD}"
    # What is struck out is there with its reason.
    assert (second["wave"], second["excluded_because"]) == ("2", "test")


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
    assert table(runner.invoke(args=["export", "responses"]).stdout_bytes) == []


@pytest.mark.usefixtures("answered")
def test_interactions_leave_as_they_came_with_what_became_of_them(runner: FlaskCliRunner) -> None:
    first = table(runner.invoke(args=["export", "interactions"]).stdout_bytes)[0]
    assert list(first)[: len(COLUMNS)] == list(COLUMNS)
    assert (first["external_id"], first["channel"], first["staff_name"]) == (
        "GD-1",
        "phone",
        "李静",
    )
    assert first["closed_at"] == "2026-09-02T09:00:00+08:00"
    assert first["customer_name"] == "'@cmd"
    assert first["customer_phone"] == "+8613800138000"
    assert first["wave1_state"] == "not_planned"


@pytest.mark.usefixtures("answered")
def test_what_leaves_can_come_in_elsewhere(runner: FlaskCliRunner, tmp_path: Path) -> None:
    for kind in ("interactions", "responses"):
        path = tmp_path / f"{kind}.csv"
        assert runner.invoke(args=["export", kind, "--output", str(path)]).exit_code == 0
        again = runner.invoke(args=["import", kind, str(path), "--format", "json"])
        assert again.exit_code == 0, again.output
        said = json.loads(again.stdout)
        assert (said["created"], said["duplicate"], said["refused"]) == (0, 2, 0)


@pytest.mark.usefixtures("answered")
def test_only_the_days_asked_for(runner: FlaskCliRunner) -> None:
    args = ["export", "responses", "--from", "2026-10-01", "--to", "2026-10-31"]
    assert [
        row["interaction_external_id"] for row in table(runner.invoke(args=args).stdout_bytes)
    ] == ["GD-2"]


@pytest.mark.usefixtures("answered")
def test_a_workbook_has_texts_numbers_and_definitions(
    runner: FlaskCliRunner, tmp_path: Path
) -> None:
    path = tmp_path / "responses.xlsx"
    result = runner.invoke(args=["export", "responses", "--format", "xlsx", "--output", str(path)])
    assert result.exit_code == 0, result.stderr
    book = load_workbook(path)
    assert book.sheetnames == ["responses", "definitions"]
    head, first, _second = book["responses"].iter_rows()
    cells = {title.value: cell for title, cell in zip(head, first, strict=True)}
    assert (cells["csat"].value, cells["csat"].data_type) == (5, "n")
    assert (cells["comment"].value, cells["comment"].data_type) == (ODD, "s")
    kinds = {cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row}
    assert "f" not in kinds
    piped = runner.invoke(args=["export", "responses", "--format", "xlsx"])
    assert load_workbook(io.BytesIO(piped.stdout_bytes)).sheetnames == book.sheetnames


@pytest.mark.usefixtures("answered")
def test_scores_leave_as_every_surface_shows_them(runner: FlaskCliRunner) -> None:
    rows = table(runner.invoke(args=["export", "scores", "--by", "channel"]).stdout_bytes)
    csat = [row for row in rows if row["metric"] == "csat" and row["n"] != "0"]
    (row,) = csat
    assert (row["definition"], row["key"], row["period"], row["n"]) == (
        "csat/1", "phone", "2026-09", "1",
    )  # fmt: skip
    assert (float(row["low"]), float(row["high"])) == pytest.approx((0.206549, 1.0))
    assert {row["metric"] for row in rows} == {"csat", "nps"}


def test_nothing_to_write_is_a_header(runner: FlaskCliRunner) -> None:
    for kind in ("responses", "interactions", "scores"):
        result = runner.invoke(args=["export", kind])
        assert result.exit_code == 0, result.stderr
        assert table(result.stdout_bytes) == []
        assert b"," in result.stdout_bytes


@pytest.mark.parametrize(
    "args",
    [
        ["responses", "--from", "yesterday"],
        ["responses", "--from", "2026-10-02", "--to", "2026-10-01"],
        ["responses", "--format", "pdf"],
        ["scores", "--metric", "love"],
        ["everything"],
    ],
)
def test_wrong_use_ends_with_2_and_leaves_no_file(
    args: list[str], runner: FlaskCliRunner, tmp_path: Path
) -> None:
    path = tmp_path / "out.csv"
    result = runner.invoke(args=["export", *args, "--output", str(path)])
    assert result.exit_code == 2
    assert list(tmp_path.glob("*out*")) == []


@given(st.text(max_size=40))
@settings(max_examples=300, derandomize=True, deadline=None)
def test_no_cell_begins_as_a_formula_does(text: str) -> None:
    cell = safe_cell(text)
    assert cell.removeprefix("'") == text.removeprefix("'")
    if cell[:1] in tuple("=@＝＋－＠\t\r"):
        raise AssertionError(cell)
    if cell[:1] in ("+", "-"):
        assert float(cell) is not None
