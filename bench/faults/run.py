"""Runs experiments and prints what they found: `python -m bench.faults NAME`, `make faults`."""

import argparse
import importlib
import json
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

# What the operator has set for the real site is none of an experiment's business.
for name in [name for name in os.environ if name.startswith("FEEDBACK_")]:
    del os.environ[name]

from bench.faults.databases import made  # noqa: E402
from bench.faults.trial import Found, Trial  # noqa: E402

NAMES = (
    "answers", "mail", "outages", "clocks", "migrations", "backups", "health", "power",
)  # fmt: skip
# These take an hour or wear a machine out, and so are run only where they are named.
NAMED = ("soak", "overload", "slow")
KINDS = ("sqlite", "postgresql")


def experiment(
    name: str, kind: str, asked: argparse.Namespace, *, planted: str | None, folder: Path
) -> list[Found]:
    """Run one experiment on one kind of database."""
    module = importlib.import_module(f"bench.faults.{name}")
    with made(kind, folder) as database:
        trial = Trial(
            database, folder, asked.seed, asked.kills, planted, asked.short,
            every=asked.every, part=asked.part, requests=asked.requests, seconds=asked.seconds,
        )  # fmt: skip
        return list(module.run(trial))


def show(found: Found, kind: str, seed: int, seconds: float) -> None:
    """Print what was found, and what that says at most about what was not."""
    verdict = "BROKEN" if found.broken else "kept"
    print(f"{found.name} ({kind}): {verdict}")
    print(f"  N = {found.trials} {found.of}, seed {seed}, {seconds:.0f} s")
    for what, number in found.counts.items():
        print(f"  {number:>7}  {what}")
    for note in found.notes:
        print(f"  {note}")
    if found.broken:
        for what in found.broken:
            print(f"  not kept: {what}")
    else:
        print(f"  fails in at most {found.bound:.2%} of {found.of}, with 95 % confidence (3/N)")
    sys.stdout.flush()


def planted_of(name: str, kind: str) -> list[str]:
    """Return the bugs an experiment must find on this kind of database."""
    module = importlib.import_module(f"bench.faults.{name}")
    only = getattr(module, "ONLY", {})
    return [bug for bug in module.PLANTS if only.get(bug, kind) == kind]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what is asked for; return 1 where a promise is broken, or a planted bug is not found."""
    parser = argparse.ArgumentParser(prog="bench.faults", description=__doc__)
    parser.add_argument("names", nargs="*", choices=[*NAMES, *NAMED, []], metavar="NAME",
                        help=f"{NAMES}, or by name only {NAMED}")  # fmt: skip
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--every", type=int, default=1, help="mail: kill at every so-manieth line")
    parser.add_argument("--part", help="mail: one part only, such as `ill`")
    parser.add_argument("--requests", type=int, default=1_000_000, help="of the soak")
    parser.add_argument("--seconds", type=float, default=60, help="of the overload")
    parser.add_argument("--short", action="store_true", help="as little as the tests do")
    parser.add_argument("--database", choices=KINDS, help="one kind instead of both")
    parser.add_argument("--planted", metavar="BUG", help="plant a bug; `all`: each in turn")
    parser.add_argument("--keep", type=Path, help="keep databases and logs in this folder")
    parser.add_argument("--json", type=Path, help="write what was found to this file as well")
    asked = parser.parse_args(arguments)
    broken, results = False, []
    for name in asked.names or NAMES:
        for kind in [asked.database] if asked.database else KINDS:
            bugs: list[str | None] = [asked.planted]
            if asked.planted == "all":
                bugs = list(planted_of(name, kind))
            for bug in bugs:
                with tempfile.TemporaryDirectory(prefix="afterword-faults-") as made_here:
                    folder = asked.keep / f"{name}-{kind}-{bug or 'sound'}" if asked.keep else None
                    folder = folder or Path(made_here)
                    # PostgreSQL's own user has to pass through it.
                    Path(made_here).chmod(0o755)
                    began = time.monotonic()
                    found = experiment(name, kind, asked, planted=bug, folder=folder)
                    seconds = time.monotonic() - began
                for one in found:
                    show(one, kind, asked.seed, seconds)
                    results.append(
                        {"experiment": one.name, "database": kind, "planted": bug,
                         "n": one.trials, "of": one.of, "seed": asked.seed,
                         "counts": dict(one.counts), "notes": one.notes,
                         "broken": one.broken}
                    )  # fmt: skip
                is_found = any(one.broken for one in found)
                if bug is None:
                    broken |= is_found
                else:
                    print(f"  planted: {bug}: {'found' if is_found else 'NOT FOUND'}\n")
                    broken |= not is_found
    if asked.json:
        asked.json.write_text(json.dumps(results, ensure_ascii=False, indent=1), encoding="utf-8")
    return int(broken)
