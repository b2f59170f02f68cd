"""A rehearsal as programs read it."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback.interactions.models import Channel
from feedback.invitations.coverage import INVITED, NOT_PLANNED, WITHHELD, Account
from feedback.invitations.dry_run import WAVES
from feedback.invitations.eligibility import REASONS
from feedback.reports.rehearsal import PerPerson, Rehearsal


def rehearsal_json(session: Session, found: Rehearsal) -> dict[str, Any]:
    """Return the whole of it; every account adds up to its interactions."""
    codes = dict(session.execute(sa.select(Channel.id, Channel.code)).all())
    run, people = found.run, found.people
    return {
        "from": str(run.first),
        "to": str(run.last),
        "interactions": run.interactions,
        "waves": {
            str(wave): _account(run.accounts[wave])
            | {
                "channels": {
                    codes[id_]: _account(account)
                    for id_, account in sorted(run.by_channel[wave].items())
                }
            }
            for wave in WAVES
        },
        "expected_answers": [
            {
                "wave": wave,
                "channel": codes[channel],
                "invitations": one.invitations,
                "answers": round(one.answers, 1),
                "rate": round(one.rate, 4),
                "low": _rounded(one.low),
                "high": _rounded(one.high),
                "asked": one.asked,
                "answered": one.answered,
                "is_guess": one.is_guess,
            }
            for (wave, channel), one in found.expected.items()
        ],
        "people": None
        if people is None
        else {
            "number": people.number,
            "rate": round(people.rate, 4),
            "rate_is_own": people.rate_is_own,
            "least": _person(people.least),
            "middle": _person(people.middle),
            "most": _person(people.most),
            "needed": [
                {"reliability": reliability, "answers": answers, "people": reached}
                for reliability, answers, reached in people.needed
            ],
        },
    }


def _account(account: Account) -> dict[str, Any]:
    return {
        "interactions": account.interactions,
        "invited": account.fates[INVITED],
        "withheld": account.fates[WITHHELD],
        "not_planned": account.fates[NOT_PLANNED],
        "withheld_because": {
            reason: account.withheld[reason] for reason in REASONS if account.withheld[reason]
        },
    }


def _person(one: PerPerson) -> dict[str, Any]:
    return {"answers": one.answers, "low": _rounded(one.low), "high": _rounded(one.high)}


def _rounded(share: float | None) -> float | None:
    return None if share is None else round(share, 6)
