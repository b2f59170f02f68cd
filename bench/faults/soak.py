"""The soak (F19): a million requests of all kinds, after which the site weighs what it weighed."""

import time
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from bench.faults.databases import opened
from bench.faults.house import furnish
from bench.faults.sites import Site
from bench.faults.trial import Found, Trial
from bench.faults.visitors import Crowd
from bench.faults.weigh import Weight, files_in, slope, weight_of

PLANTS = {"leak": "grew"}
AT_ONCE, WORKERS, THREADS = 6, 2, 8
# In a short run one process of two threads, so that its caches are full before it ends.
SHORT_AT_ONCE, SHORT_WORKERS, SHORT_THREADS = 2, 1, 2
# Caches fill and pages of the parent are copied at first; from here on nothing may.
WARM = 200_000
# Of the second half, in per cent, and in MiB per 100,000 requests once warm.
MOST_GROWTH, MOST_SLOPE = 5.0, 0.5
# What a short run can find is a leak that is coarser.
MOST_SLOPE_SHORT = 45.0


@dataclass
class Scales:
    """What each process weighed, again and again, by how many requests had been answered."""

    pids: list[int]
    folders: list[Path]
    points: dict[int, list[tuple[int, Weight]]] = field(default_factory=dict)
    left: list[int] = field(default_factory=list)
    ended: set[int] = field(default_factory=set)

    def weigh(self, done: int) -> None:
        """Weigh once."""
        for pid in self.pids:
            if (weight := weight_of(pid)) is None:
                self.ended.add(pid)
            else:
                self.points.setdefault(pid, []).append((done, weight))
        self.left.append(files_in(*self.folders))

    def at(self, pid: int, done: int) -> Weight:
        """Return what a process weighed when so many had been answered, by the nearest weighing."""
        return min(self.points[pid], key=lambda point: abs(point[0] - done))[1]

    def around(self, pid: int, done: int, width: int) -> float:
        """Return the median RSS in MiB of the weighings within the width of so many requests."""
        near = [w.rss for at, w in self.points[pid] if abs(at - done) <= width]
        return median(near or [self.at(pid, done).rss]) / 1024


def run(trial: Trial) -> list[Found]:
    """Let visitors of all kinds come, and weigh the site while they do."""
    most = trial.requests
    with opened(trial.database, trial.folder) as app:
        keys = furnish(app, 400 if trial.is_short else 4000)
    found = Found("soak", most, "requests")
    scratch = trial.folder / "scratch"
    scratch.mkdir()
    site = Site(trial.database, trial.folder, trial.planted)
    # Recycling would hide a leak, and the log is not what is weighed.
    at_once, workers, threads = AT_ONCE, WORKERS, THREADS
    if trial.is_short:
        at_once, workers, threads = SHORT_AT_ONCE, SHORT_WORKERS, SHORT_THREADS
    options = f"--workers {workers} --threads {threads} --max-requests 0 --access-logfile /dev/null"
    site.environment |= {"GUNICORN_CMD_ARGS": options, "TMPDIR": str(scratch)}
    try:
        site.start()
        site.wait_for_workers(workers)
        # Until the worker inside has been seen once, it says that it is not ready.
        site.wait_until_ready("/readyz")
        assert site.process is not None
        scales = Scales([site.process.pid, *site.workers()], [scratch, trial.folder / "instance"])
        crowd = Crowd(site.port, keys, at_once=at_once, seed=trial.seed, most=most)
        seconds = _soak(crowd, scales, most, is_quiet=trial.is_short)
        site.stop()
    finally:
        site.clear()
    for kind, number in sorted(crowd.told.items()):
        found.counts[kind] = number
    found.counts["requests per second"] = int(most / seconds)
    for what, number in crowd.unexpected.items():
        found.must_be_none(f"unexpected: {what}", number)
    found.must_be_none("processes that ended", len(scales.ended))
    _judge(found, scales, most, trial.is_short)
    return [found]


def _soak(crowd: Crowd, scales: Scales, most: int, *, is_quiet: bool) -> float:
    """Let them come, and weigh at every half of a per cent; return how many seconds it took."""
    began = time.monotonic()
    crowd.start()
    next_at = 0
    while crowd.is_there:
        if crowd.done >= next_at:
            scales.weigh(crowd.done)
            next_at += most // 200
            if not is_quiet and len(scales.left) % 2 == 1:
                _say(crowd, scales, most, time.monotonic() - began)
        time.sleep(0.2)
    scales.weigh(crowd.done)
    return time.monotonic() - began


def _say(crowd: Crowd, scales: Scales, most: int, seconds: float) -> None:
    """Say how far it is; it takes hours."""
    now = [points[-1][1] for points in scales.points.values()]
    print(
        f"  {crowd.done / most:>4.0%} {crowd.done:>9} requests, {crowd.done / seconds or 0:.0f}/s,"
        f" RSS {[w.rss // 1024 for w in now]} MiB, PSS {[w.pss // 1024 for w in now]},"
        f" files {[w.files for w in now]}, threads {[w.threads for w in now]},"
        f" left about {scales.left[-1]}, unexpected {dict(crowd.unexpected)}",
        flush=True,
    )


def _judge(found: Found, scales: Scales, most: int, is_short: bool) -> None:
    """Compare the second half with its beginning, process by process."""
    width = most // 50
    for number, pid in enumerate(scales.points):
        name = "master" if number == 0 else f"worker {number}"
        sizes = [scales.around(pid, int(most * at), width) for at in (0.2, 0.5, 1.0)]
        growth = 100 * (sizes[2] - sizes[1]) / sizes[1]
        warm = WARM if most > 2 * WARM else most // 2
        points = [(at, w.rss) for at, w in scales.points[pid] if at >= warm]
        rise = slope(points)
        found.notes.append(
            f"{name}: RSS {sizes[0]:.1f} MiB at 20 %, {sizes[1]:.1f} at 50 %, {sizes[2]:.1f} at"
            f" 100 %; {growth:+.2f} % in the second half; {rise:+.2f} MiB per 100,000 after {warm}"
        )
        found.must_hold(f"grew: {name}, {growth:.1f} % in the second half", growth < MOST_GROWTH)
        limit = MOST_SLOPE_SHORT if is_short else MOST_SLOPE
        found.must_hold(f"grew: {name}, {rise:.2f} MiB per 100,000", rise <= limit)
        half = [w for at, w in scales.points[pid] if at >= most // 2]
        early, late = half[: len(half) // 3], half[-len(half) // 3 :]
        for what in ("files", "threads"):
            before = max(getattr(w, what) for w in early)
            after = min(getattr(w, what) for w in late)
            found.notes.append(
                f"{name}: {what} at most {before} at 50 %, at least {after} at 100 %"
            )
            found.must_hold(f"grew: {name}, {what} from {before} to {after}", after <= before)
    then, now = scales.left[len(scales.left) // 2], scales.left[-1]
    found.notes.append(f"files left about: {then} at 50 %, {now} at 100 %")
    # A mail in hand has its file; more than some few of them would be left ones.
    grown = now - then
    found.must_hold(f"grew: files left about, by {grown}", grown <= 5)
