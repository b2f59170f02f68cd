"""What stands on the editor's pages: the form, what is still missing, and the preview beside it."""

from typing import Any

from flask import Response, make_response, render_template, request
from flask_babel import get_locale
from sqlalchemy.orm import Session

from feedback.editing.measured import measured_seconds
from feedback.editing.overview import overview
from feedback.editing.read_form import Read
from feedback.editing.words import gap_words, kind_words, library_words
from feedback.headers import let_frame
from feedback.languages import FRAMES, own_name, survey_language
from feedback.surveys.content import KINDS, Content
from feedback.surveys.gaps import Upkeep, gaps_of
from feedback.surveys.length import length_of
from feedback.surveys.length_words import length_words
from feedback.surveys.library import names
from feedback.surveys.models import Survey
from feedback.surveys.publish import framed, live_version, reworded_in
from feedback.surveys.read import content_of, upkeep_of

# What a new survey may be asked in from the start; any other is added in the editor.
NEW_LANGUAGES = {tag: own_name(tag) for tag in ("zh-Hans", "en", "zh-Hant", "de")}


def page_locale() -> str:
    """Return "zh" or "en", whichever its reader reads."""
    return "zh" if str(get_locale()).startswith("zh") else "en"


def editor_page(
    session: Session,
    survey: Survey,
    content: Content,
    read: Read | None = None,
    *,
    refused: bool = False,
    status: int = 200,
) -> Response:
    """Return the form of a draft, as it is stored or as it was sent."""
    locale, live = page_locale(), live_version(session, survey.key)
    upkeep = read.upkeep if read else upkeep_of(survey)
    reworded = reworded_in(session, survey.key, content)
    gaps = gaps_of(content, upkeep, reworded, framed(content))
    return _page(
        "admin/survey_draft.html",
        content,
        status,
        survey=survey,
        upkeep=upkeep,
        errors=read.errors if read else {},
        refused=refused,
        live=live,
        reworded=reworded,
        gaps=[gap_words(gap, content, locale) for gap in gaps],
        length=length_words(length_of(content.items)),
        library=[(name, library_words(name, locale)) for name in names()],
        kinds=[(kind, kind_words(kind)) for kind in KINDS],
        kind_words=kind_words,
        languages=[(tag, own_name(tag)) for tag in FRAMES if tag not in content.languages],
    )


def published_page(
    session: Session,
    survey: Survey,
    upkeep: Upkeep | None = None,
    errors: dict[str, str] | None = None,
    status: int = 200,
) -> Response:
    """Return a published version, to be read; only what is said about it can be changed."""
    content = content_of(survey)
    row = next(one for one in overview(session, page_locale()) if one.key == survey.key)
    return _page(
        "admin/survey_version.html",
        content,
        status,
        survey=survey,
        row=row,
        upkeep=upkeep or upkeep_of(survey),
        errors=errors or {},
        length=length_words(length_of(content.items)),
        measured=measured_seconds(session, survey.id),
        kind_words=kind_words,
    )


def _page(template: str, content: Content, status: int, **more: Any) -> Response:
    asked = survey_language(request.args.get("look") or request.form.get("look"))
    look = asked if asked in content.languages else _own(content)
    response = make_response(
        render_template(template, content=content, look=look, own_name=own_name, **more),
        status,
    )
    # The preview is this site's own, in frames.
    return let_frame(response)


def _own(content: Content) -> str:
    tag = "zh-Hans" if page_locale() == "zh" else "en"
    return tag if tag in content.languages else next(iter(content.languages), "")
