"""`flask import`, as somebody with a file uses it: what is taken, refused, printed and kept."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import Result
from flask import Flask
from flask.testing import FlaskCliRunner
from sqlalchemy.orm import Session

from feedback import tables
from feedback.interactions.models import Channel, Interaction, StaffMember
from feedback.invitations.models import Invitation
from feedback.responses.models import Response
from tests.factories import make_interaction, make_staff

NOW = "2026-11-22T12:00:00+08:00"
HEADER = "external_id,channel,closed_at,customer_email,subject"
GOOD = f"""{HEADER}
GD-1,电话,2026-11-20 14:11,a@example.cn,合同续签喆
GD-2,门店,2026/11/20 14:11,b@example.cn,"两行
䶮𠮷 €12"
GD-3,电话,2026年11月20日 下午2:11,c@example.cn,
"""
MIXED = f"""{HEADER}
1,phone,2026-11-20 14:11,a@example.cn,first
2,phone,11/20/2026,a@example.cn,which day
3,phone,2026-02-30,a@example.cn,no day
1,phone,2026-11-20 14:11,a@example.cn,again
,phone,2026-11-20 14:11,a@example.cn,no number
4,phone,2026-11-20 14:11,,nobody
5,phone,2026-11-20 14:11,a@example.cn,"open
6,phone,2026-11-20 14:11,a@example.cn,x,too,many

7,Phone,20261120 14:11,b@example.cn,last
"""


class Imported:
    """What the command printed and how it ended."""

    def __init__(self, result: Result) -> None:
        self.status, self.stdout, self.stderr = result.exit_code, result.stdout, result.stderr
        assert result.exception is None or isinstance(result.exception, SystemExit), result.output

    @property
    def json(self) -> dict[str, Any]:
        return json.loads(self.stdout)  # type: ignore[no-any-return]

    @property
    def counts(self) -> tuple[int, int, int, int]:
        done = self.json
        return done["read"], done["created"], done["duplicate"], done["refused"]


@pytest.fixture
def imported(runner: FlaskCliRunner, session: Session, tmp_path: Path) -> Callable[..., Imported]:
    """Import a text or bytes as a file of this kind; options follow."""

    def run(kind: str, content: str | bytes, *options: str, form: str = "json") -> Imported:
        # A test that has looked holds SQLite's one turn to write until it lets go.
        session.rollback()
        path = tmp_path / "file.csv"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        arguments = ["import", kind, str(path), "--format", form, "--now", NOW, *options]
        return Imported(runner.invoke(args=arguments))

    return run


def rows_of(session: Session, table: type[Any]) -> int:
    session.rollback()
    return session.scalar(sa.select(sa.func.count()).select_from(table)) or 0


def everything(session: Session) -> dict[str, int]:
    session.rollback()
    return {
        table.name: session.scalar(sa.select(sa.func.count()).select_from(table)) or 0
        for table in tables.metadata.sorted_tables
        # That somebody imported is noted each time, also where nothing new came in.
        if table.name != "audit_entry"
    }


def test_a_file_comes_in_and_its_invitations_are_planned(
    imported: Callable[..., Imported], session: Session
) -> None:
    done = imported("interactions", GOOD)
    assert done.status == 0
    assert done.json == {
        "read": 3, "created": 3, "duplicate": 0, "updated": 0, "refused": 0, "out_of_order": 0,
        "refusals": [], "out_of_order_rows": [],
    }  # fmt: skip
    assert len(set(session.scalars(sa.select(Interaction.closed_at)))) == 1
    assert sorted(session.scalars(sa.select(Channel.code))) == ["phone", "store"]
    assert rows_of(session, Invitation) == 6


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-tab"])
def test_five_encodings_of_one_file_come_to_the_same(
    imported: Callable[..., Imported], session: Session, encoding: str
) -> None:
    text = GOOD.replace(",", "\t") if encoding == "utf-16-tab" else GOOD
    assert imported("interactions", text.encode(encoding.removesuffix("-tab"))).status == 0
    kept = session.execute(
        sa.select(Interaction.external_id, Interaction.subject).order_by(Interaction.id)
    )
    assert [tuple(row) for row in kept] == [
        ("GD-1", "合同续签喆"),
        ("GD-2", "两行\n䶮𠮷 €12"),
        ("GD-3", ""),
    ]


def test_good_rows_around_bad_ones_are_taken_and_each_bad_one_is_named(
    imported: Callable[..., Imported], session: Session
) -> None:
    done = imported("interactions", MIXED)
    assert done.status == 1
    assert done.counts == (9, 2, 1, 6)
    refusals = done.json["refusals"]
    assert [(r["row"], r["column"], r["value"]) for r in refusals] == [
        (2, "closed_at", "11/20/2026"),
        (3, "closed_at", "2026-02-30"),
        (5, "external_id", ""),
        (6, "customer_external_id", ""),
        (7, "", ""),
        (8, "", ""),
    ]
    assert all(set(r) == {"row", "column", "value", "reason"} and r["reason"] for r in refusals)
    assert sorted(session.scalars(sa.select(Interaction.external_id))) == ["1", "7"]
    assert session.scalars(sa.select(Channel.code)).all() == ["phone"]
    # No customer, channel or invitation is left of a row that was refused.
    assert rows_of(session, Invitation) == 4


def test_the_same_file_again_is_all_duplicates(
    imported: Callable[..., Imported], session: Session
) -> None:
    imported("interactions", GOOD)
    before = everything(session)
    assert imported("interactions", GOOD).counts == (3, 0, 3, 0)
    assert everything(session) == before


@pytest.mark.parametrize("text", [GOOD, MIXED])
def test_a_dry_run_counts_the_same_and_writes_nothing(
    imported: Callable[..., Imported], session: Session, text: str
) -> None:
    before = everything(session)
    dry = imported("interactions", text, "--dry-run")
    assert everything(session) == before
    real = imported("interactions", text)
    assert (dry.json, dry.status) == (real.json, real.status)
    assert imported("interactions", text, "--dry-run").json == imported("interactions", text).json


def test_a_dry_run_finds_doubles_far_apart(
    imported: Callable[..., Imported], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("feedback.interactions.import_rows.BATCH", 2)
    row = "{0},phone,2026-11-20,a{0}@example.cn,x\n"
    text = HEADER + "\n" + "".join(row.format(number % 7) for number in range(20))
    assert imported("interactions", text, "--dry-run").counts == (20, 7, 13, 0)
    assert imported("interactions", text).counts == (20, 7, 13, 0)


def test_only_finished_contacts_are_taken(
    imported: Callable[..., Imported], session: Session
) -> None:
    text = (
        "external_id,channel,closed_at,customer_email,status\n"
        "1,phone,2026-11-20,a@example.cn,Closed\n2,phone,2026-11-20,a@example.cn,open\n"
        "3,phone,2026-11-20,a@example.cn,\n4,phone,2026-11-20,a@example.cn,已解决\n"
    )
    done = imported("interactions", text)
    assert done.counts == (4, 3, 0, 1)
    assert [(r["row"], r["column"], r["value"]) for r in done.json["refusals"]] == [
        (2, "status", "open")
    ]


def test_what_ended_before_it_began_is_kept_counted_and_listed(
    imported: Callable[..., Imported], session: Session
) -> None:
    text = (
        "external_id,channel,occurred_at,closed_at,customer_email\n"
        "1,phone,2026-11-20 10:00,2026-11-20 11:00,a@example.cn\n"
        "2,phone,2026-11-20 12:00,2026-11-20 11:00,a@example.cn\n"
    )
    done = imported("interactions", text)
    assert done.status == 0
    assert done.json["out_of_order"] == 1
    assert done.json["out_of_order_rows"] == [{"row": 2, "external_id": "2"}]
    odd = session.scalars(sa.select(Interaction.external_id).where(Interaction.out_of_order))
    assert odd.all() == ["2"]
    # Nothing of them is new the second time.
    assert imported("interactions", text).json["out_of_order"] == 0


def test_words_for_people(imported: Callable[..., Imported]) -> None:
    done = imported("interactions", MIXED, form="text")
    assert done.status == 1
    assert "9" in done.stdout
    assert "11/20/2026" not in done.stdout
    lines = done.stderr.splitlines()
    assert sum("11/20/2026" in line and "closed_at" in line and "2" in line for line in lines) == 1
    assert "UTF-8" in done.stderr


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"PK\x03\x04rest of a workbook", "Excel"),
        (b"", "file.csv"),
        (b"\xff\xff\xff,\xff\n", "GB18030"),
        (",".join(f"c{n}" for n in range(100_000)), "file.csv"),
        ("external_id,channel\n1,phone\n", "closed_at, customer_external_id"),
        ("external_id,channel,closed_at\n1,phone,2026-11-20\n", "customer_email"),
        (f"{HEADER},Channel\n", "channel"),
        ("name,age\n王伟,30\n", "external_id"),
    ],
)
def test_a_file_that_cannot_be_taken_at_all_ends_with_2_and_says_why(
    imported: Callable[..., Imported], session: Session, content: str | bytes, told: str
) -> None:
    done = imported("interactions", content)
    assert (done.status, done.stdout) == (2, "")
    assert told in done.stderr
    assert rows_of(session, Interaction) == 0


def test_a_header_alone_is_no_mistake(imported: Callable[..., Imported]) -> None:
    done = imported("interactions", HEADER + "\n")
    assert (done.status, done.counts) == (0, (0, 0, 0, 0))


def test_columns_nobody_reads_are_named(imported: Callable[..., Imported]) -> None:
    text = f"{HEADER},custommer_phone,note,note\n1,phone,2026-11-20,a@b.cn,,,,\n"
    done = imported("interactions", text)
    assert done.status == 0
    assert "custommer_phone, note, note" in done.stderr


def test_wrong_use_ends_with_2(
    runner: FlaskCliRunner, imported: Callable[..., Imported], tmp_path: Path
) -> None:
    assert runner.invoke(args=["import", "interactions", "no such file"]).exit_code == 2
    assert runner.invoke(args=["import", "interactions", str(tmp_path)]).exit_code == 2
    assert runner.invoke(args=["import", "customers", str(tmp_path)]).exit_code == 2
    unknown = imported("interactions", GOOD, "--profile", "nobody")
    assert unknown.status == 2
    assert "ecommerce-csat" in unknown.stderr


def test_a_live_site_has_only_the_real_clock(
    make_app: Callable[..., Flask], tmp_path: Path
) -> None:
    (tmp_path / "file.csv").write_text(GOOD, encoding="utf-8")
    result = (
        make_app(LIVE=True)
        .test_cli_runner()
        .invoke(args=["import", "interactions", str(tmp_path / "file.csv"), "--now", NOW])
    )
    assert result.exit_code == 2
    assert "FEEDBACK_LIVE" in result.stderr


def test_an_organisations_own_profile_maps_its_system(
    imported: Callable[..., Imported], session: Session, tmp_path: Path
) -> None:
    folder = tmp_path / "instance" / "profiles"
    folder.mkdir(parents=True)
    columns = {
        "source": "=desk", "external_id": "工单号", "channel": "渠道", "closed_at": "完成时间",
        "customer_phone": "手机", "status": "状态", "answered_at": "评价时间", "csat": "满意度",
    }  # fmt: skip
    values = {"csat": {"满意": "4", "不满意": "2"}, "status": {"结单": "closed"}}
    profile = {"columns": columns, "values": values, "carries_interactions": True}
    (folder / "desk.json").write_text(json.dumps(profile), encoding="utf-8")
    text = (
        "导出时间 2026-11-22\n工单号,渠道,状态,完成时间,手机,评价时间,满意度\n"
        "1,电话,结单,2026/11/20 10:00,138 0013 8000,2026/11/20 11:00,满意\n"
        "2,电话,结单,2026/11/20 10:00,13900139000,2026/11/20 11:00,一般\n"
        "3,电话,处理中,2026/11/20 10:00,13900139000,2026/11/20 11:00,满意\n"
    ).encode("gb18030")
    done = imported("responses", text, "--profile", "desk")
    assert done.counts == (3, 1, 0, 2)
    assert [(r["row"], r["column"], r["value"]) for r in done.json["refusals"]] == [
        (2, "csat", "一般"),
        (3, "status", "处理中"),
    ]
    # A row is taken whole or not at all: no interaction without its response.
    assert (rows_of(session, Interaction), rows_of(session, Response)) == (1, 1)

    (folder / "broken.json").write_text('{"columns": {"ticket": "x"}}', encoding="utf-8")
    bad = imported("responses", text, "--profile", "broken")
    assert bad.status == 2
    assert "columns.ticket" in bad.stderr
    part = {"columns": {"source": "=desk", "external_id": "工单号"}}
    (folder / "part.json").write_text(json.dumps(part), encoding="utf-8")
    unsaid = imported("interactions", text, "--profile", "part")
    assert unsaid.status == 2
    assert "channel, closed_at" in unsaid.stderr


def test_a_spreadsheet_with_chinese_headings(
    imported: Callable[..., Imported], session: Session
) -> None:
    """As Excel saves it in China, with what Excel does to numbers."""
    text = (
        "工单号,完成时间,渠道,客户姓名,性别,手机,邮箱,工号,员工,班组,门店\n"
        "GD-42,2026/11/20 14:11,电话,王伟,男,138 0013 8000,wang@example.cn,0027,李静,客服,西湖店\n"
        "GD-43,2026-11-20 15:02:10,门店,欧阳娜娜,女,13900139000,,0031,张敏,客服二组,西湖店\n"
        "GD-44,46346.6,在线,张三(VIP),,1.3912E+10,zhangsan＠example.cn,27,李静,客服一组,西湖店\n"
        "GD-45,46346.6,在线,张三(VIP),,,zhangsan＠example.cn,27,李静,客服一组,西湖店\n"
    )
    done = imported("interactions", text.encode("gbk"), "--profile", "chinese-sheet")
    assert done.counts == (4, 3, 0, 1)
    assert [(r["row"], r["column"], r["value"]) for r in done.json["refusals"]] == [
        (3, "customer_phone", "1.3912E+10")
    ]
    kept = session.scalars(sa.select(Interaction).order_by(Interaction.id)).all()
    assert [one.customer_email for one in kept] == [
        "wang@example.cn", None, "zhangsan@example.cn",
    ]  # fmt: skip
    assert [one.staff and one.staff.external_id for one in kept] == ["0027", "0031", "0027"]
    assert [one.channel.code for one in kept] == ["phone", "store", "chat"]


def test_responses_come_in_for_known_interactions(
    imported: Callable[..., Imported], session: Session
) -> None:
    make_interaction(session, source="crm", external_id="GD-1")
    session.commit()
    text = (
        "interaction_external_id,source,wave,answered_at,csat,nps,ces,comment,provenance\n"
        'GD-1,crm,1,2026-11-20 15:00,5,9,,"谢谢 🎉\n再见",kiosk\n'
        "GD-1,crm,1,2026-11-20 15:00,1,,,,\n"
        "GD-1,,2,2026-11-21,4.0,,,,\n"
        "GD-2,crm,1,2026-11-20,5,,,,\n"
        "GD-1,,2,2026-11-21,,,7,,phone\n"
    )
    dry = imported("responses", text, "--dry-run")
    assert rows_of(session, Response) == 0
    done = imported("responses", text)
    assert dry.json == done.json
    assert done.counts == (5, 2, 1, 2)
    assert [(r["row"], r["column"], r["value"]) for r in done.json["refusals"]] == [
        (3, "csat", "4.0"),
        (4, "interaction_external_id", "GD-2"),
    ]
    assert sorted(session.scalars(sa.select(Response.provenance))) == ["kiosk", "phone"]


@pytest.mark.parametrize("lacking", ["answered_at", "interaction_external_id", "csat"])
def test_a_responses_file_needs_its_columns(
    imported: Callable[..., Imported], lacking: str
) -> None:
    columns = [c for c in ("interaction_external_id", "answered_at", "csat") if c != lacking]
    done = imported("responses", ",".join(columns) + "\n")
    assert done.status == 2
    assert lacking in done.stderr


def test_staff_come_in_and_move(imported: Callable[..., Imported], session: Session) -> None:
    make_staff(session, "e-1", name="李静")
    session.commit()
    text = (
        "external_id,name,email,team,left_at\n"
        "e-1,李静,li@example.cn,客服二组,\n"
        "e-2,张敏,,客服二组,2026-10-31\n"
        "e-2,张敏,,客服二组,2026-10-31\n"
        "e-3,陈晨,li@example.cn,,\n"
        "e-4,,,,\n"
    )
    dry = imported("staff", text, "--dry-run")
    assert rows_of(session, StaffMember) == 1
    done = imported("staff", text)
    assert dry.json == done.json
    assert done.status == 1
    assert done.counts == (5, 1, 2, 2)
    assert done.json["updated"] == 1
    assert [(r["row"], r["column"], r["value"]) for r in done.json["refusals"]] == [
        (4, "email", "li@example.cn"),
        (5, "name", ""),
    ]
    assert imported("staff", text).json["updated"] == 0


def test_more_refusals_than_memory_should_hold_are_all_printed(
    imported: Callable[..., Imported],
) -> None:
    text = HEADER + "\n" + "1,phone,sometime,a@example.cn,x\n" * 12_000
    done = imported("interactions", text)
    assert done.counts == (12_000, 0, 0, 12_000)
    assert [r["row"] for r in done.json["refusals"]] == list(range(1, 12_001))
