"""One person's figures as the API and commands have them: none without what it rests on."""

from collections.abc import Mapping
from typing import Any

from feedback.measures.between_people import answers_needed, reliability
from feedback.measures.case_mix import CaseMix
from feedback.measures.people import Compared, Individual
from feedback.measures.standing import DECISIVE, RELIABLE, standing

_DIGITS = 6


def person_json(one: Individual, rank: tuple[int, int] | None = None) -> dict[str, Any]:
    """Return what one person's answers can carry; a rank only as an interval, where asked for."""
    best, mix = one.best, one.mix
    found: dict[str, Any] = {
        "standing": one.standing,
        "reliability": round(one.reliability, _DIGITS),
        "best_estimate": None
        if best is None
        else _rounded(
            {"value": best.mean, "low": best.low, "high": best.high, "own_weight": best.own_weight}
        ),
        "expected": None if mix is None else round(mix.expected_rate, _DIGITS),
        "adjusted": None if mix is None else round(mix.adjusted, _DIGITS),
        **_rounded({"z": None if mix is None else mix.z, "p": one.p, "q": one.q}),
        "flag": one.mark,
    }
    if rank is not None:
        found["rank"] = list(rank)
    return found


def part_json(n: int, weight: float | None, mix: CaseMix | None) -> dict[str, Any]:
    """Return what the answers of one period can carry, by how much people differ in all of them.

    Nobody is estimated or flagged by a part of their answers.
    """
    worth = reliability(n, weight)
    return {
        "standing": standing(n, worth),
        "reliability": round(worth, _DIGITS),
        "expected": None if mix is None else round(mix.expected_rate, _DIGITS),
        "adjusted": None if mix is None else round(mix.adjusted, _DIGITS),
    }


def group_json(compared: Compared[int]) -> dict[str, Any]:
    """Return what the people compared have in common, and how much they differ at all."""
    weight, scatter = compared.spread.weight, compared.scatter
    needed = {
        f"{wanted:.2f}": None if weight is None else round(answers_needed(wanted, weight), 1)
        for wanted in (RELIABLE, DECISIVE)
    }
    return {
        "people": sum(1 for one in compared.people.values() if one.n),
        "n": compared.n,
        "rate": round(compared.rate, _DIGITS),
        "between_people": None if weight is None else round(compared.spread.sd, _DIGITS),
        "weight": None if weight is None else round(weight, 4),
        "answers_needed": needed,
        "over_dispersion": None if scatter is None else round(scatter.phi, _DIGITS),
    }


def _rounded(numbers: Mapping[str, float | None]) -> dict[str, float | None]:
    return {k: None if number is None else round(number, _DIGITS) for k, number in numbers.items()}
