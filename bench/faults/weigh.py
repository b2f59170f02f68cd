"""What the processes of a site weigh: memory, open files, threads, and files left about."""

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Weight:
    """One process at one moment; memory in KiB."""

    rss: int
    pss: int
    files: int
    threads: int


def weight_of(pid: int) -> Weight | None:
    """Return what a process weighs, or None where it is gone."""
    folder = Path(f"/proc/{pid}")
    try:
        memory = _fields(folder / "smaps_rollup")
        threads = _fields(folder / "status")["Threads"]
        # What is opened and closed while we count may be counted or not.
        return Weight(memory["Rss"], memory["Pss"], len(list((folder / "fd").iterdir())), threads)
    except (OSError, KeyError):
        return None


def _fields(path: Path) -> dict[str, int]:
    found = {}
    for line in path.read_text().splitlines():
        name, _colon, value = line.partition(":")
        words = value.split()
        if words and words[0].isdigit():
            found[name] = int(words[0])
    return found


def files_in(*folders: Path) -> int:
    """Count the files below these folders; one that vanishes meanwhile is none."""
    number = 0
    for folder in folders:
        with suppress(OSError):
            number += sum(1 for path in folder.rglob("*") if path.is_file())
    return number


def slope(points: list[tuple[int, int]]) -> float:
    """Return by how many MiB what is given in KiB rises in 100,000 requests (least squares)."""
    n = len(points)
    mean_x = sum(x for x, _y in points) / n
    mean_y = sum(y for _x, y in points) / n
    spread = sum((x - mean_x) ** 2 for x, _y in points)
    if not spread:
        return 0.0
    return sum((x - mean_x) * (y - mean_y) for x, y in points) / spread * 100_000 / 1024
