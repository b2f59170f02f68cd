"""What customers see of a brand: all of it, and nothing of any other."""

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from feedback.brands.colour import HOUSE, Palette, palette_of
from feedback.brands.models import OWN, Brand
from feedback.organisation import Organisation

# Before anybody has said who we are.
_NOBODY = "Afterword 回音"
_SHOWN = (160, 48)


@dataclass(frozen=True)
class Picture:
    """A logo by its content's name, with its size in pixels."""

    digest: str
    width: int
    height: int
    # The picture itself, where nobody else may fetch it: in a preview.
    inline: str = ""

    @property
    def shown(self) -> tuple[int, int]:
        """Return the width and height it is shown with: a third, for sharp screens, or less."""
        share = min(1.0, _SHOWN[0] / self.width, _SHOWN[1] / self.height)
        return max(1, round(share * self.width)), max(1, round(share * self.height))


@dataclass(frozen=True)
class Face:
    """A brand as pages and mails show it; loaded whole, bound to no session."""

    brand_id: int
    name_en: str
    name_zh: str
    contact: str = ""
    company_en: str = ""
    company_zh: str = ""
    footer_en: str = ""
    footer_zh: str = ""
    # As #rrggbb; empty: the house's.
    accent: str = ""
    logo: Picture | None = None
    sender_name: str = ""
    sender_address: str = ""
    reply_to: str = ""
    is_demo: bool = False

    @property
    def is_own(self) -> bool:
        """Tell whether it is the organisation's own."""
        return self.brand_id == OWN

    @property
    def palette(self) -> Palette:
        """Return its colours."""
        return palette_of(self.accent) if self.accent else HOUSE

    def name(self, locale: str) -> str:
        """Return the name in the language asked for."""
        return self.name_zh if locale.startswith("zh") else self.name_en

    def company(self, locale: str) -> str:
        """Return the company in whose hands the answers are; the brand, where none is said."""
        pair = (self.company_zh, self.company_en)
        named = pair[0] or pair[1] if locale.startswith("zh") else pair[1] or pair[0]
        return named or self.name(locale)

    def footer(self, locale: str) -> str:
        """Return what stands at the foot, in the language asked for, else in the other."""
        pair = (self.footer_zh, self.footer_en)
        return pair[0] or pair[1] if locale.startswith("zh") else pair[1] or pair[0]


def face_of(session: Session, brand_id: int | None) -> Face:
    """Return what customers see of a brand; without one, of the organisation's own."""
    return _read(session, Brand.id == (brand_id or OWN))[0]


def every_face(session: Session) -> list[Face]:
    """Return all brands, the organisation's own first, then in the order they were made."""
    return _read(session, sa.true())


def _read(session: Session, which: sa.ColumnElement[bool]) -> list[Face]:
    # In one step: every page a customer opens asks this.
    rows = session.execute(
        sa.select(Brand, Organisation)
        .outerjoin(Organisation, sa.true())
        .where(which)
        .options(joinedload(Brand.logo))
        .order_by(Brand.id)
    )
    return [_as_shown(brand, organisation) for brand, organisation in rows]


def _as_shown(brand: Brand, organisation: Organisation | None) -> Face:
    # Whether data are the demo's is said under every name; who we are is said under our own only.
    own = brand.id == OWN
    name_en = organisation.name_en if own and organisation else brand.name_en
    name_zh = organisation.name_zh if own and organisation else brand.name_zh
    contact = organisation.contact if own and organisation else brand.contact
    logo = brand.logo
    return Face(
        brand_id=brand.id,
        name_en=name_en or _NOBODY,
        name_zh=name_zh or _NOBODY,
        contact=contact or "",
        company_en=brand.company_en,
        company_zh=brand.company_zh,
        footer_en=brand.footer_en,
        footer_zh=brand.footer_zh,
        accent=brand.accent,
        logo=Picture(logo.digest, logo.width, logo.height) if logo else None,
        sender_name=brand.sender_name,
        sender_address=brand.sender_address,
        reply_to=brand.reply_to,
        is_demo=bool(organisation and organisation.is_demo),
    )
