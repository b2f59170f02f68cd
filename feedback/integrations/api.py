"""The API: which call is answered where, and how what goes wrong is told."""

from flask import Blueprint, Response
from flask.typing import ResponseReturnValue

from feedback.integrations.answers import Refusal, answer, write
from feedback.integrations.hooks_view import take_report
from feedback.integrations.openapi import show_document
from feedback.integrations.report_views import report_interactions, show_interaction
from feedback.integrations.responses_view import show_responses
from feedback.integrations.scores_view import show_scores

blueprint = Blueprint("api", __name__, url_prefix="/api/v1")

blueprint.post("/interactions")(report_interactions)
# No number beyond what the column holds is asked for: SQLite could not even compare it.
blueprint.get("/interactions/<int(max=2147483647):interaction_id>")(show_interaction)
blueprint.post("/hooks/<source>")(take_report)
blueprint.get("/responses")(show_responses)
blueprint.get("/scores")(show_scores)
blueprint.get("/openapi.json")(show_document)


@blueprint.errorhandler(Refusal)
def _refused(refusal: Refusal) -> ResponseReturnValue:
    return answer(write(refusal.body()), refusal.status)


@blueprint.after_request
def _keep_nothing(response: Response) -> Response:
    # What is told here is somebody's, and a moment later it may be otherwise.
    response.headers.setdefault("Cache-Control", "no-store")
    return response
