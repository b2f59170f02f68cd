"""Overload (F17): ten times what the site can do; who is turned away is told so, and none is lost.

First it is measured what the site answers when always some are waiting. Then ten times as many
come, whether or not those before them have been answered.
"""

import json
import random
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

from flask import Flask

from bench.faults.answers import look
from bench.faults.customers import hidden_fields, typed
from bench.faults.databases import opened
from bench.faults.flood import Asking, Flood, Told, as_sent, percentile
from bench.faults.house import Keys, furnish
from bench.faults.sites import Site, serving
from bench.faults.trial import Found, Trial
from feedback import clock
from feedback.links import page_nonce
from feedback.shedding import LAST_PATIENCE

SILENT = "503 that does not say when to come back"
PLANTS = {"never-shed": "slow", "no-retry-after": SILENT}
AT_ONCE, TIMES = 16, 10
BACK_WITHIN = 30.0
_MAY = {"send": {303}, "report": {200, 201}}


class Tally:
    """What the visitors were told, and what of it may not be."""

    def __init__(self, comments: dict[int, str]) -> None:
        self.comments = comments
        self.taken: Counter[str] = Counter()
        self.shed: Counter[str] = Counter()
        # These are to be named, also where there are none.
        self.wrong = Counter(
            {SILENT: 0, "503 that has lost what was typed": 0, "probe turned away": 0}
        )
        self.seconds: dict[str, list[float]] = {"taken": [], "turned away": []}
        self.acknowledged: dict[int, str] = {}

    def __call__(self, told: Told) -> None:
        """Note what one was told."""
        kind = told.asking.kind
        if told.status == 503:
            self.shed[kind] += 1
            self.seconds["turned away"].append(told.seconds)
            self.wrong[SILENT] += not told.headers.get("retry-after", "").isdigit()
            self.wrong["probe turned away"] += kind == "probe"
            if kind == "send":
                is_kept = typed(told.text) == self.comments[told.asking.number]
                is_whole = is_kept and "nonce" in hidden_fields(told.text)
                self.wrong["503 that has lost what was typed"] += not is_whole
        elif told.status in _MAY.get(kind, {200}):
            self.taken[kind] += 1
            self.seconds["taken"].append(told.seconds)
            if kind == "send":
                self.acknowledged[told.asking.number] = self.comments[told.asking.number]
        else:
            self.wrong[f"failed: {kind}, {told.why or told.status}"] += 1


def run(trial: Trial) -> list[Found]:
    """Flood the site and count."""
    found = Found("overload: ten times what it can do", 0, "requests")
    with opened(trial.database, trial.folder) as app:
        keys = furnish(app, 200 if trial.is_short else 2000)
        comments, asked = _requests(app, keys, trial.chance)
    seconds = 8.0 if trial.is_short else trial.seconds
    with serving(trial.database, trial.folder, trial.planted) as site:
        site.wait_until_ready("/readyz")
        before = Tally(comments)
        Flood(site.port, asked, before).keep(AT_ONCE, 3)
        measured = 4.0 if trial.is_short else 10.0
        before = Tally(comments)
        Flood(site.port, asked, before).keep(AT_ONCE, measured)
        capacity = before.taken.total() / measured
        tally = Tally(comments)
        flood = Flood(site.port, asked, tally)
        flood.pour(TIMES * capacity, seconds)
        found.trials = flood.offered
        _recover(site, asked, comments, found)
        site.stop()
    for what, number in tally.wrong.items():
        found.must_be_none(what, number)
    full = percentile(before.seconds["taken"], 0.99)
    _say(found, tally, capacity, seconds, flood.late)
    _judge(found, tally, full)
    found.must_hold("nobody was turned away", bool(tally.shed) or trial.planted is not None)
    acknowledged = before.acknowledged | tally.acknowledged
    with opened(trial.database, trial.folder) as app:
        look(app, acknowledged, found)
    return [found]


def _requests(
    app: Flask, keys: Keys, chance: random.Random
) -> tuple[dict[int, str], Iterator[Asking]]:
    """Return what each customer writes, and a mixture of requests without an end."""
    form, json_body = "application/x-www-form-urlencoded", "application/json"
    shown_at = clock.now() - timedelta(seconds=10)
    comments = {number: f"第{number}号：很好，谢谢 🙂" for number in keys.links}
    sends, opens = [], []
    with app.test_request_context():
        for number, path in keys.links.items():
            nonce = page_nonce(number, purpose="answer", now=shown_at)
            words = {"csat": "5", "nps": "9", "comment": comments[number], "nonce": nonce}
            sends.append(
                Asking("send", as_sent("POST", path, body=urlencode(words), of=form), number)
            )
            opens.append(Asking("open", as_sent("GET", path)))
    signed = {"Authorization": f"Bearer {keys.api_key}"}
    contact = {
        "source": "flood", "external_id": "f-1", "channel": "phone",
        "closed_at": datetime.now(UTC).isoformat(), "customer": {"external_id": "c-1"},
    }  # fmt: skip
    report = as_sent(
        "POST", "/api/v1/interactions", body=json.dumps(contact), of=json_body, headers=signed
    )
    looks = [
        Asking("look", as_sent("GET", path, headers={"Cookie": cookie}))
        for path, cookie in keys.cookies.items()
    ]
    kinds = {
        "open": opens, "send": sends, "look": looks, "report": [Asking("report", report)],
        "file": [Asking("file", as_sent("GET", "/static/survey.css"))],
        "sign-in": [Asking("sign-in", as_sent("GET", "/sign-in"))],
        "probe": [Asking("probe", as_sent("GET", "/healthz"))],
    }  # fmt: skip

    def mixture() -> Iterator[Asking]:
        names = list(kinds)
        while True:
            for name in chance.choices(names, weights=(45, 30, 1, 5, 12, 5, 2), k=1000):
                yield chance.choice(kinds[name])

    return comments, mixture()


def _recover(site: Site, asked: Iterator[Asking], comments: dict[int, str], found: Found) -> None:
    """Measure how long it takes until it answers again as if nothing had been."""
    began, calm_since, calm = time.monotonic(), time.monotonic(), 0
    while calm < 20 and time.monotonic() < began + 2 * BACK_WITHIN:
        tally = Tally(comments)
        started = time.monotonic()
        Flood(site.port, asked, tally).keep(1, 0.0001)
        if tally.taken and time.monotonic() - started < 1:
            calm += 1
        else:
            calm, calm_since = 0, time.monotonic()
    found.counts["back to normal after, ms"] = int(1000 * (calm_since - began))
    found.must_hold("not back to normal", calm >= 20 and calm_since - began <= BACK_WITHIN)


def _say(found: Found, tally: Tally, capacity: float, seconds: float, late: float) -> None:
    taken, shed = tally.taken.total(), tally.shed.total()
    found.counts["answers acknowledged"] = tally.taken["send"]
    found.counts["taken"], found.counts["turned away with Retry-After"] = taken, shed
    found.counts["answers turned away"] = tally.shed["send"]
    found.notes.append(
        f"can do {capacity:.0f}/s; {found.trials / seconds:.0f}/s came for {seconds:.0f} s,"
        f" {taken / seconds:.0f}/s were answered (the flood was {late:.1f} s late at most)"
    )
    for what, times in tally.seconds.items():
        found.notes.append(
            f"{what}: p50 {percentile(times, 0.5):.2f} s, p99 {percentile(times, 0.99):.2f} s,"
            f" longest {max(times, default=0):.2f} s"
        )


def _judge(found: Found, tally: Tally, full: float) -> None:
    """Hold what was answered against the longest patience and what it takes on a busy site."""
    most = LAST_PATIENCE + max(2.0, 2 * full)
    p99 = percentile(tally.seconds["taken"], 0.99)
    found.notes.append(f"p99 when only as many come as it can do: {full:.2f} s")
    found.must_hold(f"slow: p99 of what was answered {p99:.1f} s, over {most:.1f}", p99 <= most)
