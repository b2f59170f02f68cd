"""Records responses another system collected, each for an interaction that is known."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from feedback.database import insert_all
from feedback.interactions.fields import SHARED, Refused, Report, clean, read_report
from feedback.interactions.import_rows import Fate, Seen
from feedback.interactions.models import Interaction
from feedback.invitations.eligibility import ANSWERED_ELSEWHERE
from feedback.invitations.models import Invitation
from feedback.invitations.take_in import Intake
from feedback.responses.exchange import exchange_answers
from feedback.responses.given import GivenAnswer
from feedback.responses.models import Answer, Response
from feedback.responses.read_response import GivenResponse, read_response

# An interaction and a wave: there is room for one response.
_Place = tuple[int, int]


@dataclass(frozen=True)
class Said:
    """What a row says: the response, and the interaction it is about; `report` if it is in it."""

    given: GivenResponse
    source: str
    external_id: str
    report: Report | None = None


@dataclass
class ResponseTaker:
    """Takes responses in; with an intake, each row's interaction as well."""

    session: Session
    zone: ZoneInfo
    now: datetime
    formats: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    hour_of_days: int = 0
    intake: Intake | None = None
    # When a batch is written; the roll-up looks only at what changed since it last ran, so neither
    # the start of a long import nor a stand-in for the clock will do. None: `now`.
    written_at: Callable[[], datetime] | None = None
    _sources: list[str] | None = None
    _seen: Seen = field(default_factory=Seen)

    def read(self, cells: Mapping[str, str]) -> Said:
        """Return what a row says, or raise Refused."""
        formats, hour = self.formats, self.hour_of_days
        given = read_response(
            cells, zone=self.zone, now=self.now, formats=formats, hour_of_days=hour
        )
        if self.intake is not None:
            report = read_report(
                cells, zone=self.zone, now=self.now, formats=formats, hour_of_days=hour
            )
            _refuse_late_shares(report)
            return Said(given, report.source, report.external_id, report)
        external_id = clean(cells.get("interaction_external_id", ""))
        if not external_id:
            raise Refused("interaction_external_id", "", _("is required"))
        return Said(given, clean(cells.get("source", "")), external_id)

    def look(self, said: Sequence[Said]) -> list[Fate | Refused]:
        """Return what would become of each."""
        if self.intake is not None:
            known = self.intake.known(_reports(said))
            found: list[int | Refused | None] = [known.get((s.source, s.external_id)) for s in said]
        else:
            found = list(self._find(said))
        answered = self._answered(found)
        fates: list[Fate | Refused] = []
        for one, about in zip(said, found, strict=True):
            wave = one.given.wave
            if isinstance(about, Refused):
                fates.append(about)
            elif (about, wave) in answered or not self._seen.add(
                about or (one.source, one.external_id), wave
            ):
                fates.append(Fate.DUPLICATE)
            else:
                fates.append(Fate.CREATED)
        return fates

    def take(self, said: Sequence[Said]) -> list[Fate | Refused]:
        """Record each; one whose wave of the interaction has a response already stays out."""
        if self.intake is not None:
            taken = self.intake.take_all(_reports(said), self.now)
            found: list[int | Refused] = [interaction_id for interaction_id, _is_new in taken]
        else:
            found = self._find(said)
        answered = self._answered(found)
        fates: list[Fate | Refused] = []
        new: dict[_Place, GivenResponse] = {}
        for one, about in zip(said, found, strict=True):
            if isinstance(about, Refused):
                fates.append(about)
                continue
            place = about, one.given.wave
            is_new = place not in answered and place not in new
            if is_new:
                new[place] = one.given
            fates.append(Fate.CREATED if is_new else Fate.DUPLICATE)
        if new:
            # First, since whoever takes an answer from a page locks its invitation first.
            self._let_be(new)
            self._replace_suspects(new)
            self._insert(new)
        return fates

    def forget(self) -> None:
        """Forget what is remembered from batch to batch."""
        self._sources = None
        if self.intake is not None:
            self.intake.forget()

    def _find(self, said: Sequence[Said]) -> list[int | Refused]:
        if self._sources is None:
            # The index has the source first: naming them all spares a walk through the table.
            self._sources = list(self.session.scalars(sa.select(Interaction.source).distinct()))
        by_number: dict[str, dict[str, int]] = {}
        for source, external_id, id_ in self.session.execute(
            sa.select(Interaction.source, Interaction.external_id, Interaction.id).where(
                Interaction.source.in_(self._sources),
                Interaction.external_id.in_({one.external_id for one in said}),
            )
        ):
            by_number.setdefault(external_id, {})[source] = id_
        return [_choose(one, by_number.get(one.external_id, {})) for one in said]

    def _answered(self, found: Sequence[int | Refused | None]) -> set[tuple[int | None, int]]:
        """Return which waves have a response; one held for a machine's leaves the place open.

        Of a contact whose customer was erased nothing more is taken, in no wave.
        """
        ids = {about for about in found if isinstance(about, int)}
        erased = self.session.scalars(
            sa.select(Interaction.id).where(
                Interaction.id.in_(ids), Interaction.erasure_id.is_not(None)
            )
        )
        rows = self.session.execute(
            sa.select(Response.interaction_id, Response.wave).where(
                Response.interaction_id.in_(ids), Response.suspected_at.is_(None)
            )
        )
        answered = {(interaction_id, wave) for interaction_id, wave in rows}
        return answered | {(interaction_id, wave) for interaction_id in erased for wave in (1, 2)}

    def _replace_suspects(self, new: dict[_Place, GivenResponse]) -> None:
        """Let what a person said elsewhere stand where a machine's answer was held."""
        suspects = self.session.scalars(
            sa.select(Response).where(
                Response.interaction_id.in_(_interactions(new)), Response.suspected_at.is_not(None)
            )
        ).all()
        for response in suspects:
            given = new.pop((response.interaction_id, response.wave), None)
            if given is not None:
                exchange_answers(self.session, response, _answers(given), self._written_at())
                response.suspected_at = response.suspected_because = None
                response.excluded_at = response.excluded_because = None
                response.provenance, response.shown_at = given.provenance, None
                response.answered_at = given.answered_at
                response.changed_at = self._written_at()

    def _written_at(self) -> datetime:
        return self.written_at() if self.written_at else self.now

    def _insert(self, new: Mapping[_Place, GivenResponse]) -> None:
        changed_at = self._written_at()
        insert_all(
            self.session,
            Response,
            [
                {
                    "interaction_id": interaction_id,
                    "wave": wave,
                    "provenance": given.provenance,
                    "answered_at": given.answered_at,
                    "changed_at": changed_at,
                }
                for (interaction_id, wave), given in new.items()
            ],
        )
        rows = self.session.execute(
            sa.select(Response.id, Response.interaction_id, Response.wave).where(
                Response.interaction_id.in_(_interactions(new))
            )
        )
        answers = [
            {"response_id": response_id} | asdict(answer)
            for response_id, interaction_id, wave in rows
            if (interaction_id, wave) in new
            for answer in _answers(new[interaction_id, wave])
        ]
        insert_all(self.session, Answer, answers)

    def _let_be(self, new: Mapping[_Place, GivenResponse]) -> None:
        """See that nobody who has answered elsewhere is asked, or reminded of, the same again."""
        open_ = Invitation.answered_at.is_(None), Invitation.withheld_at.is_(None)
        rows = self.session.execute(
            sa.select(Invitation.id, Invitation.interaction_id, Invitation.wave).where(
                Invitation.interaction_id.in_(_interactions(new)),
                *open_,
            )
        )
        waiting = {
            id_: new[interaction_id, wave]
            for id_, interaction_id, wave in rows
            if (interaction_id, wave) in new
        }
        # A worker may issue one of them at this moment; then the second change meets it.
        self.session.execute(
            sa.update(Invitation)
            .where(Invitation.id.in_(waiting), Invitation.issued_at.is_(None), *open_)
            .values(withheld_at=self.now, withheld_because=ANSWERED_ELSEWHERE)
        )
        for id_, given in waiting.items():
            self.session.execute(
                sa.update(Invitation)
                .where(Invitation.id == id_, Invitation.issued_at.is_not(None), *open_)
                .values(answered_at=given.answered_at)
            )


def _reports(said: Sequence[Said]) -> list[Report]:
    return [one.report for one in said if one.report is not None]


def _refuse_late_shares(report: Report) -> None:
    """Refuse shares that come with the answer they would divide."""
    for share in report.shares:
        if share.part is not None:
            rule = _("comes with its answer; shares are agreed on before: import the contact first")
            raise Refused(SHARED, f"{share.external_id}={share.part:g}", rule)


def _choose(said: Said, by_source: Mapping[str, int]) -> int | Refused:
    """Return the interaction a row is about, or why it cannot be told."""
    if not said.source and len(by_source) > 1:
        return Refused("source", "", _("is required: several sources have this interaction"))
    found = by_source.get(said.source) if said.source else next(iter(by_source.values()), None)
    if found is None:
        rule = _("is no interaction we know")
        return Refused("interaction_external_id", said.external_id, rule)
    return found


def _answers(given: GivenResponse) -> Iterator[GivenAnswer]:
    for metric, score in given.scores.items():
        yield GivenAnswer(metric, metric=metric, score=score)
    if given.comment:
        yield GivenAnswer("comment", comment=given.comment)


def _interactions(places: Iterable[_Place]) -> set[int]:
    return {interaction_id for interaction_id, _wave in places}
