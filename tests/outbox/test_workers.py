"""Many workers, in threads and in processes, some of them killed: each mail goes once."""

import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from datetime import datetime
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from feedback.outbox.claim import LEASE
from tests.outbox.letters import MINUTE, NOW, all_messages, deliver, make_message
from tests.outbox.post_office import Letter, PostOffice

ROOT = Path(__file__).parent.parent.parent


def names(office: PostOffice) -> Counter[str]:
    return Counter(str(letter.mail["Message-ID"]) for letter in office.taken)


@pytest.fixture
def environment(
    app: Flask, database_url: str, office: PostOffice, tmp_path: Path
) -> dict[str, str]:
    """What a worker process of its own needs to know."""
    return os.environ | {
        "FEEDBACK_DATABASE_URL": database_url,
        "FEEDBACK_INSTANCE_PATH": str(tmp_path / "instance"),
        "FEEDBACK_SECRET_KEY": app.config["SECRET_KEY"],
        "FEEDBACK_MAIL_SENDER": app.config["MAIL_SENDER"],
        "FEEDBACK_PUBLIC_URL": "https://fb.example.cn",
        "FEEDBACK_MAIL_SERVER": "127.0.0.1",
        "FEEDBACK_MAIL_PORT": str(office.port),
    }


def start(environment: dict[str, str], now: datetime, *more: str) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "flask", "work", "--once", "--now", now.isoformat(), *more]
    return subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def test_four_threads_send_each_message_once(
    app: Flask, session: Session, office: PostOffice
) -> None:
    for _number in range(40):
        make_message(session)
    session.close()
    ready = threading.Barrier(4)

    def work(name: str) -> None:
        ready.wait()
        deliver(app, worker=name)

    threads = [threading.Thread(target=work, args=(f"worker-{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(office.taken) == 40
    assert set(names(office).values()) == {1}


def test_two_processes_with_two_workers_each_send_each_message_once(
    session: Session, office: PostOffice, environment: dict[str, str]
) -> None:
    for _number in range(30):
        make_message(session)
    session.close()
    processes = [start(environment, NOW, "--workers", "2") for _number in range(2)]
    assert [process.wait(timeout=120) for process in processes] == [0, 0]
    assert len(office.taken) == 30
    assert set(names(office).values()) == {1}
    assert len({message.claimed_by for message in all_messages(session)}) > 1


def test_a_worker_killed_while_sending_loses_nothing_and_repeats_at_most_one_mail(
    app: Flask,
    session: Session,
    office: PostOffice,
    environment: dict[str, str],
) -> None:
    for _number in range(6):
        make_message(session)
    session.close()
    workers: list[subprocess.Popen[bytes]] = []

    def kill_at_the_third(letter: Letter) -> None:
        # The server has it; its answer will find nobody.
        if len(office.taken) == 3:
            workers[0].send_signal(signal.SIGKILL)
            workers[0].wait()

    office.before_answer = kill_at_the_third
    workers.append(start(environment, NOW))
    assert workers[0].wait(timeout=120) == -signal.SIGKILL
    office.before_answer = lambda letter: None
    third = all_messages(session)[2]
    assert (third.sent_at, third.dot_sent_at) == (None, NOW)
    # The others do not wait for it.
    assert deliver(app, NOW + MINUTE).sent == 3
    assert deliver(app, NOW + LEASE).sent == 1
    assert deliver(app, NOW + 10 * LEASE).sent == 0
    found = names(office)
    assert len(found) == 6
    assert sorted(found.values()) == [1, 1, 1, 1, 1, 2]
    assert found[third.message_id] == 2
    first, second = (x for x in office.taken if x.mail["Message-ID"] == third.message_id)
    assert first.wire == second.wire
    assert all(message.sent_at is not None for message in all_messages(session))
