"""Writes the mail that brings somebody the key to everything held about them."""

from dataclasses import dataclass

from flask import current_app, render_template

from feedback.brands.colour import HOUSE
from feedback.languages import frame_of
from feedback.outbox.compose import OWN_MARK, Mail, MailLogo
from feedback.outbox.salutation import salutation


@dataclass(frozen=True)
class KeyFacts:
    """What the mail says: who we are, to whom, and how long the key opens."""

    locale: str
    brand: str
    contact: str
    customer_name: str
    customer_gender: str
    hours: int
    footer: str = ""
    logo: MailLogo | None = None
    # Of links, by day and by night.
    accents: tuple[str, str] = (HOUSE.accent, HOUSE.dark_accent)
    is_demo: bool = False


def compose_key(facts: KeyFacts) -> Mail:
    """Return the mail; where the key goes stands a mark until it is sent."""
    language = (frame_of(facts.locale) or "en").replace("_", "-")
    brand = " ".join(facts.brand.split())
    words = {
        "locale": facts.locale,
        "is_demo": facts.is_demo,
        "brand": brand,
        "contact": facts.contact,
        "salutation": salutation(facts.customer_name, facts.customer_gender, facts.locale),
        "hours": facts.hours,
        "footer": [line for part in facts.footer.splitlines() if (line := part.strip())],
        "logo": facts.logo,
        "accent": facts.accents[0],
        "accent_dark": facts.accents[1],
        "link": f"{current_app.config['PUBLIC_URL']}/my/{OWN_MARK}",
    }
    text = render_template(f"mail/{language}/own_link.txt", **words)
    subject, _, opening = text.partition("\n\n")
    words |= {"subject": subject.strip()}
    return Mail(
        subject=subject.strip(),
        text=opening.strip() + "\n",
        html=render_template(f"mail/{language}/own_link.html", **words).strip() + "\n",
    )
