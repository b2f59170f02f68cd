"""Visitors of all kinds, over connections that are kept: what a site sees in an ordinary week."""

import http.client
import json
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import urlencode

from bench.faults.customers import hidden_fields
from bench.faults.house import Keys

_FORM = {"Content-Type": "application/x-www-form-urlencoded"}
# A browser comes back over another line now and then, and so finds the other process too.
REQUESTS_PER_LINE = 50


@dataclass(frozen=True)
class Asked:
    """One request, and how it may be answered."""

    kind: str
    path: str
    may: frozenset[int] = frozenset({200})
    method: str = "GET"
    body: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


class Visitor:
    """Somebody with links of their own, who does one thing after another by chance."""

    def __init__(self, keys: Keys, links: Sequence[str], seed: int) -> None:
        self._keys, self._links, self._chance = keys, links, random.Random(seed)
        # What the page of a link would send, kept from when it was opened.
        self._pages: dict[str, str] = {}
        self._name = f"v{seed}"
        self._reported = 0
        # In thousandths. Pages of figures cost most and are looked at least.
        acts: dict[Callable[[], Asked], int] = {
            self._open: 200, self._send: 110, self._thanks: 80, self._stop: 30, self._privacy: 20,
            self._file: 200, self._guess: 80, self._nowhere: 50, self._sign_in: 20, self._look: 5,
            self._report: 15, self._read: 10, self._probe: 180,
        }  # fmt: skip
        self._acts = self._chance.choices(list(acts), weights=list(acts.values()), k=10_000)

    def requests(self) -> Iterator[Asked]:
        """Yield one request after the other, without end."""
        while True:
            for act in self._acts:
                yield act()

    def learn(self, asked: Asked, text: str) -> None:
        """Keep what the page of a link would send."""
        if asked.kind == "open" and asked.path not in self._pages:
            fields = hidden_fields(text)
            if "nonce" in fields:
                # Always the same score: other scores at once are taken for a scanner's.
                words = {"csat": "5", "nps": "9", "comment": "都好，谢谢 🙂"}
                self._pages[asked.path] = urlencode(fields | words)

    def _link(self) -> str:
        return self._chance.choice(self._links)

    def _open(self) -> Asked:
        return Asked("open", self._link())

    def _send(self) -> Asked:
        link = self._link()
        if link not in self._pages:
            return Asked("open", link)
        return Asked("send", link, frozenset({303}), "POST", self._pages[link], _FORM)

    def _thanks(self) -> Asked:
        return Asked("thanks", f"{self._link()}/thanks", frozenset({200, 303}))

    def _stop(self) -> Asked:
        return Asked("stop", f"{self._link()}/stop")

    def _privacy(self) -> Asked:
        return Asked("privacy", f"{self._link()}/privacy")

    def _file(self) -> Asked:
        return Asked("file", f"/static/{self._chance.choice(('style.css', 'mark.svg'))}")

    def _guess(self) -> Asked:
        guess = f"{self._chance.randbytes(12).hex()}.{self._chance.randbytes(20).hex()}"
        return Asked("guess", f"/s/{guess}", frozenset({404, 429}))

    def _nowhere(self) -> Asked:
        return Asked("nowhere", f"/wp-{self._chance.randrange(10**9)}.php", frozenset({404}))

    def _sign_in(self) -> Asked:
        return Asked("sign-in", "/sign-in")

    def _look(self) -> Asked:
        path = self._chance.choice(list(self._keys.cookies))
        return Asked(path, path, headers={"Cookie": self._keys.cookies[path]})

    def _report(self) -> Asked:
        self._reported += 1
        # One contact in ten is new; the others are told again, as sources do.
        number = self._reported - self._reported % 10
        body = {
            "source": "soak", "external_id": f"{self._name}-{number}", "channel": "phone",
            "closed_at": datetime.now(UTC).isoformat(), "team": "客服一组",
            "customer": {"external_id": f"{self._name}-{number}", "name": "王伟"},
        }  # fmt: skip
        headers = self._bearer() | {"Content-Type": "application/json"}
        path, text = "/api/v1/interactions", json.dumps(body)
        return Asked("api report", path, frozenset({200, 201}), "POST", text, headers)

    def _read(self) -> Asked:
        asked = self._chance.choice(("responses?limit=20", "scores?metric=csat&by=channel"))
        return Asked(f"api {asked[:6]}", f"/api/v1/{asked}", headers=self._bearer())

    def _probe(self) -> Asked:
        (path,) = self._chance.choices(("/healthz", "/readyz", "/metrics"), (29, 10, 1))
        return Asked("probe", path)

    def _bearer(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._keys.api_key}"}


class Crowd:
    """So many visitors at once, until so many requests have been answered."""

    def __init__(self, port: int, keys: Keys, *, at_once: int, seed: int, most: int) -> None:
        self._port, self._most = port, most
        self.done = 0
        self.told: Counter[str] = Counter()
        self.unexpected: Counter[str] = Counter()
        self._lock = threading.Lock()
        visitors = [Visitor(keys, keys.paths[one::at_once], seed + one) for one in range(at_once)]
        self._threads = [
            threading.Thread(target=self._visit, args=(visitor,), daemon=True)
            for visitor in visitors
        ]

    def start(self) -> None:
        """Let them come."""
        for thread in self._threads:
            thread.start()

    @property
    def is_there(self) -> bool:
        """Tell whether any of them is still about."""
        return any(thread.is_alive() for thread in self._threads)

    def _visit(self, visitor: Visitor) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)
        for number, asked in enumerate(visitor.requests()):
            with self._lock:
                if self.done >= self._most:
                    break
                self.done += 1
            if number % REQUESTS_PER_LINE == 0:
                connection.close()
            try:
                connection.request(asked.method, asked.path, asked.body, dict(asked.headers))
                answer = connection.getresponse()
                text = answer.read()
            except (OSError, http.client.HTTPException) as error:
                with self._lock:
                    self.unexpected[f"{asked.kind}: {type(error).__name__}"] += 1
                connection.close()
                # A site that is gone must not be counted a million times.
                time.sleep(0.1)
                continue
            visitor.learn(asked, text.decode("utf-8", "replace") if asked.kind == "open" else "")
            with self._lock:
                self.told[f"{asked.kind} {answer.status}"] += 1
                if answer.status not in asked.may:
                    self.unexpected[f"{asked.kind}: {answer.status}"] += 1
        connection.close()
