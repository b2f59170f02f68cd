"""Settings: the environment over the file over the defaults, and no guessing."""

from pathlib import Path

import pytest

from feedback.chosen import where_given
from feedback.config import (
    SETTINGS,
    BadSetting,
    UnreadableSettings,
    read_settings,
    unknown_names,
)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MAIL_PORT", "smtp"), ("MAIL_PORT", "0"), ("MAIL_PORT", "65536"), ("MAIL_PORT", "２５"),
        ("TIMEZONE", "Mars/Olympus"), ("TIMEZONE", "../etc/passwd"), ("DEFAULT_LOCALE", "fr"),
        ("DATABASE_URL", "mysql://localhost/x"), ("DATABASE_URL", "postgresql://u@h:abc/x"),
        ("PUBLIC_URL", "fb.example.cn"), ("PUBLIC_URL", "https://"), ("PUBLIC_URL", "ftp://x.cn"),
        ("PUBLIC_URL", "https://x.cn/under/here"), ("PUBLIC_URL", "https://x.cn:99999"),
        ("PUBLIC_URL", "https://x.cn?a=b"), ("PUBLIC_URL", "https://a b.cn"),
        ("MAIL_USE_TLS", "perhaps"), ("MAIL_WINDOW", "20:00-09:00"), ("MAIL_WINDOW", "all day"),
        ("RECONTACT_DAYS", "-1"), ("RECONTACT_DAYS", "30.5"), ("FOLLOW_UP_DAYS", "99999999999"),
        ("WORKER", "yes"), ("TEXT_TRIAGE", "maybe"), ("URGENT_WORDS", "x"),
        ("URGENT_WORDS", "acid, !!"), ("URGENT_WORDS", "a" * 41), ("URGENT_WORDS", "ok,ab\tc"),
        ("URGENT_WORDS", ",".join(f"word{number}" for number in range(201))),
        ("PROXIES", "one"), ("MIN_GROUP", ""), ("IDLE_MINUTES", "4"), ("IDLE_MINUTES", "1441"),
        ("TWO_STEP_ROLES", "admin, king"), ("OIDC_NEW_ROLE", "admin"), ("OIDC_NEW_ROLE", "king"),
        ("OIDC_ISSUER", "http://login.example.cn"), ("OIDC_ISSUER", "login.example.cn"),
        ("OIDC_ISSUER", "https://login.example.cn?a=b"), ("OIDC_ISSUER", "https://u:p@x.cn"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_with_its_name(
    tmp_path: Path, name: str, value: str
) -> None:
    environment = {"FEEDBACK_INSTANCE_PATH": str(tmp_path), f"FEEDBACK_{name}": value}
    with pytest.raises(BadSetting) as refused:
        read_settings(environment=environment)
    assert f"FEEDBACK_{name}: expected {SETTINGS[name].expected}" in str(refused.value)


def test_the_settings_of_signing_in_are_read(tmp_path: Path) -> None:
    environment = {
        "FEEDBACK_INSTANCE_PATH": str(tmp_path),
        "FEEDBACK_TWO_STEP_ROLES": "Admin，manager, admin",
        "FEEDBACK_IDLE_MINUTES": "30",
        "FEEDBACK_OIDC_ISSUER": "https://login.example.cn/realms/staff",
    }
    settings = read_settings(environment=environment)
    assert settings["TWO_STEP_ROLES"] == ("admin", "manager")
    assert settings["IDLE_MINUTES"] == 30
    assert settings["OIDC_ISSUER"] == "https://login.example.cn/realms/staff"
    assert settings["OIDC_NEW_ROLE"] == ""


@pytest.mark.parametrize("name", ["DATABASE_URL", "MAIL_PASSWORD_FILE", "SECRET_KEY_FILE"])
def test_a_refusal_tells_no_secret(tmp_path: Path, name: str) -> None:
    secret = tmp_path / "secret"
    secret.mkdir()
    value = "postgresql://somebody:tell-nobody@host:port/x" if name == "DATABASE_URL" else secret
    environment = {"FEEDBACK_INSTANCE_PATH": str(tmp_path), f"FEEDBACK_{name}": str(value)}
    with pytest.raises(BadSetting) as refused:
        read_settings(environment=environment)
    assert "tell-nobody" not in str(refused.value)


@pytest.mark.parametrize("line", ["MAIL_PORT = = 25", "MAIL_PORT = prot", "raise OSError('x')"])
def test_a_mistake_in_the_settings_file_names_the_file(tmp_path: Path, line: str) -> None:
    (tmp_path / "config.py").write_text(line, encoding="utf-8")
    with pytest.raises(UnreadableSettings, match=r"config\.py: \w+Error"):
        read_settings(environment={"FEEDBACK_INSTANCE_PATH": str(tmp_path)})


def test_a_folder_we_may_not_write_to_is_refused() -> None:
    with pytest.raises(BadSetting, match="INSTANCE_PATH"):
        read_settings(environment={"FEEDBACK_INSTANCE_PATH": "/proc/nowhere"})


def test_the_environment_goes_before_the_file_and_the_file_before_the_default(
    tmp_path: Path,
) -> None:
    (tmp_path / "config.py").write_text("MAIL_PORT = 26\nMIN_GROUP = 7\n", encoding="utf-8")
    environment = {"FEEDBACK_INSTANCE_PATH": str(tmp_path), "FEEDBACK_MAIL_PORT": "27"}
    settings = read_settings(environment=environment)
    assert (settings["MAIL_PORT"], settings["MIN_GROUP"]) == (27, 7)
    assert settings["PROXIES"] == 0


def test_a_secret_may_lie_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("a word\n", encoding="utf-8")
    environment = {
        "FEEDBACK_INSTANCE_PATH": str(tmp_path),
        "FEEDBACK_MAIL_PASSWORD_FILE": str(tmp_path / "password"),
    }
    assert read_settings(environment=environment)["MAIL_PASSWORD"] == "a word"


def test_it_is_known_whether_somebody_set_it(tmp_path: Path) -> None:
    assert "PUBLIC_URL" not in where_given(tmp_path, environment={})
    default = {"FEEDBACK_PUBLIC_URL": SETTINGS["PUBLIC_URL"].default}
    assert "PUBLIC_URL" in where_given(tmp_path, environment=default)
    (tmp_path / "config.py").write_text("PUBLIC_URL = 'https://x.cn'", encoding="utf-8")
    assert "PUBLIC_URL" in where_given(tmp_path, environment={})


def test_names_that_nobody_reads_are_found(tmp_path: Path) -> None:
    (tmp_path / "config.py").write_text("import os\nTIMEZOEN = 'UTC'\n", encoding="utf-8")
    environment = {
        "FEEDBACK_MAIL_SEVER": "x", "FEEDBACK_MAIL_PORT": "25", "FEEDBACK_MAIL_PASSWORD_FILE": "x",
        "HOME": "/",
    }  # fmt: skip
    assert unknown_names(tmp_path, environment=environment) == ["MAIL_SEVER", "TIMEZOEN"]


def test_the_urgent_words_of_a_site_are_read_in_one_spelling(tmp_path: Path) -> None:
    environment = {
        "FEEDBACK_INSTANCE_PATH": str(tmp_path),
        "FEEDBACK_URGENT_WORDS": "刮痕， ＡＣＩＤ,acid, Model X,",
    }
    assert read_settings(environment=environment)["URGENT_WORDS"] == ("刮痕", "acid", "model x")
