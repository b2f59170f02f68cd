"""Customers who answer: they open their page, send it, and try again until they are thanked."""

import http.client
import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from html import unescape
from urllib.parse import urlencode

_HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')
_BOX = re.compile(r"<textarea[^>]*>\n?(.*?)</textarea>", re.S)


@dataclass
class Answered:
    """What one answer came to."""

    status: int
    headers: dict[str, str]
    text: str

    @property
    def is_thanked(self) -> bool:
        """Tell whether the answer was acknowledged."""
        return self.status == 303 and "/thanks" in self.headers.get("location", "")


def ask(
    port: int, method: str, path: str, body: str | None = None, timeout: float = 30
) -> Answered:
    """Ask once, over a connection of its own; raise what the network raises."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    headers = {"Content-Type": "application/x-www-form-urlencoded"} if body else {}
    try:
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        text = answer.read().decode("utf-8", "replace")
        found = {name.lower(): value for name, value in answer.getheaders()}
        return Answered(answer.status, found, text)
    finally:
        connection.close()


def hidden_fields(page: str) -> dict[str, str]:
    """Return what the page would send by itself."""
    return {name: unescape(value) for name, value in _HIDDEN.findall(page)}


def typed(page: str) -> str:
    """Return what stands in the page's text box."""
    found = _BOX.search(page)
    return unescape(found.group(1)) if found else ""


@dataclass
class Crowd:
    """Many customers at once; what they were told is counted."""

    port: int
    at_once: int
    timeout: float = 30
    told: Counter[str] = field(default_factory=Counter)
    # Invitation by invitation, the comment that was acknowledged.
    acknowledged: dict[int, str] = field(default_factory=dict)
    slowest: float = 0.0
    # Called with each answer that is neither a page nor thanks.
    look: Callable[[Answered, str], None] = lambda answer, comment: None
    # Set when nobody is to try any more.
    over: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def answer_all(self, links: Iterable[tuple[int, str]], until: float | None = None) -> None:
        """Let customers answer, so many at once, until all have or time ends."""
        waiting = iter(list(links))

        def work() -> None:
            while not self.over.is_set() and (until is None or time.monotonic() < until):
                with self._lock:
                    number, path = next(waiting, (0, ""))
                if not path:
                    return
                self.answer(number, path)

        threads = [threading.Thread(target=work) for _each in range(self.at_once)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def answer(self, number: int, path: str, within: float = 120) -> bool:
        """Open one link and send the page until thanked; tell whether that came."""
        comment = f"来自第{number}号的回答 🙂"
        end, fields = time.monotonic() + within, None
        while time.monotonic() < end and not self.over.is_set():
            try:
                if fields is None:
                    page = self._ask("GET", path, None, comment)
                    if page.status != 200:
                        time.sleep(0.1)
                        continue
                    if 'name="nonce"' not in page.text or 'name="csat"' not in page.text:
                        # Taken before, though nobody said so: the receipt is an acknowledgement.
                        self._keep(number, comment)
                        return True
                    fields = hidden_fields(page.text)
                    fields |= {"csat": "5", "nps": "9", "comment": comment}
                sent = self._ask("POST", path, urlencode(fields), comment)
            except (OSError, http.client.HTTPException):
                with self._lock:
                    self.told["connection lost"] += 1
                time.sleep(0.3)
                continue
            if sent.is_thanked:
                self._keep(number, comment)
                return True
            time.sleep(0.1)
        if not self.over.is_set():
            with self._lock:
                self.told["gave up"] += 1
        return False

    def _keep(self, number: int, comment: str) -> None:
        with self._lock:
            self.acknowledged[number] = comment

    def _ask(self, method: str, path: str, body: str | None, comment: str) -> Answered:
        began = time.monotonic()
        try:
            answer = ask(self.port, method, path, body, self.timeout)
        finally:
            took = time.monotonic() - began
            with self._lock:
                self.slowest = max(self.slowest, took)
        with self._lock:
            self.told[f"{method} {answer.status}"] += 1
        if answer.status >= 400:
            self.look(answer, comment if method == "POST" else "")
        return answer
