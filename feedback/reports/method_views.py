"""What the numbers mean, in the reader's own language, with examples reckoned as figures are."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

from flask import Blueprint, current_app, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from feedback import clock
from feedback.accounts.access import signed_in
from feedback.database import db
from feedback.measures.control_chart import RUN
from feedback.measures.estimate import DEFINITIONS
from feedback.measures.standing import DECISIVE, JUDGED_FROM, RATED_FROM, RELIABLE
from feedback.reports.dates import day_words
from feedback.reports.figures import metric_words, wave_words
from feedback.reports.method_examples import examples
from feedback.reports.settling import settling, settling_words
from feedback.reports.trends.baselines import BASELINE

blueprint = Blueprint("method", __name__)

# A contact to tell by when its customer is asked.
_CONTACT = date(2026, 9, 2)


@blueprint.get("/method")
@signed_in
def page() -> ResponseReturnValue:
    """Say how each figure is made, and what it does not say."""
    config = current_app.config
    settles = settling(db.session(), zone=ZoneInfo(config["TIMEZONE"]), now=clock.now())
    follow_up = _CONTACT + timedelta(days=config["FOLLOW_UP_DAYS"])
    return render_template(
        "reports/method.html",
        parts=contents(),
        ex=examples(),
        config=config,
        asked_on=day_words(_CONTACT),
        asked_again_on=day_words(follow_up),
        settles={wave_words(wave): settling_words(one) for wave, one in settles.items()},
        min_group=config["MIN_GROUP"],
        rated_from=RATED_FROM,
        judged_from=JUDGED_FROM,
        reliable=RELIABLE,
        decisive=DECISIVE,
        baseline=BASELINE,
        run=RUN,
    )


def contents() -> list[tuple[str, str, dict[str, str]]]:
    """Return the page's parts: file, heading, and its sections' headings by their anchors."""
    names = {
        metric: f"{metric_words(metric)} ({found.name})" for metric, found in DEFINITIONS.items()
    }
    return [
        (
            "figures",
            _("The figures"),
            {
                "asked": _("What is asked, and when"),
                "csat": names["csat"],
                "nps": names["nps"],
                "ces": names["ces"],
                "counted": _("What is counted"),
                "intervals": _("What an interval says"),
                "few": _("Few answers"),
                "provisional": _("Provisional"),
            },
        ),
        (
            "people",
            _("Comparing people"),
            {
                "estimate": _("The best estimate"),
                "mix": _("What the mix of work leads one to expect"),
                "marks": _("When somebody is marked"),
                "ranks": _("Why there is no ranking"),
                "shared": _("Work that several people shared"),
            },
        ),
        (
            "time",
            _("Over time"),
            {
                "change": _("What has changed"),
                "trend": _("Trends and their limits"),
                "pairs": _("The same customers, twice"),
                "due": _("What is due after 30 days"),
            },
        ),
        (
            "asking",
            _("Who is behind a figure"),
            {
                "who": _("Who was asked"),
                "silent": _("Those who did not answer"),
                "targets": _("Targets"),
                "struck": _("Struck answers"),
            },
        ),
        (
            "rules",
            _("Rules and rights"),
            {
                "managers": _("What nobody can do with it"),
                "words": _("What words are read for"),
                "sight": _("Who may see what"),
                "object": _("Checking and objecting"),
                "limits": _("What none of this can do"),
            },
        ),
    ]
