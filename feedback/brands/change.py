"""Makes and changes brands."""

from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from feedback.brands.logo import MadeLogo
from feedback.brands.models import OWN, Brand, Logo

# What the organisation says itself, for its own brand.
_OWN_SAYS = ("name_en", "name_zh", "contact")


class NameTaken(Exception):
    """There is a brand of this name; says which field."""

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field, self.reason = field, _("There is a brand of this name already.")


def add_brand(session: Session, values: Mapping[str, object], now: datetime) -> Brand:
    """Add a brand. Raises NameTaken; flushes, and the caller commits."""
    _see_that_names_are_free(session, values, None)
    brand = Brand(created_at=now, **values)
    session.add(brand)
    session.flush()
    return brand


def change_brand(session: Session, brand: Brand, values: Mapping[str, object]) -> None:
    """Change what a brand says; of the organisation's own, all but what that says itself."""
    own = brand.id == OWN
    if not own:
        _see_that_names_are_free(session, values, brand.id)
    for name, value in values.items():
        if not (own and name in _OWN_SAYS):
            setattr(brand, name, value)
    session.flush()


def keep_logo(session: Session, logo: MadeLogo, now: datetime) -> str:
    """Keep a picture, once however often it is sent; return its digest."""
    if session.get(Logo, logo.digest) is None:
        session.add(
            Logo(
                digest=logo.digest,
                width=logo.width,
                height=logo.height,
                png=logo.png,
                created_at=now,
            )
        )
        session.flush()
    return logo.digest


def _see_that_names_are_free(
    session: Session, values: Mapping[str, object], but: int | None
) -> None:
    for field in ("name_zh", "name_en"):
        taken = sa.select(Brand.id).where(getattr(Brand, field) == values[field])
        if session.scalar(taken.where(Brand.id != (but or 0))) is not None:
            raise NameTaken(field)
