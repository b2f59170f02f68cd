"""What the numbers mean, in the reader's own language."""

from flask import Blueprint, current_app, render_template
from flask.typing import ResponseReturnValue

from feedback.accounts.access import signed_in
from feedback.measures.estimate import DEFINITIONS
from feedback.measures.standing import JUDGED_FROM, RATED_FROM

blueprint = Blueprint("method", __name__)


@blueprint.get("/method")
@signed_in
def page() -> ResponseReturnValue:
    """Say how each figure is made, and what it does not say."""
    return render_template(
        "reports/method.html",
        definitions={metric: found.name for metric, found in DEFINITIONS.items()},
        min_group=current_app.config["MIN_GROUP"],
        judged_from=RATED_FROM,
        appraised_from=JUDGED_FROM,
    )
