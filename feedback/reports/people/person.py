"""The page of one staff member, for themselves and for those who may look."""

from typing import Any

from flask import request
from flask.typing import ResponseReturnValue

from feedback.accounts.access import current_user
from feedback.interactions.models import StaffMember
from feedback.reports.board import board
from feedback.reports.filters import Filters, read_filters
from feedback.reports.gather import WAVES, About
from feedback.reports.page import Page, show
from feedback.reports.people.people import comparisons, tells_of_few, weights_of
from feedback.reports.people.person_level import levels_of
from feedback.reports.people.shared_words import shared_lines
from feedback.reports.reader import Reader
from feedback.reports.request import BadRequest


def read_person_filters(reader: Reader) -> tuple[Filters, list[BadRequest]]:
    """Return the filters of a page whose address says already whom it is about."""
    return read_filters(
        request.args, reader.session, reader.today, subjects=("channel", "touchpoint")
    )


def show_person(
    template: str,
    reader: Reader,
    staff: StaffMember,
    endpoint: str,
    chart_endpoint: str,
    parts: dict[str, int],
    **more: Any,
) -> ResponseReturnValue:
    """Return the page of one staff member, who is the reader where that one sees all of it."""
    asked, wrong = read_person_filters(reader)
    compared = comparisons(reader, asked)
    page = Page(endpoint, asked, parts, {"staff": staff.external_id}, chart_endpoint)
    about = About(person=True, own=reader.sees_all, weights=weights_of(compared))
    shown = board(reader, page.filters, about, with_reference=current_user.role != "staff")
    return show(
        template,
        reader,
        page,
        wrong,
        choices=("channel",),
        board=shown,
        own=reader.sees_all,
        levels=levels_of(reader, page.filters, staff.id, shown.headlines, compared),
        shared=shared_lines(reader, page.filters, staff.id),
        staff=staff,
        tells_of_few={wave for wave in WAVES if tells_of_few(reader, page.filters, wave)},
        **more,
    )
