"""No file that is taken out holds a formula of somebody else's, whatever was written anywhere."""

import csv
import io
from pathlib import Path

import openpyxl
import pytest
from flask import Flask
from flask.testing import FlaskClient, FlaskCliRunner
from sqlalchemy.orm import Session

from feedback.interactions.formula_guard import guarded, unguarded
from feedback.organisation import Organisation
from feedback.reports.files import write_csv
from tests.conftest import START, Time
from tests.factories import make_interaction, make_response, make_user, sign_in
from tests.security.payloads import FORMULAS
from tests.security.poison import poison

_STARTS = tuple("=+-@\t\r\n＝＋－＠")
# A spreadsheet shows none of these, and some look past them.
_UNSEEN = "\ufeff\u200b\u200c\u200d\u200e\u200f\u2060" + "".join(map(chr, range(0x202A, 0x202F)))
_UNSEEN += "".join(map(chr, range(0x2066, 0x206A)))
ENDPOINTS = (
    "touchpoints.csv_file", "touchpoints.workbook", "audit.csv_file",
    "recompute.csv_file", "recompute.workbook",
)  # fmt: skip
EXPORTS = ("responses", "interactions", "scores")


def is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def formulas_in(content: bytes) -> list[str]:
    """Return the cells a spreadsheet would calculate."""
    if content.startswith(b"PK"):
        book = openpyxl.load_workbook(io.BytesIO(content))
        cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
        return [str(cell.value) for cell in cells if cell.data_type == "f" or cell.hyperlink]
    rows = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    return [
        cell
        for row in rows
        for cell in row
        if cell.lstrip(_UNSEEN + " ").startswith(_STARTS) and not is_number(cell)
    ]


@pytest.fixture
def poisoned(app: Flask, session: Session, time: Time) -> None:
    session.add(Organisation(id=1, name_en="x", name_zh="x", contact="x", created_at=START))
    for number in range(12):
        interaction = make_interaction(session, subject="x", customer_phone="1", product="x")
        make_response(session, interaction, csat=1 + number % 5, nps=number % 11, comment="x")
    session.commit()
    poison(session, lambda number: f"{FORMULAS[number % len(FORMULAS)]} {number}")


@pytest.fixture
def files(
    poisoned: None, app: Flask, client: FlaskClient, runner: FlaskCliRunner, session: Session,
    tmp_path: Path,
) -> dict[str, bytes]:  # fmt: skip
    """Every file that can be taken out, by where it comes from."""
    sign_in(client, session, make_user(session, "admin"))
    found = {}
    for endpoint in ENDPOINTS:
        with app.test_request_context():
            address = app.url_for(endpoint, metric="csat")
        answer = client.get(address)
        assert answer.status_code == 200, address
        found[endpoint] = answer.data
    for what in EXPORTS:
        more = ["--metric", "csat", "--by", "staff"] if what == "scores" else []
        for form in ("csv", "xlsx"):
            out = tmp_path / f"{what}.{form}"
            done = runner.invoke(
                args=["export", what, *more, "--format", form, "--output", str(out)]
            )
            assert done.exit_code == 0, done.output
            found[f"{what}.{form}"] = out.read_bytes()
    return found


def test_no_file_holds_a_formula(files: dict[str, bytes]) -> None:
    assert len(files) == len(ENDPOINTS) + 2 * len(EXPORTS)
    ours = {name: content for name, content in files.items() if "recompute" in name}
    assert {name: formulas_in(files[name]) for name in files.keys() - ours.keys()} == {
        name: [] for name in files.keys() - ours.keys()
    }
    # Those are made of our own formulas; none holds a word of anybody's.
    for content in ours.values():
        assert not [one for one in formulas_in(content) if "evil" in one or "cmd|" in one]


@pytest.fixture
def believed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The planted hole: words are written as they are."""
    monkeypatch.setattr(write_csv, "guarded", lambda text: text)


def test_the_look_bites_where_nothing_is_guarded(believed: None, files: dict[str, bytes]) -> None:
    assert len(formulas_in(files["responses.csv"])) >= 10


@pytest.mark.parametrize("text", FORMULAS)
def test_a_guarded_text_is_no_formula_and_comes_back_as_it_was(text: str) -> None:
    bare = guarded(text)
    assert bare == text or bare == f"'{text}"
    assert not bare.lstrip(_UNSEEN + " ").startswith(_STARTS)
    assert unguarded(bare) == text
