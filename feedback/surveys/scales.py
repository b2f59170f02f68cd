"""The scales scores are given on, and which scores count as low or high."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Scale:
    """Whole scores; up to `low` asks what went wrong, from `high` on what went well."""

    metric: str
    lowest: int
    highest: int
    low: int
    high: int

    def read(self, text: str) -> int:
        """Return the score written in ASCII digits, or raise ValueError: nothing is coerced."""
        if not (text.isascii() and text.isdigit() and len(text) <= 2):
            raise ValueError(text)
        score = int(text)
        if str(score) != text or not self.lowest <= score <= self.highest:
            raise ValueError(text)
        return score

    def side(self, score: int | None) -> str | None:
        """Return "low", "high", or None for the middle and for no score."""
        if score is None or self.low < score < self.high:
            return None
        return "low" if score <= self.low else "high"


CSAT = Scale("csat", 1, 5, low=3, high=4)
NPS = Scale("nps", 0, 10, low=6, high=9)
CES = Scale("ces", 1, 7, low=3, high=5)

SCALES = {scale.metric: scale for scale in (CSAT, NPS, CES)}
