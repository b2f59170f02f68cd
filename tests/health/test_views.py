"""What probes and Prometheus are told."""

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy.orm import Session

from feedback import create_app
from feedback.config import ROOT
from feedback.milestones import BACKED_UP, note_milestone
from feedback.outbox.beat import beat
from feedback.outbox.models import Message, WorkerBeat
from tests.conftest import Time, settings_for
from tests.factories import make_response
from tests.health.pulses import tell_of
from tests.invitations.stories import report


def state(client: FlaskClient, name: str) -> tuple[int, str]:
    answer = client.get("/readyz")
    assert answer.headers["Cache-Control"] == "no-store"
    return answer.status_code, answer.json["checks"][name]["status"]


def make_message(session: Session, **values: object) -> Message:
    message = Message(
        kind="invitation", recipient="wang@example.cn", locale="zh-Hans", subject="", text="",
        html="", message_id="<1@example.cn>", **values,
    )  # fmt: skip
    session.add(message)
    session.commit()
    return message


def nowhere(tmp_path: Path) -> Flask:
    return create_app(settings_for("postgresql://nobody@127.0.0.1:1/nothing", tmp_path))


def test_the_process_lives_though_the_database_is_away(tmp_path: Path) -> None:
    answer = nowhere(tmp_path).test_client().get("/healthz")
    assert (answer.status_code, answer.json) == (200, {"status": "ok"})


def test_without_its_database_the_site_is_not_ready(tmp_path: Path) -> None:
    answer = nowhere(tmp_path).test_client().get("/readyz")
    assert answer.status_code == 503
    states = {name: check["status"] for name, check in answer.json["checks"].items()}
    # What is bad is named; of the rest nothing is known.
    assert states.pop("database") == "bad"
    assert set(states.values()) == {"unknown"}
    assert "127.0.0.1" not in answer.text


def test_before_the_migrations_have_run_it_is_not_ready(tmp_path: Path) -> None:
    app = create_app(settings_for(f"sqlite:///{tmp_path / 'empty.sqlite'}", tmp_path))
    answer = app.test_client().get("/readyz")
    assert answer.status_code == 503
    assert answer.json["checks"]["database"]["status"] == "ok"
    assert answer.json["checks"]["migrations"]["status"] == "bad"


def test_all_is_well(client: FlaskClient) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json["status"] == "ok"
    assert list(answer.json["checks"]) == ["database", "migrations", "queue", "worker"]


def test_a_beat_from_a_clock_that_was_moved_says_nothing(
    make_app: Callable[..., Flask], session: Session, time: Time
) -> None:
    app = make_app(WORKER="embedded")
    session.add(WorkerBeat(worker="trial", at=time.now + timedelta(days=30)))
    session.commit()
    assert state(app.test_client(), "worker") == (503, "bad")


def test_mail_that_waits_for_another_try_is_not_stuck(
    client: FlaskClient, session: Session, time: Time
) -> None:
    make_message(session, created_at=time.now, send_after=time.now + timedelta(hours=2), attempts=4)
    time.forward(hours=1)
    assert state(client, "queue") == (200, "ok")


def test_metrics_count_what_is_in_the_database(
    app: Flask, session: Session, client: FlaskClient, time: Time
) -> None:
    report(app, session, time.now - timedelta(hours=1))
    report(app, session, time.now - timedelta(hours=1), customer_email=None)
    make_response(session, csat=5)
    make_response(session, csat=1, wave=2)
    make_message(session, created_at=time.now, send_after=time.now - timedelta(minutes=3))
    beat(app, "one", time.now - timedelta(seconds=12))
    answer = client.get("/metrics")
    assert answer.content_type.startswith("text/plain; version=")
    lines = answer.text.splitlines()
    for line in (
        "afterword_interactions_total 4.0",
        'afterword_invitations_waiting{wave="1"} 1.0',
        'afterword_invitations_withheld_total{reason="no_address",wave="1"} 1.0',
        'afterword_messages{state="waiting"} 1.0',
        'afterword_messages{state="failed"} 0.0',
        "afterword_messages_oldest_waiting_seconds 180.0",
        'afterword_responses_total{wave="1"} 1.0',
        'afterword_responses_total{wave="2"} 1.0',
        "afterword_worker_beat_age_seconds 12.0",
    ):
        assert line in lines
    for private in ("wang", "李静", "e-1", "@"):
        assert private not in answer.text


def test_every_metric_is_in_the_manual(app: Flask, client: FlaskClient, time: Time) -> None:
    beat(app, "one", time.now)
    manual = (ROOT / "docs" / "running.md").read_text(encoding="utf-8")
    text = client.get("/metrics").text
    names = [line.split()[2] for line in text.splitlines() if line.startswith("# TYPE")]
    assert len(names) >= 8
    assert not [name for name in names if f"`{name}`" not in manual]


def test_prometheus_reads_them_and_is_told_what_each_is(
    app: Flask, session: Session, client: FlaskClient, time: Time
) -> None:
    note_milestone(session, BACKED_UP, time.now - timedelta(hours=3), "a.zip")
    tell_of(session, time.now - timedelta(seconds=7))
    families = {
        one.name: one for one in text_string_to_metric_families(client.get("/metrics").text)
    }
    kinds = {one.type for one in families.values()}
    assert kinds == {"counter", "gauge"}
    assert all(one.documentation.endswith(".") for one in families.values())

    def value(name: str, **labels: str) -> float:
        (found,) = [one.value for one in families[name].samples if one.labels == labels]
        return found

    assert value("afterword_worker_beat_age_seconds") == 7
    kept_at = value("afterword_last_backup_timestamp_seconds")
    assert kept_at == (time.now - timedelta(hours=3)).timestamp()
    assert value("afterword_check_ok", check="worker") == 1
    assert value("afterword_check_ok", check="queue") == 1
    assert value("afterword_bounces", kind="hard") == 0
    assert value("afterword_disk_free_bytes") > 0
    assert value("afterword_database_bytes") > 0
    time.forward(minutes=1)
    text = client.get("/metrics").text
    assert 'afterword_check_ok{check="worker"} 0.0' in text


def test_the_alert_rules_of_the_manual_ask_for_metrics_there_are(
    session: Session, client: FlaskClient, time: Time
) -> None:
    note_milestone(session, BACKED_UP, time.now, "a.zip")
    session.commit()
    manual = (ROOT / "docs" / "running.md").read_text(encoding="utf-8")
    rules = manual.partition("```yaml\ngroups:")[2].partition("```")[0]
    asked = set(re.findall(r"\bafterword_\w+", rules))
    assert rules.count("- alert:") == 3
    there = set(re.findall(r"^afterword_\w+", client.get("/metrics").text, re.MULTILINE))
    assert asked
    assert asked <= there


def test_a_worker_never_seen_has_no_age(client: FlaskClient) -> None:
    assert "beat_age_seconds" not in client.get("/metrics").text


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("127.0.0.1", 200), ("10.1.2.3", 200), ("192.168.0.9", 200), ("::1", 200),
        ("fd00::1", 200), ("::ffff:10.0.0.1", 200), ("8.8.8.8", 404), ("::ffff:8.8.8.8", 404),
        ("2400:3200::1", 404), ("", 404),
    ],
)  # fmt: skip
def test_metrics_are_for_near_addresses_only(
    client: FlaskClient, address: str, status: int
) -> None:
    got = client.get("/metrics", environ_base={"REMOTE_ADDR": address})
    assert got.status_code == status


@pytest.mark.parametrize("name", ["X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"])
def test_a_proxy_nobody_told_us_of_does_not_open_them(client: FlaskClient, name: str) -> None:
    assert client.get("/metrics", headers={name: "127.0.0.1"}).status_code == 404


@pytest.mark.parametrize(("sender", "status"), [("8.8.8.8", 404), ("10.0.0.7", 200)])
def test_behind_a_known_proxy_the_clients_own_address_counts(
    make_app: Callable[..., Flask], sender: str, status: int
) -> None:
    client = make_app(PROXIES=1).test_client()
    # The first entry is the client's own invention; the proxy adds what it saw.
    answer = client.get("/metrics", headers={"X-Forwarded-For": f"127.0.0.1, {sender}"})
    assert answer.status_code == status
