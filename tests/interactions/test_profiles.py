"""Profiles are data: every shipped one is sound, and a bad one says what is wrong with it."""

import json
from pathlib import Path
from typing import Any

import pytest

from feedback.interactions import fields
from feedback.interactions.profiles import (
    SHIPPED,
    BadProfile,
    Profile,
    UnknownProfile,
    profile_folders,
    profile_names,
    read_profile,
)
from feedback.responses import read_response

OURS = (*fields.COLUMNS, *read_response.COLUMNS)
SOUND: dict[str, Any] = {
    "columns": {
        "source": "=desk",
        "external_id": "Ticket",
        "channel": ["Via", "=email"],
        "closed_at": "Solved At",
        "customer_email": ["E-mail", "Second e-mail"],
        "csat": "Rating",
    },
    "values": {"csat": {"Good": "5", "Bad": "1"}},
    "formats": {"closed_at": ["%d.%m.%Y %H:%M"]},
    "channels": {"Email": ["E-mail", "邮件"]},
}


def written(folder: Path, content: object, name: str = "desk") -> Profile:
    text = content if isinstance(content, str) else json.dumps(content)
    (folder / f"{name}.json").write_text(text, encoding="utf-8")
    return read_profile(name, (folder, SHIPPED), OURS)


@pytest.mark.parametrize("name", profile_names((SHIPPED,)))
def test_every_shipped_profile_is_sound(name: str) -> None:
    profile = read_profile(name, (SHIPPED,), OURS)
    assert set(fields.REQUIRED) <= set(profile.columns)
    assert set(fields.CUSTOMER_KEYS) & set(profile.columns)


def test_columns_values_and_constants_become_ours(tmp_path: Path) -> None:
    profile = written(tmp_path, SOUND)
    row = {"ticket": " 7 ", "via": " ", "solved_at": "x", "e_mail": "", "second_e_mail": "a@b.cn"}
    assert profile.map(row | {"rating": " Good "}) == {
        "source": "desk",
        "external_id": " 7 ",
        "channel": "email",
        "closed_at": "x",
        "customer_email": "a@b.cn",
        "csat": "5",
    }
    # What is not translated stays as it is written, blanks and all.
    assert profile.map(row | {"rating": " 4"})["csat"] == " 4"
    assert dict(profile.channels) == {"email": ("E-mail", "邮件")}


def test_it_says_which_columns_a_file_lacks(tmp_path: Path) -> None:
    profile = written(tmp_path, SOUND | {"optional": ["csat"]})
    assert profile.lacking(["ticket", "solved_at", "second_e_mail"]) == []
    assert profile.lacking(["via"]) == ["Ticket", "Solved At", "E-mail / Second e-mail"]
    assert profile.reads() == {
        "ticket", "via", "solved_at", "e_mail", "second_e_mail", "rating",
    }  # fmt: skip


def test_an_installations_own_profiles_go_before_the_shipped_ones(tmp_path: Path) -> None:
    own, shipped = profile_folders(str(tmp_path))
    assert read_profile("ecommerce-csat", (own, shipped), OURS).hour_of_days == 12
    own.mkdir()
    written(own, SOUND, "ecommerce-csat")
    assert read_profile("ecommerce-csat", (own, shipped), OURS).hour_of_days == 0
    assert profile_names((own, shipped)).count("ecommerce-csat") == 1


@pytest.mark.parametrize("name", ["unknown", "../ecommerce-csat", "", "ecommerce-csat.json", "/"])
def test_only_names_of_profiles_are_read(name: str) -> None:
    with pytest.raises(UnknownProfile):
        read_profile(name, (SHIPPED,), OURS)


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"colums": {}}, "colums"),
        ({"columns": {}}, "columns"),
        ({"columns": None}, "columns"),
        ({"columns": ["a"]}, "columns"),
        ({"columns": {"ticket": "Ticket"}}, "columns.ticket"),
        ({"columns": {"external_id": ""}}, "columns.external_id"),
        ({"columns": {"external_id": []}}, "columns.external_id"),
        ({"columns": {"external_id": 7}}, "columns.external_id"),
        ({"columns": {"closed_at": "Solved At"}}, "columns.source"),
        ({"values": {"nps": {"a": "b"}}}, "values.nps"),
        ({"values": {"csat": ["5"]}}, "values.csat"),
        ({"values": {"csat": {"Good": 5}}}, "values.csat"),
        ({"formats": {"closed_at": "%d.%m.%Y"}}, "formats.closed_at"),
        ({"formats": {"closed_at": ["%d.%m %H:%M"]}}, "formats.closed_at"),
        ({"formats": {"closed_at": ["%c"]}}, "formats.closed_at"),
        ({"channels": {"email": "E-mail"}}, "channels.email"),
        ({"channels": {"email": ["E-mail"]}}, "channels.email"),
        ({"carries_interactions": "yes"}, "carries_interactions"),
        ({"hour_of_days": 24}, "hour_of_days"),
        ({"hour_of_days": True}, "hour_of_days"),
        ({"optional": ["nps"]}, "optional.nps"),
        ({"optional": "csat"}, "optional"),
    ],
)
def test_a_bad_profile_says_what_is_wrong_where(
    tmp_path: Path, change: dict[str, Any], where: str
) -> None:
    with pytest.raises(BadProfile) as bad:
        written(tmp_path, SOUND | change)
    assert str(bad.value).startswith(where)


@pytest.mark.parametrize("text", ["", "{", "[]", "7", '{"columns": {"a": "\ud800"'])
def test_what_is_no_json_object_is_no_profile(tmp_path: Path, text: str) -> None:
    with pytest.raises(BadProfile):
        written(tmp_path, text.encode("utf-8", "replace").decode())


def test_a_profile_saved_by_a_text_editor_of_windows_is_read(tmp_path: Path) -> None:
    written(tmp_path, "\ufeff" + json.dumps(SOUND))
