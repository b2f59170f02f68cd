"""A list of staff comes in through the browser: guessed, tried, and taken in as by command."""

import io
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient, FlaskCliRunner
from sqlalchemy.orm import Session

from feedback.accounts.uploads import Upload
from feedback.database import db
from feedback.interactions.guess_columns import guess_columns, not_kept
from feedback.interactions.models import Membership, StaffMember
from feedback.milestones import STAFF_IMPORTED, milestones
from feedback.outbox.models import Message
from tests.conftest import Time
from tests.factories import make_user, sign_in
from tests.operating.pages import administrator, post

HEADER = ["工号", "姓名", "部门", "手机", "邮箱", "直属上级"]
ROWS = [
    ["1001", "李静", "客服一组", "13800000001", "lijing@example.cn", "王强"],
    ["1002", "喆镕𠮷", "客服一组", "13800000002", "zhe@example.cn", "王强"],
    ["1003", "赵敏", "客服二组", "13800000003", "", "王强"],
    ["1003", "赵明", "客服二组", "13800000004", "zhaoming@example.cn", "王强"],
]
COLUMNS = {"external_id": "工号", "name": "姓名", "team": "部门", "email": "邮箱", "left_at": ""}


def csv_text(delimiter: str = ",") -> str:
    return "\n".join(delimiter.join(row) for row in [HEADER, *ROWS]) + "\n"


def workbook(rows: list[list[Any]] | None = None) -> bytes:
    book, file = openpyxl.Workbook(), io.BytesIO()
    hidden = book.create_sheet("hidden", 0)
    hidden.append(["not this one"])
    hidden.sheet_state = "hidden"
    sheet = book["Sheet"]
    for row in rows or [HEADER, *ROWS, [], [None] * 6]:
        sheet.append(row)
    book.active = 1
    book.save(file)
    return file.getvalue()


FILES = {
    "utf8.csv": csv_text().encode(),
    "bom.csv": csv_text().encode("utf-8-sig"),
    "gb18030.csv": csv_text().encode("gb18030"),
    "utf16.txt": csv_text("\t").encode("utf-16"),
    "semicolons.csv": csv_text(";").encode(),
    "excel.xlsx": workbook(),
}


def upload(client: FlaskClient, name: str, content: bytes) -> Any:
    return post(client, "/admin/staff-import", list=(io.BytesIO(content), name))


def send(client: FlaskClient, what: str, **columns: str) -> Any:
    return post(client, f"/admin/staff-import/{what}", "/admin/staff-import", **COLUMNS | columns)


@pytest.mark.parametrize("name", FILES)
def test_the_same_list_is_the_same_in_every_encoding(
    client: FlaskClient, session: Session, name: str
) -> None:
    administrator(client, session)
    answer = upload(client, name, FILES[name])
    assert answer.status_code == 303, answer.text[-2500:]
    page = client.get("/admin/staff-import").text
    for column in COLUMNS.values():
        assert not column or f'<option value="{column}" selected>' in page
    assert "喆镕𠮷" in page
    assert "手机, 直属上级" in page
    tried = send(client, "try").text
    assert "3 new · 1 duplicate number · 1 without mail" in tried
    assert "is listed twice in this file, and differently" in tried
    assert session.scalars(sa.select(StaffMember)).all() == []
    session.rollback()
    assert "3 new · 1 duplicate number" in send(client, "take").text
    found = {one.external_id: one for one in session.scalars(sa.select(StaffMember))}
    assert found["1002"].name == "喆镕𠮷"
    assert found["1001"].team is not None
    assert (found["1001"].team.name, found["1003"].email) == ("客服一组", None)
    # Nobody is sent anything, and nothing is left behind.
    assert session.scalars(sa.select(Message)).all() == []
    assert session.scalars(sa.select(Upload)).all() == []
    assert milestones(session)[STAFF_IMPORTED].detail == name


def test_a_header_of_bytes_that_are_no_text_is_shown_and_can_be_put_away(
    client: FlaskClient, session: Session
) -> None:
    administrator(client, session)
    header = "工号,姓名,部门".encode("gb18030") * 30
    assert upload(client, "a.csv", header + b"\x80\n" + b"1,2,3\n").status_code == 303
    page = client.get("/admin/staff-import")
    assert page.status_code == 200
    assert "\ufffd" in page.text
    forgotten = post(client, "/admin/staff-import/forget", "/admin/staff-import")
    assert forgotten.status_code == 303


def test_a_long_list_looks_things_up_by_the_batch_and_not_by_the_row(
    client: FlaskClient, session: Session, app: Flask
) -> None:
    administrator(client, session)
    rows = "".join(f"{n},员工{n},大组{n % 7},s{n}@example.cn\n" for n in range(1500))
    upload(client, "a.csv", ("工号,姓名,部门,邮箱\n" + rows).encode())
    asked: list[str] = []
    with app.app_context():
        engine = db.engine
    sa.event.listen(engine, "before_cursor_execute", lambda *heard: asked.append(heard[2]))
    assert send(client, "take").status_code == 303
    assert sum("SELECT" in statement for statement in asked) < 60
    assert session.scalar(sa.select(sa.func.count()).select_from(Membership)) == 1500


def test_an_address_given_up_is_free_for_somebody_further_down(
    client: FlaskClient, session: Session
) -> None:
    administrator(client, session)
    upload(client, "a.csv", "工号,姓名,部门,邮箱\n1,李静,一组,a@example.cn\n".encode())
    send(client, "take")
    rows = "1,李静,一组,b@example.cn\n2,王伟,一组,a@example.cn\n"
    upload(client, "b.csv", ("工号,姓名,部门,邮箱\n" + rows).encode())
    assert send(client, "take").status_code == 303
    found = session.execute(sa.select(StaffMember.external_id, StaffMember.email)).all()
    assert set(found) == {("1", "b@example.cn"), ("2", "a@example.cn")}


def test_the_page_takes_in_what_the_command_does(
    client: FlaskClient, session: Session, runner: FlaskCliRunner, tmp_path: Path
) -> None:
    administrator(client, session)
    upload(client, "a.csv", FILES["utf8.csv"])
    send(client, "take")
    by_page = session.execute(sa.select(StaffMember.external_id, StaffMember.email)).all()
    session.rollback()
    path = tmp_path / "list.csv"
    path.write_text(
        csv_text().replace("工号,姓名,部门", "external_id,name,team").replace("邮箱", "email"),
        encoding="utf-8",
    )
    result = runner.invoke(args=["import", "staff", str(path), "--format", "json"])
    assert '"created": 0' in result.stdout
    assert session.execute(sa.select(StaffMember.external_id, StaffMember.email)).all() == by_page


def test_a_second_look_says_what_is_known_and_what_changed(
    client: FlaskClient, session: Session
) -> None:
    administrator(client, session)
    upload(client, "a.csv", csv_text().replace(ROWS[3][1], "赵敏").encode())
    send(client, "take")
    upload(client, "b.csv", csv_text().replace("客服二组", "客服三组").encode())
    assert "1 changed · 2 known already · 1 duplicate number" in send(client, "try").text


def test_excels_own_numbers_and_days_come_out_as_written(
    client: FlaskClient, session: Session
) -> None:
    administrator(client, session)
    rows = [
        ["说明：请勿改动表头"],
        ["工号", "姓名", "离职日期"],
        [1007.0, "钱一", date(2026, 3, 1)],
    ]
    upload(client, "x.xlsx", workbook(rows))
    page = client.get("/admin/staff-import").text
    assert "1007" in page
    assert "1007.0" not in page
    columns = {
        "external_id": "工号",
        "name": "姓名",
        "left_at": "离职日期",
        "team": "",
        "email": "",
    }
    send(client, "take", **columns)
    one = session.scalars(sa.select(StaffMember)).one()
    assert one.external_id == "1007"
    assert one.left_at is not None
    assert one.left_at.date() == date(2026, 2, 28)  # Midnight in Shanghai.


def bomb() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b" " * 60_000_000)
    return file.getvalue()


def entities() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook())) as good, zipfile.ZipFile(file, "w") as archive:
        for part in good.infolist():
            text = good.read(part)
            if part.filename == "xl/workbook.xml":
                text = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + text
            archive.writestr(part, text)
    return file.getvalue()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "no header"),
        (b"\xff\xd8\xff\xe0 a picture \xc3\x28" * 20, "neither UTF-8"),
        (b"\xd0\xcf\x11\xe0 an old workbook", "old kind"),
        (b"PK\x03\x04 broken", "damaged"),
        (workbook()[:-700], "damaged"),
        (entities(), "damaged"),
        (bomb(), "unfold"),
    ],
    ids=["empty", "picture", "xls", "broken", "cut", "entities", "bomb"],
)
def test_what_is_no_list_is_refused_with_why(
    client: FlaskClient, session: Session, content: bytes, said: str
) -> None:
    administrator(client, session)
    answer = upload(client, "list.xlsx", content)
    assert answer.status_code == 422
    assert said in answer.text
    assert session.scalars(sa.select(Upload)).all() == []


def test_more_than_a_megabyte_is_not_taken(client: FlaskClient, session: Session) -> None:
    administrator(client, session)
    big, form = b"a,b\n" * 400_000, "multipart/form-data; boundary=x"
    assert client.post("/admin/staff-import", data=big, content_type=form).status_code == 413


@pytest.mark.parametrize(
    "columns", [{"external_id": ""}, {"name": "工号"}, {"email": "nothing such"}]
)
def test_a_choice_of_columns_that_cannot_be_is_said(
    client: FlaskClient, session: Session, columns: dict[str, str]
) -> None:
    administrator(client, session)
    upload(client, "a.csv", FILES["utf8.csv"])
    answer = send(client, "take", **columns)
    assert answer.status_code == 422
    assert "each column can be only one thing" in answer.text
    assert session.scalars(sa.select(StaffMember)).all() == []


def test_a_list_is_kept_for_an_hour_and_for_its_owner_alone(
    client: FlaskClient, session: Session, time: Time
) -> None:
    administrator(client, session)
    upload(client, "a.csv", FILES["utf8.csv"])
    assert "喆镕𠮷" in client.get("/admin/staff-import").text
    other = make_user(session, "admin")
    sign_in(client, session, other, time.now)
    assert "喆镕𠮷" not in client.get("/admin/staff-import").text
    administrator_again = session.scalars(sa.select(Upload)).one()
    assert administrator_again.name == "a.csv"
    session.rollback()
    time.forward(hours=1)
    # Whoever looked away for so long has been signed out.
    sign_in(client, session, other, time.now)
    answer = upload(client, "b.csv", FILES["bom.csv"])
    assert answer.status_code == 303
    assert [one.name for one in session.scalars(sa.select(Upload))] == ["b.csv"]


def test_names_in_a_list_write_nothing_into_the_page(client: FlaskClient, session: Session) -> None:
    administrator(client, session)
    upload(client, "<img src=x>.csv", "工号,姓名,<script>\n1,<b>x</b>,y\n".encode())
    page = client.get("/admin/staff-import").text + send(client, "try", team="", email="").text
    assert "<b>x" not in page
    assert "<script>" not in page.replace("<script nonce", "")
    assert "<img" not in page


def test_columns_are_guessed_in_either_language() -> None:
    assert guess_columns(["Employee ID", "Full name", "E-Mail", "Department"]) == {
        "external_id": "Employee ID", "name": "Full name", "email": "E-Mail", "team": "Department",
    }  # fmt: skip
    # The surer name goes first: a group is nearer to a team than a department is.
    assert guess_columns(["部门", "班组", "编号", "姓名"])["team"] == "班组"
    assert guess_columns(["x", ""]) == {}
    assert not_kept(HEADER) == ["手机", "直属上级"]
