"""How often the reading of comments is right: `python bench/triage.py [FILE.csv]`.

Three measures: the tone of the English remarks of the support file beside the project, where it is
there (scores 4 and 5 against 1 and 2); the tone of any file of reviews with the columns `label`
(1 is praise, 0 a complaint) and `review`; and the urgent rules on the confirmed sentences of the
tests, of which every third was held out while the rules were written (docs/triage.md).
"""

import csv
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from feedback.measures.wilson import wilson  # noqa: E402
from feedback.triage.tone import tone  # noqa: E402
from feedback.triage.urgent import alarms  # noqa: E402

SUPPORT_FILE = ROOT.parent / "shared" / "data" / "ecommerce_support_csat.csv"
CONFIRMED = ROOT / "tests" / "triage"
# Every third of the confirmed sentences was looked at by nobody who wrote a rule.
HELD_OUT = 3

# Whether it is praise, and the words.
Review = tuple[bool, str]


@dataclass(frozen=True)
class Told:
    """How a list of reviews was told; `accuracy` puts the undecided with the commoner side."""

    n: int
    majority: float
    accuracy: float
    balanced: float
    undecided: float
    decided: float


def measure(reviews: Sequence[Review]) -> Told:
    """Compare the tone of each review with its label."""
    praise = sum(good for good, _text in reviews)
    commoner = 2 * praise >= len(reviews)
    right = {True: 0, False: 0}
    undecided = decided_right = 0
    for good, text in reviews:
        side = tone(text).side
        if side == "undecided":
            undecided += 1
        else:
            decided_right += (side == "positive") == good
        told = commoner if side == "undecided" else side == "positive"
        right[good] += told == good
    n = len(reviews)
    sizes = {True: praise, False: n - praise}
    return Told(
        n=n,
        majority=max(sizes.values()) / n,
        accuracy=sum(right.values()) / n,
        balanced=sum(right[side] / sizes[side] for side in sizes) / len(sizes),
        undecided=undecided / n,
        decided=decided_right / (n - undecided),
    )


def remarks(path: Path) -> list[Review]:
    """Return the support file's remarks with a score that is no 3."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = [(int(row["CSAT Score"]), row["Customer Remarks"]) for row in csv.DictReader(file)]
    return [(score > 3, text) for score, text in rows if text.strip() and score != 3]


def reviews_of(path: Path) -> list[Review]:
    """Return the reviews of a file with the columns `label` and `review`."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        if not {"label", "review"} <= set(reader.fieldnames or ()):
            sys.exit(f"{path}: has no columns label and review")
        found = [(row["label"] == "1", row["review"]) for row in reader]
    if len({good for good, _text in found}) < 2:
        sys.exit(f"{path}: has not both praise (1) and complaints (0) in its column label")
    return found


def confirmed(language: str) -> list[tuple[bool, str]]:
    """Return the confirmed sentences: whether each is urgent, and its words."""
    text = (CONFIRMED / f"urgent_{language}.txt").read_text(encoding="utf-8")
    return [(line[0] == "1", line[2:]) for line in text.splitlines()]


def found(sentences: Iterable[tuple[bool, str]]) -> tuple[int, int, int]:
    """Return how many urgent ones there are, how many of them are found, and how many others."""
    told = [(urgent, bool(alarms(text))) for urgent, text in sentences]
    return (
        sum(urgent for urgent, _said in told),
        sum(urgent and said for urgent, said in told),
        sum(said and not urgent for urgent, said in told),
    )


def _show_tone(name: str, reviews: Sequence[Review]) -> None:
    told = measure(reviews)
    print(
        f"{name:<28}{told.n:>7,}{told.majority:>10.3f}{told.accuracy:>10.3f}{told.balanced:>10.3f}"
        f"{told.undecided:>11.1%}{told.decided:>9.3f}"
    )


def _show_urgent(name: str, sentences: Sequence[tuple[bool, str]]) -> None:
    urgent, hits, others = found(sentences)
    print(
        f"{name:<28}{len(sentences):>7}{urgent:>8}   {_share(hits, urgent)}"
        f"   {_share(hits, hits + others)}"
    )


def _share(x: int, n: int) -> str:
    interval = wilson(x, n)
    assert interval is not None
    return f"{x / n:.3f} [{interval[0]:.3f}, {interval[1]:.3f}]"


def main(paths: Sequence[str]) -> None:
    """Print the tables."""
    print(f"{'tone':<28}{'n':>7}{'majority':>10}{'accuracy':>10}{'balanced':>10}"
          f"{'undecided':>11}{'decided':>9}")  # fmt: skip
    if SUPPORT_FILE.exists():
        _show_tone("support remarks (en)", remarks(SUPPORT_FILE))
    for path in paths:
        _show_tone(Path(path).name, reviews_of(Path(path)))
    print(f"\n{'urgent':<28}{'n':>7}{'urgent':>8}   {'recall':<20}   precision")
    for language in ("zh", "en"):
        sentences = confirmed(language)
        _show_urgent(f"{language}, all", sentences)
        _show_urgent(f"{language}, held out", sentences[HELD_OUT - 1 :: HELD_OUT])


if __name__ == "__main__":
    main(sys.argv[1:])
