"""Whose data: the contacts and records that are one person's, as far as can be proven."""

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback.interactions.contacts import normalise_address
from feedback.interactions.models import Customer, Interaction


@dataclass(frozen=True)
class Person:
    """Everything held about somebody, by its numbers."""

    # As mail systems compare them.
    addresses: frozenset[str]
    interaction_ids: frozenset[int]
    # Customers none of whose contacts are anybody else's.
    customer_ids: frozenset[int]


def person_of_address(session: Session, address: str) -> Person:
    """Return what belongs to whoever reads the mail of an address.

    Those are the contacts under this very address. A contact without any is theirs if its customer
    has this address and no other: under another one, somebody else may be reading.
    """
    address = normalise_address(address)
    own = sa.func.lower(Interaction.customer_email) == address
    customers = set(session.scalars(sa.select(Interaction.customer_id).where(own).distinct()))
    elsewhere = set(
        session.scalars(
            sa.select(Interaction.customer_id)
            .where(
                Interaction.customer_id.in_(customers),
                Interaction.customer_email.is_not(None),
                sa.func.lower(Interaction.customer_email) != address,
            )
            .distinct()
        )
    )
    whole = customers - elsewhere
    ids = session.scalars(
        sa.select(Interaction.id).where(sa.or_(own, Interaction.customer_id.in_(whole)))
    )
    return Person(frozenset({address}), frozenset(ids), frozenset(whole))


def person_of_customer(session: Session, customer: Customer) -> Person:
    """Return what belongs to a customer as a source knows them, under whatever addresses."""
    rows = session.execute(
        sa.select(Interaction.id, Interaction.customer_email).where(
            Interaction.customer_id == customer.id
        )
    ).all()
    addresses = {normalise_address(email) for _id, email in rows if email}
    return Person(
        frozenset(addresses), frozenset(id_ for id_, _email in rows), frozenset({customer.id})
    )


def customers_named(session: Session, reference: str) -> list[Customer]:
    """Return the customers a reference may mean: their key, whole or without what it begins with.

    "10017", "crm:10017" and "id:crm:10017" all name the customer 10017 of the source crm.
    """
    key = Customer.key
    # The last of them for a number alone; a phone number is whole behind its one colon.
    exact = key.in_([reference, f"id:{reference}", f"phone:{reference}", f"email:{reference}"])
    ends = key.endswith(f":{reference}", autoescape=True)
    return list(
        session.scalars(sa.select(Customer).where(sa.or_(exact, ends)).order_by(Customer.id))
    )
