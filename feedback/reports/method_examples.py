"""The worked examples of the method page: reckoned by what reckons the figures, never typed in."""

from collections.abc import Mapping
from datetime import date
from functools import cache

from flask_babel import format_decimal

from feedback.measures.between_people import answers_needed, reliability
from feedback.measures.case_mix import CaseMix, case_mix
from feedback.measures.control_chart import laney
from feedback.measures.detectable_change import detectable_change
from feedback.measures.estimate import ces, nps
from feedback.measures.follow_up import matured_share
from feedback.measures.newcombe import newcombe
from feedback.measures.non_response import selection_checks, worst_case_bounds
from feedback.measures.paired import paired
from feedback.measures.people import Compared, compare
from feedback.measures.ranks import rank_intervals
from feedback.measures.shared_work import weighted_share
from feedback.measures.targets import wrongly_failed
from feedback.measures.wilson import wilson
from feedback.reports.figures import (
    interval_words,
    percentage_words,
    share_words,
    signed_words,
    value_words,
)

# Twelve people, as (satisfied, answers).
TEAM = (
    (9, 10), (18, 20), (44, 50), (47, 50), (7, 10), (12, 12), (95, 100), (30, 40), (5, 5), (60, 80),
    (16, 20), (38, 40),
)  # fmt: skip
# A garden centre's survey: detractors, passives, promoters, and who skipped the question.
GARDEN = (1194, 3953, 8465, 342)
# Two people's work on two kinds of matter, as (satisfied, answers), and everybody's rate of each.
MIXES = {"A": ((18, 20), (30, 50)), "B": ((45, 50), (6, 10))}
RATES = (0.95, 0.60)
# Answers about one person's work: whether satisfied, and how much each weighs.
SHARED = (
    (True, 1.0), (True, 1.0), (False, 0.5), (True, 0.5), (True, 0.5), (True, 1.0), (False, 0.25),
    (True, 0.25),
)  # fmt: skip
# When contacts were, and whether the customer answered 30 days later.
CONTACTS = (
    (date(2026, 5, 1), True), (date(2026, 5, 10), True), (date(2026, 5, 24), False),
    (date(2026, 5, 25), False), (date(2026, 6, 20), False),
)  # fmt: skip
LOOKED_AT = date(2026, 6, 30)

Examples = Mapping[str, str]


@cache
def _team() -> Compared[int]:
    """Return the team compared; a fifth of a second's work that always gives the same."""
    found = compare({place: {0: pair} for place, pair in enumerate(TEAM)})
    assert found is not None  # noqa: S101 — there are answers.
    return found


def examples() -> Examples:
    """Return every example's numbers as they are written in the reader's language."""
    found = {
        **_figures(),
        **_people(),
        **_case_mix(),
        **_shared(),
        **_changes(),
        **_follow_up(),
        **_asked(),
        **_targets(),
    }
    # In running text a number and its sign stay on one line.
    return {name: words.replace(" %", "\u00a0%") for name, words in found.items()}


def share(x: int, n: int) -> dict[str, str]:
    """Return a share and its interval."""
    low, high = wilson(x, n) or (0.0, 1.0)
    return {"value": value_words("csat", x / n), "range": interval_words("csat", low, high)}


def _named(name: str, x: int, n: int) -> dict[str, str]:
    return {f"{name}_{key}": words for key, words in share(x, n).items()}


def _figures() -> dict[str, str]:
    company = nps({0: 8, 7: 13, 9: 15})
    effort = ces(dict(enumerate((80, 210, 140, 110, 160, 180, 120), start=1)))
    low, middle, high, skipped = GARDEN
    garden = nps({0: low, 7: middle, 9: high})
    assert company and effort and garden  # noqa: S101, PT018
    # What it would be if silence were an answer; the reason why it is none.
    with_skipped = (high - low) / (garden.n + skipped)
    return {
        **_named("one", 17, 20),
        **_named("perfect", 5, 5),
        **_named("large", 170, 200),
        **_named("kept", 16, 17),
        **_named("all", 16, 20),
        "nps_value": value_words("nps", company.value),
        "nps_range": interval_words("nps", company.low, company.high),
        "ces_value": value_words("ces", effort.value),
        "ces_range": interval_words("ces", effort.low, effort.high),
        "ces_easy": share_words(160 + 180 + 120, effort.n),
        "garden_n": format_decimal(garden.n),
        "garden_all": format_decimal(garden.n + skipped),
        "garden_skipped": format_decimal(skipped),
        "garden_value": format_decimal(100 * garden.value, "+0.0"),
        "garden_wrong": format_decimal(100 * with_skipped, "+0.0"),
    }


def _people() -> dict[str, str]:
    team = _team()
    best = {pair: team.people[TEAM.index(pair)] for pair in ((12, 12), (5, 5), (7, 10), (60, 80))}
    estimates = {pair: found.best for pair, found in best.items()}
    ranks = dict(zip(TEAM, rank_intervals(TEAM), strict=True))
    weight = team.spread.weight
    assert weight is not None and all(estimates.values())  # noqa: S101, PT018
    found: dict[str, str] = {}
    for name, pair in (("twelve", (12, 12)), ("five", (5, 5)), ("seven", (7, 10))):
        estimate = estimates[pair]
        assert estimate is not None  # noqa: S101
        found[f"{name}_best"] = value_words("csat", estimate.mean)
        found[f"{name}_range"] = interval_words("csat", estimate.low, estimate.high)
        found[f"{name}_own"] = percentage_words(estimate.own_weight)
    for name, pair in (("marked", (60, 80)), ("lowest", (7, 10))):
        found[f"{name}_p"] = _chance(best[pair].p)
        found[f"{name}_q"] = _chance(best[pair].q)
    for name, pair in (("top", (95, 100)), ("bottom", (60, 80)), ("other", (12, 12))):
        rank = ranks[pair]
        assert rank is not None  # noqa: S101
        found[f"rank_{name}"] = f"{rank[0]}–{rank[1]}"
    return found | {
        "weight": format_decimal(weight, "0.0"),
        "reliability_20": format_decimal(reliability(20, weight), "0.00"),
        "needed_70": format_decimal(-(-answers_needed(0.70, weight) // 1)),
        "needed_90": format_decimal(-(-answers_needed(0.90, weight) // 1)),
    }


def _chance(p: float | None) -> str:
    return str(format_decimal(p or 0.0, "0.000"))


def _case_mix() -> dict[str, str]:
    found = {}
    for name, own in MIXES.items():
        mix = case_mix(own, RATES, 0.85)
        assert isinstance(mix, CaseMix)  # noqa: S101
        found[f"mix_{name}_raw"] = value_words("csat", mix.raw)
        found[f"mix_{name}_expected"] = value_words("csat", mix.expected_rate)
        found[f"mix_{name}_adjusted"] = signed_words("csat", mix.adjusted)
    return found


def _shared() -> dict[str, str]:
    good, weights = zip(*SHARED, strict=True)
    found = weighted_share(good, weights)
    assert found is not None  # noqa: S101
    return {
        "shared_value": value_words("csat", found.value),
        "shared_range": interval_words("csat", found.low, found.high),
        "shared_worth": format_decimal(found.effective_n, "0.0"),
    }


def _changes() -> dict[str, str]:
    unsure, sure = newcombe(41, 50, 45, 50), newcombe(56, 70, 48, 80)
    least = detectable_change(86 / 100, 50, 50)
    chart = laney([(34, 40)] * 12)
    assert unsure and sure and least and chart  # noqa: S101, PT018
    limits = chart.points[0]
    return {
        "unsure_value": signed_words("csat", unsure.value),
        "unsure_low": signed_words("csat", unsure.low),
        "unsure_high": signed_words("csat", unsure.high),
        "sure_value": signed_words("csat", sure.value),
        "sure_low": signed_words("csat", sure.low),
        "sure_high": signed_words("csat", sure.high),
        "least": signed_words("csat", least.at_all).lstrip("+"),
        "least_power": signed_words("csat", least.with_power).lstrip("+"),
        "chart_centre": value_words("csat", chart.centre),
        "chart_limits": interval_words("csat", limits.low or 0.0, limits.high or 1.0),
    }


def _follow_up() -> dict[str, str]:
    pairs = paired(60, 15, 5, 8)
    ripe = matured_share(CONTACTS, LOOKED_AT)
    assert pairs and pairs.held_up is not None  # noqa: S101, PT018
    assert ripe.value is not None and ripe.low is not None and ripe.high is not None  # noqa: S101, PT018
    return {
        "pairs_n": str(pairs.n),
        "pairs_held": share_words(60, 75),
        "pairs_lost": signed_words("csat", -pairs.difference),
        "pairs_low": signed_words("csat", -pairs.high),
        "pairs_high": signed_words("csat", -pairs.low),
        "ripe_value": value_words("csat", ripe.value),
        "ripe_range": interval_words("csat", ripe.low, ripe.high),
        "ripe_waiting": str(ripe.not_yet_due),
        "unripe_value": share_words(ripe.answered, len(CONTACTS)),
    }


def _asked() -> dict[str, str]:
    few, many = worst_case_bounds(18, 20, 100), worst_case_bounds(18, 20, 25)
    checks = selection_checks(
        invited=170, eligible=200, usual_rate=0.92, marked_uninvited=9, uninvited=12,
        marked_invited=30,
    )  # fmt: skip
    again = selection_checks(
        invited=190, eligible=202, usual_rate=0.92, marked_uninvited=9, uninvited=12,
        marked_invited=30,
    )  # fmt: skip
    assert few and many and checks.invited and again.selective  # noqa: S101, PT018
    return {
        "bounds_few": interval_words("csat", *few),
        "bounds_many": interval_words("csat", *many),
        "invited_p": format_decimal(checks.invited, "0.0000"),
        "selective_p": format_decimal(again.selective, "0.00000"),
    }


def _targets() -> dict[str, str]:
    unjust = wrongly_failed(0.85, 20, 0.80)
    assert unjust  # noqa: S101
    found = {
        "unjust_bare": value_words("csat", unjust[0]),
        "unjust_interval": value_words("csat", unjust[1]),
    }
    for name, (x, n) in (("open", (60, 80)), ("missed", (140, 200)), ("met", (95, 100))):
        found |= _named(f"target_{name}", x, n)
    return found
