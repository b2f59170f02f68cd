"""Runs one attack: `python -m bench.attacks scanners --mails 200 --seed 1 --database sqlite`."""

import argparse
import sys
from collections.abc import Callable

from bench.attacks import guesses, headers, inputs, scanners

RUNS: dict[str, Callable[[argparse.Namespace], bool]] = {
    "scanners": lambda given: scanners.run(given.database, given.mails, given.seed),
    "guesses": lambda given: guesses.run(given.database, given.guesses, given.seed),
    "inputs": lambda given: inputs.run(given.database, given.each, given.seed),
    "headers": lambda given: headers.run(given.mails, given.seed),
}


def main() -> int:
    """Return 0 where everything held."""
    parser = argparse.ArgumentParser(prog="python -m bench.attacks", description=__doc__)
    attacks = parser.add_subparsers(dest="attack", required=True)
    zoo = attacks.add_parser("scanners", help="six kinds of mail scanners, people afterwards")
    zoo.add_argument("--mails", type=int, default=200)
    heads = attacks.add_parser("headers", help="hostile names, subjects and addresses in mails")
    heads.add_argument("--mails", type=int, default=20_000)
    links = attacks.add_parser("guesses", help="guesses at links, random and nearly right")
    links.add_argument("--guesses", type=int, default=10_000)
    sent = attacks.add_parser("inputs", help="hostile addresses, queries and forms on every page")
    sent.add_argument("--each", type=int, default=4, help="values for each name of each page")
    for one in (zoo, heads, links, sent):
        one.add_argument("--seed", type=int, default=1)
    for one in (zoo, links, sent):
        one.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    given = parser.parse_args()
    held = RUNS[given.attack](given)
    print("held" if held else "NOT HELD")
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
