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
        digits = text.removeprefix("-")
        if not (digits.isascii() and digits.isdigit() and len(digits) <= 2):
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

# Compared with what was expected: worse, as expected, better.
EXPECT = Scale("expect", -2, 2, low=-1, high=1)
# Anything else on five steps, such as how the end felt. No figure is made of it.
RATING = Scale("rating", 1, 5, low=3, high=4)

# What figures are made of, and what files of responses may bring.
SCALES = {scale.metric: scale for scale in (CSAT, NPS, CES)}

# Every scale a question can be answered on.
QUESTION_SCALES = SCALES | {scale.metric: scale for scale in (EXPECT, RATING)}

# Scales of answers that no figure is made of.
UNCOUNTED = tuple(name for name in QUESTION_SCALES if name not in SCALES)

# What can be said of whether a matter is settled, by the side it stands on.
SETTLED = {"yes": "high", "partly": "low", "no": "low"}


def side_of(kind: str, value: str) -> str | None:
    """Return the side an answer to a question of this kind stands on, or None for no side."""
    if kind == "resolved":
        return SETTLED.get(value)
    scale = QUESTION_SCALES.get(kind)
    return scale.side(int(value)) if scale and value else None
