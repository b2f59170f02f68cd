"""From a link to what it opens: the invitation, what has been answered, and how things stand."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, load_only

from feedback.brands.face import Face, face_of
from feedback.brands.models import Notice
from feedback.brands.notice import Words, notice_at, words_of
from feedback.interactions.contacts import mask_address
from feedback.interactions.models import Channel, Interaction, StaffMember
from feedback.invitations.fate import state
from feedback.invitations.models import Invitation
from feedback.outbox.models import MailLanguage
from feedback.outbox.salutation import masked_name
from feedback.outbox.tidy import tidy
from feedback.responses.models import Response
from feedback.surveys.models import Survey
from feedback.surveys.spoken import spoken, tags_of


@dataclass(frozen=True)
class Opened:
    """What a link opens. Everything a page shows is loaded; the session it came from is closed."""

    invitation: Invitation
    # What stands as the answer; None also while what came is held for a machine's.
    response: Response | None
    # As whom we ask, and what that says of privacy; None where it is the house's own wording.
    brand: Face
    notice: Notice | None
    # "open", "answered", "stopped", "expired", "closed", or "erased" whatever it was
    state: str
    # The languages the invitation's version of the survey is asked in, as far as we speak them.
    languages: Sequence[str] = ("zh-Hans", "en")
    # The language in which whoever reads this address wants our pages, if they have said so.
    chosen_locale: str | None = None

    def privacy(self, locale: str, months: int) -> Words:
        """Return what is said of privacy, in the language."""
        return words_of(self.notice, self.brand, locale, months)

    @property
    def interaction(self) -> Interaction:
        """Return the contact it is about."""
        return self.invitation.interaction

    @property
    def answered_at(self) -> datetime | None:
        """Return when it was answered."""
        return self.response.answered_at if self.response else self.invitation.answered_at

    @property
    def matter(self) -> str:
        """Return what the contact was about, as far as a page may say it."""
        return tidy(self.interaction.subject)

    @property
    def recipient(self) -> str:
        """Return whom it was sent to, so that they know it and a stranger does not."""
        return masked_name(self.interaction.customer_name) or self.address

    @property
    def address(self) -> str:
        """Return the masked address it was sent to."""
        return mask_address(self.interaction.customer_email or "")


def find(session: Session, invitation_id: int, now: datetime) -> Opened | None:
    """Return what the link of an invitation opens, or None where the invitation is gone."""
    found = session.execute(
        sa.select(Invitation, Response, tags_of(Invitation.survey_id), MailLanguage.locale)
        .outerjoin(MailLanguage, MailLanguage.address_digest == Invitation.address_digest)
        .outerjoin(
            Response,
            sa.and_(
                Response.interaction_id == Invitation.interaction_id,
                Response.wave == Invitation.wave,
            ),
        )
        .where(Invitation.id == invitation_id)
        .options(
            joinedload(Invitation.survey).load_only(
                Survey.key, Survey.published_at, Survey.retired_at
            ),
            joinedload(Invitation.interaction).options(
                load_only(
                    Interaction.external_id,
                    Interaction.subject,
                    Interaction.closed_at,
                    Interaction.customer_name,
                    Interaction.customer_email,
                    Interaction.customer_locale,
                    Interaction.channel_id,
                    Interaction.erasure_id,
                ),
                joinedload(Interaction.channel).load_only(Channel.name_en, Channel.name_zh),
                joinedload(Interaction.staff).load_only(StaffMember.name),
            ),
        )
    ).one_or_none()
    if found is None:
        return None
    invitation: Invitation = found[0]
    response: Response | None = found[1]
    if response is not None and response.suspected_at is not None:
        response = None
    brand = face_of(session, invitation.brand_id)
    return Opened(
        invitation=invitation,
        response=response,
        brand=brand,
        notice=notice_at(session, brand.brand_id, now),
        state=_state(session, invitation, response, now),
        languages=spoken(found[2]),
        chosen_locale=found[3],
    )


def _state(
    session: Session, invitation: Invitation, response: Response | None, now: datetime
) -> str:
    if invitation.interaction.erasure_id is not None:
        return "erased"
    known = state(invitation, now)
    if known == "answered" or response is not None:
        return "answered"
    if known in ("stopped", "expired"):
        return known
    # Links of invitations that never went out are nobody's to answer by.
    if known != "invited" or _is_retired(session, invitation.survey):
        return "closed"
    return "open"


def _is_retired(session: Session, survey: Survey) -> bool:
    """Tell whether the survey has ended; a newer version does not end the questions already out."""
    if survey.retired_at is None:
        return False
    live = sa.and_(Survey.published_at.is_not(None), Survey.retired_at.is_(None))
    return session.scalar(sa.select(Survey.id).where(Survey.key == survey.key, live)) is None
