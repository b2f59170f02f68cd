"""What a bare line would do to people, beside what the answers can carry."""

from dataclasses import dataclass

from feedback.measures.between_people import answers_needed
from feedback.measures.people import FALSE_DISCOVERIES, Compared
from feedback.measures.standing import RELIABLE

# Where no target says otherwise, the line most often drawn.
USUAL_LINE = 0.80
LEAST_PEOPLE = 20


@dataclass(frozen=True)
class BareRule:
    """How many people each way of judging would mark, of those with answers.

    `below` have a share under the line, `clearly_below` their whole interval; `differ` remain after
    controlling false discoveries, whatever the line; `reliable` have enough answers to be compared.
    `needed` is how many answers that takes, None where people do not differ beyond chance.
    """

    line: float
    people: int
    below: int
    clearly_below: int
    differ: int
    reliable: int
    needed: int | None


def bare_rule(compared: Compared[int] | None, line: float = USUAL_LINE) -> BareRule | None:
    """Return the counts; None for so few people that they would tell of one of them."""
    if compared is None or len(compared.people) < LEAST_PEOPLE:
        return None
    chosen = list(compared.people.values())
    weight = compared.spread.weight
    return BareRule(
        line=line,
        people=len(chosen),
        below=sum(1 for one in chosen if one.value is not None and one.value < line),
        clearly_below=sum(1 for one in chosen if one.high is not None and one.high < line),
        differ=sum(1 for one in chosen if one.q is not None and one.q < FALSE_DISCOVERIES),
        reliable=sum(1 for one in chosen if one.reliability >= RELIABLE),
        needed=None if weight is None else -int(-answers_needed(RELIABLE, weight) // 1),
    )
