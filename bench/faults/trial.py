"""One run of an experiment: what it is given, and what it found."""

import random
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from bench.faults.databases import Database


@dataclass
class Trial:
    """What an experiment is given: a database of its own, a folder, chance, and how much of it."""

    database: Database
    folder: Path
    seed: int
    kills: int
    # The name of the bug the product is made to have, to see that the experiment finds it.
    planted: str | None = None
    # Small enough for a test; the promise is the same.
    is_short: bool = False
    # Kill at each so-manieth place only, where there are thousands of them.
    every: int = 1
    # The only part to run, by the name of its function; None runs all.
    part: str | None = None
    # For how long or how much, where an experiment is measured by that and not by kills.
    requests: int = 1_000_000
    seconds: float = 60.0
    chance: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)


@dataclass
class Found:
    """What an experiment found, and of how many trials; `broken` says which promise is not kept."""

    name: str
    trials: int
    of: str
    counts: Counter[str] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)
    # What was measured and is no count.
    notes: list[str] = field(default_factory=list)

    def must_be_none(self, what: str, number: int) -> None:
        """Count what the promise says does not happen."""
        self.counts[what] += number
        if number:
            self.broken.append(f"{what}: {number}")

    def must_hold(self, what: str, holds: bool) -> None:
        """Note a promise that is kept or broken as a whole."""
        if not holds:
            self.broken.append(what)

    @property
    def bound(self) -> float:
        """Return the upper 95 % bound of how often it fails, where it has not failed: 3/N."""
        return min(1.0, 3 / self.trials) if self.trials else 1.0
