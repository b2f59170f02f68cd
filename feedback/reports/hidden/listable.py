"""Decides which single answers somebody may be shown: those whose figure they may see.

A list must not tell what a figure keeps to itself. So answers about a person with too few of them
are not listed to others, nor are those of whoever covers for that person, nor their words; they
still count in the figure of the team or channel, and the page says how many they are. Whoever has
too few of all there are is in no list, whatever its days: shown there, they could be subtracted.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from feedback.reports.answers import Group, Which
from feedback.reports.hidden.hiding import hidden_from_others
from feedback.reports.hidden.secret_people import Secrets
from feedback.reports.reader import Reader
from feedback.reports.subjects import answered_metrics
from feedback.reports.tallies import Counted, Question, count


@dataclass(frozen=True)
class Listable:
    """Which waves' answers may be listed, and whose, and whose scores be shown.

    `groups` None stands for everybody; so does a metric's absence from `scores`. With `is_told`
    false nobody may know how many there are beside those listed.
    """

    waves: tuple[int, ...]
    groups: set[Group] | None
    scores: Mapping[str, set[Group]]
    is_told: bool = True

    def shows(self, metric: str, group: Group) -> bool:
        """Tell whether this person's scores of the metric may stand in the list."""
        return metric not in self.scores or group in self.scores[metric]


def listable(reader: Reader, which: Which) -> Listable:
    """Return what of these answers this reader may be shown."""
    if reader.sees_all:
        return Listable(which.waves, None, {})
    own = {(reader.own, wave) for wave in which.waves if reader.own is not None}
    scores: dict[str, set[Group]] = {}
    there: set[Group] = set()
    hidden: set[Group] = set()
    too_few: set[int] = set()
    is_told = True
    for metric in answered_metrics(reader.session):
        by_staff = _question(which, metric, "staff")
        counted = count(reader.session, by_staff)
        groups = {(id_, wave) for id_, wave, _all in counted}
        secrets = reader.secrets(metric)
        secret = {(id_, wave) for wave in which.waves for id_ in _secret_in(wave, secrets, which)}
        too_small = _hidden(reader, by_staff, counted) | secret
        # One's own answers are no secret to oneself.
        scores[metric] = (groups - too_small) | own
        # A list of everything tells of each figure, so none of them may be one to hide.
        if which.metric in (None, metric):
            there |= groups
            hidden |= groups & too_small
            together = _hidden(reader, _question(which, metric, None), _together(counted))
            too_few |= {wave for _id, wave in together}
            is_told = is_told and not _gives_away(secrets, which)
    # Somebody with comments but without a single score has no figure that could be shown.
    listed = None if which.metric is not None and not hidden else (there - hidden) | own
    waves = {wave for _id, wave in there} - too_few
    return Listable(tuple(sorted(waves)), listed, scores, is_told)


def _secret_in(wave: int, secrets: Secrets, which: Which) -> frozenset[int]:
    """Return whom no list of a wave may show; one of those who were lost tells of both waves."""
    return secrets.people[wave] | (secrets.people[1] if which.turned_bad else frozenset())


def _gives_away(secrets: Secrets, which: Which) -> bool:
    """Tell whether the number of these answers would tell of some that are in no list.

    What words were left, and who was lost, is told of no block of a few answers at all.
    """
    asks = secrets.has_any if which.with_comment or which.turned_bad else secrets.hides
    days = which.span.first, which.span.last
    return any(asks(which.where, wave, *days) for wave in which.waves)


def _question(which: Which, metric: str, by: str | None) -> Question:
    first, last = which.span.first, which.span.last
    return Question(metric, by, None, first, last, which.waves, which.where)


def _hidden(reader: Reader, question: Question, counted: Counted) -> set[Group]:
    found = hidden_from_others(
        reader.session, question, least=reader.min_group, own=reader.own, counted=counted
    )
    return {(id_, wave) for id_, wave, _all in found}


def _together(counted: Counted) -> Counted:
    """Return the counts of everybody together, by wave."""
    found: Counted = {}
    for (_id, wave, start), counts in counted.items():
        total = found.setdefault((0, wave, start), {})
        for score, times in counts.items():
            total[score] = total.get(score, 0) + times
    return found
