"""Every table there is, imported once, so that foreign keys resolve and migrations see them all."""

from feedback import chosen, milestones, organisation, pauses
from feedback.accounts import models as accounts
from feedback.accounts import uploads
from feedback.brands import models as brands
from feedback.database import Base
from feedback.integrations import models as integrations
from feedback.interactions import models as interactions
from feedback.invitations import models as invitations
from feedback.outbox import models as outbox
from feedback.reports import models as reports
from feedback.responses import models as responses
from feedback.retention import models as retention
from feedback.surveys import models as surveys
from feedback.touchpoints import models as touchpoints

metadata = Base.metadata

__all__ = [
    "accounts",
    "brands",
    "chosen",
    "integrations",
    "interactions",
    "invitations",
    "metadata",
    "milestones",
    "organisation",
    "outbox",
    "pauses",
    "reports",
    "responses",
    "retention",
    "surveys",
    "touchpoints",
    "uploads",
]
