"""How many answers invitations would bring, by the organisation's own response rate."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback.interactions.models import Interaction
from feedback.invitations.models import Invitation
from feedback.measures.wilson import wilson

# Fewer invitations than this say too little about how many answer.
ENOUGH = 100
# Then it is a guess, and in per cent one that mail surveys often come to.
GUESS = 20
_LEARNT_FROM = timedelta(days=365)

# A wave and a channel's id.
Part = tuple[int, int]


@dataclass(frozen=True)
class Expected:
    """Answers to expect of so many invitations; shares in 0 … 1.

    `asked` and `answered` are those the rate is learnt from. Where it is a guess there is no
    interval: nothing was measured.
    """

    invitations: int
    asked: int
    answered: int
    rate: float
    low: float | None
    high: float | None

    @property
    def is_guess(self) -> bool:
        """Tell whether the rate was given and not learnt."""
        return self.low is None

    @property
    def answers(self) -> float:
        """Return how many answers that is."""
        return self.invitations * self.rate


def learnt(session: Session, now: datetime, answer_within: timedelta) -> dict[Part, Part]:
    """Return (asked, answered) by wave and channel, of twelve months whose links have ended."""
    ended = now - answer_within
    rows = session.execute(
        sa.select(
            Invitation.wave,
            Interaction.channel_id,
            sa.func.count(),
            sa.func.count(Invitation.answered_at),
        )
        .join(Invitation.interaction)
        .where(Invitation.issued_at > ended - _LEARNT_FROM, Invitation.issued_at <= ended)
        .group_by(Invitation.wave, Interaction.channel_id)
    )
    return {(wave, channel): (asked, answered) for wave, channel, asked, answered in rows}


def expect(
    invitations: Mapping[Part, int], known: Mapping[Part, Part], guess: float
) -> dict[Part, Expected]:
    """Return what each part's invitations bring; `guess` in 0 … 1 where too little is known."""
    found = {}
    for part, number in sorted(invitations.items()):
        asked, answered = known.get(part, (0, 0))
        interval = wilson(answered, asked) if asked >= ENOUGH else None
        rate = guess if interval is None else answered / asked
        low, high = interval or (None, None)
        found[part] = Expected(number, asked, answered, rate, low, high)
    return found
