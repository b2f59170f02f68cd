"""What all pages of figures need: their filters' choices, and the words their templates use."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from flask import make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from feedback.accounts.access import current_sight, current_user
from feedback.interactions.models import StaffMember, Team
from feedback.measures.estimate import DEFINITIONS
from feedback.reports import bounds, dates, figures, findings
from feedback.reports.aims.outcomes import Aims
from feedback.reports.change_words import change_in_words
from feedback.reports.filters import PERIODS, Filters
from feedback.reports.gather import address
from feedback.reports.reader import Reader
from feedback.reports.request import BadRequest
from feedback.reports.settling import settling, settling_words
from feedback.reports.spans import Span, before, quarter_of, recent
from feedback.reports.subjects import answered_metrics, by_name, offered
from feedback.reports.trends import control_words
from feedback.reports.twice import pairs_words

# Longer lists to choose from become a field to type into.
MOST_CHOICES = 200


@dataclass(frozen=True)
class Choice:
    """One thing to choose in a filter."""

    value: str
    label: str


@dataclass(frozen=True)
class Page:
    """One page with its own address: what its links and its charts are made of."""

    endpoint: str
    asked: Filters
    parts: Mapping[str, Any] = field(default_factory=dict)
    # Whom the page is about by its very address.
    fixed: Mapping[str, str] = field(default_factory=dict)
    chart_endpoint: str = ""
    # What else its address says.
    more: Mapping[str, str] = field(default_factory=dict)

    @property
    def filters(self) -> Filters:
        """Return what its figures are asked for by."""
        return self.asked.narrowed(**self.fixed)

    def address(self, **changes: str) -> str:
        """Return the page's own address with some filters changed; "" takes one away."""
        query = {**self.asked.query(), **self.more, **changes}
        kept = {name: value for name, value in query.items() if value}
        return address(self.endpoint, kept, **self.parts)

    def hidden_fields(self, shown: Sequence[str]) -> list[tuple[str, str]]:
        """Return what a form of filters must carry along beside the fields it shows."""
        fields = {"from", "to", *shown}
        query = {**self.asked.query(), **self.more}
        return [(name, value) for name, value in query.items() if value and name not in fields]

    def coverage(self, wave: int) -> dict[str, str] | None:
        """Return what the coverage page is asked for the same interactions, where it knows them."""
        if self.filters.where.keys() - {"channel"}:
            return None
        return self.filters.answers(wave=wave)

    def onward(self) -> dict[str, str]:
        """Return what a page about somebody reached from here is asked for: the same days."""
        kept = self.asked.query()
        return {name: kept[name] for name in ("metric", "period", "from", "to") if name in kept}

    @property
    def path(self) -> str:
        """Return where its form of filters goes."""
        return url_for(self.endpoint, **self.parts)

    def chart(self, draw: str, *, dark: bool = False, narrow: bool = False) -> str:
        """Return the address of one of the page's charts."""
        query = {**self.asked.query(), "draw": draw}
        if dark:
            query["theme"] = "dark"
        if narrow:
            query["width"] = "narrow"
        return address(self.chart_endpoint, query, **self.parts)


def show(
    template: str,
    reader: Reader,
    page: Page,
    wrong: Sequence[BadRequest],
    *,
    choices: Sequence[str] = (),
    **more: Any,
) -> ResponseReturnValue:
    """Return the page; one whose filters were wrong says so and shows what it can."""
    text = render_template(
        template,
        reader=reader,
        page=page,
        filters=page.filters,
        wrong=[wrong_words(bad) for bad in wrong],
        choices={name: choices_of(reader, page.filters, name) for name in choices},
        most_choices=MOST_CHOICES,
        metrics=answered_metrics(reader.session),
        periods=PERIODS,
        period_words=period_words,
        usual_spans=usual_spans(reader),
        address=address,
        figures=figures,
        findings=findings,
        control_words=control_words,
        pairs_words=pairs_words,
        bounds_words=bounds.bounds_words,
        dates=dates,
        change_in_words=change_in_words,
        aims=Aims(reader, page.filters),
        settles=settling(reader.session, zone=reader.zone, now=reader.now),
        settling_words=settling_words,
        definitions={metric: found.name for metric, found in DEFINITIONS.items()},
        # Only these may open the coverage page, which accounts for what was withheld.
        sees_coverage=current_user.role in ("manager", "analyst", "admin"),
        language=request.args.get("lang", ""),
        **more,
    )
    return make_response(text, 400 if wrong else 200)


def choices_of(reader: Reader, filters: Filters, name: str) -> list[Choice]:
    """Return what one filter offers, in the order of names."""
    if name == "staff":
        return _staff_choices(reader, filters.where)
    pairs = offered(reader.session, name, reader.locale).values()
    return [Choice(key, label) for key, label in sorted(pairs, key=lambda pair: by_name(pair[1]))]


def _staff_choices(reader: Reader, where: Mapping[str, str]) -> list[Choice]:
    """Return the people whose answers the reader may ask for, of the chosen team where one is."""
    query = sa.select(StaffMember.external_id, StaffMember.name).limit(MOST_CHOICES + 1)
    sight = current_sight()
    if not sight.everything:
        query = query.where(StaffMember.team_id.in_(sight.team_ids))
    if "team" in where:
        query = query.join(Team, Team.id == StaffMember.team_id).where(Team.name == where["team"])
    rows = sorted(reader.session.execute(query), key=lambda row: by_name(row.name))
    found = [Choice(row.external_id, row.name) for row in rows]
    # Whoever is asked for stays choosable, also after leaving the team.
    chosen = where.get("staff")
    if chosen and chosen not in {choice.value for choice in found}:
        found.append(Choice(chosen, chosen))
    return found


def usual_spans(reader: Reader) -> list[tuple[str, Span]]:
    """Return the spans people ask for most, by their names."""
    quarter = quarter_of(reader.today)
    return [
        (_("Last 12 months"), recent(reader.today)),
        (_("This quarter"), quarter),
        (_("Last quarter"), before(quarter)),
    ]


def period_words(period: str) -> str:
    """Return the period's name."""
    return str({"week": _("Week"), "month": _("Month"), "quarter": _("Quarter")}[period])


def wrong_words(bad: BadRequest) -> str:
    """Return what is wrong with a filter, by the name its field has on the page."""
    fields = {
        "metric": _("Figure"),
        "period": _("Period"),
        "wave": _("Wave"),
        "from": _("From"),
        "to": _("To"),
        "channel": _("Channel"),
        "team": _("Team"),
        "staff": _("Staff member"),
        "touchpoint": _("Touchpoint"),
        "score": _("Score"),
        "text": _("Words"),
        "before": _("Place in the list"),
        "draw": _("Chart"),
    }
    field = fields.get(bad.field, bad.field)
    return str(
        _(
            "“%(value)s” is not taken: %(field)s %(rule)s.",
            value=bad.value,
            field=field,
            rule=bad.rule,
        )
    )
