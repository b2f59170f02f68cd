"""Rows are taken in by batches: each whole or refused, whatever happens in between."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import psycopg.errors
import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.orm import Session

from feedback.interactions.fields import Refused
from feedback.interactions.import_rows import BATCH, Fate, Import, Listing, Seen
from feedback.interactions.models import Team
from feedback.interactions.read_file import QUOTES, Row


@dataclass
class Teams:
    """Takes teams in: the simplest thing there is, with a name that must be single."""

    session: Session
    before_flush: list[Exception] = field(default_factory=list)
    forgotten: int = 0

    def read(self, cells: Mapping[str, str]) -> str:
        if cells["name"] == "bad":
            raise Refused("name", "bad", "is bad")
        return cells["name"]

    def look(self, items: Sequence[str]) -> list[Fate | Refused]:
        known = set(self.session.scalars(sa.select(Team.name)))
        return [Fate.DUPLICATE if name in known else Fate.CREATED for name in items]

    def take(self, items: Sequence[str]) -> list[Fate | Refused]:
        fates = self.look(items)
        new = [n for n, fate in zip(items, fates, strict=True) if fate is Fate.CREATED]
        self.session.add_all(Team(name=name) for name in new)
        if self.before_flush:
            raise self.before_flush.pop(0)
        self.session.flush()
        return fates

    def forget(self) -> None:
        self.forgotten += 1


def rows(*names: str) -> Iterator[Row]:
    return (Row(number, {"name": name}) for number, name in enumerate(names, start=1))


def names(session: Session) -> list[str]:
    session.rollback()
    return list(session.scalars(sa.select(Team.name).order_by(Team.id)))


def counts(this: Import[str]) -> tuple[int, int, int, int]:
    done = this.outcome
    return done.read, done.created, done.duplicate, done.refused


def test_good_rows_around_bad_ones_are_taken(session: Session) -> None:
    this = Import(session, Teams(session))
    flawed = Row(4, {}, QUOTES)
    this.run(iter([*rows("a", "bad", "b"), flawed, Row(5, {"name": "c"})]))
    assert names(session) == ["a", "b", "c"]
    assert counts(this) == (5, 3, 0, 2)
    assert [(r["row"], r["column"], r["value"]) for r in this.outcome.refusals] == [
        (2, "name", "bad"),
        (4, "", ""),
    ]
    assert all(refusal["reason"] for refusal in this.outcome.refusals)


def test_each_batch_is_kept_when_it_is_done(session: Session) -> None:
    kept = []

    def tell() -> None:
        assert not session.in_transaction()
        kept.append(len(names(session)))
        session.rollback()

    this = Import(session, Teams(session))
    this.run(rows(*map(str, range(2 * BATCH + 1))), tell)
    assert kept == [BATCH, 2 * BATCH, 2 * BATCH + 1]


def test_stopped_in_the_middle_it_counts_what_it_kept(session: Session) -> None:
    def cut_off() -> Iterator[Row]:
        yield from rows(*map(str, range(BATCH + 7)))
        raise KeyboardInterrupt

    this = Import(session, Teams(session))
    with pytest.raises(KeyboardInterrupt):
        this.run(cut_off())
    assert counts(this) == (BATCH, BATCH, 0, 0)
    assert len(names(session)) == BATCH


def test_what_another_process_reported_meanwhile_is_a_duplicate(session: Session) -> None:
    class Late(Teams):
        """Looks just before the other process commits, once."""

        def look(self, items: Sequence[str]) -> list[Fate | Refused]:
            fates = super().look(items)
            if not self.forgotten:
                self.session.rollback()
                with Session(self.session.get_bind()) as other, other.begin():
                    other.merge(Team(id=1, name="b"))
            return fates

    taker = Late(session)
    this = Import(session, taker)
    this.run(rows("a", "b", "c"))
    assert sorted(names(session)) == ["a", "b", "c"]
    assert counts(this) == (3, 2, 1, 0)
    assert taker.forgotten == 1


def test_a_row_the_database_will_not_have_is_refused_alone(session: Session) -> None:
    class Blind(Teams):
        """Never sees that the name is taken."""

        def look(self, items: Sequence[str]) -> list[Fate | Refused]:
            return [Fate.CREATED for _name in items]

    with Session(session.get_bind()) as other, other.begin():
        other.add(Team(name="b"))
    this = Import(session, Blind(session))
    this.run(rows("a", "b", "c"))
    assert sorted(names(session)) == ["a", "b", "c"]
    assert counts(this) == (3, 2, 0, 1)
    assert [refusal["row"] for refusal in this.outcome.refusals] == [2]


def test_two_that_waited_for_each_other_try_again(session: Session) -> None:
    deadlock = OperationalError("", {}, psycopg.errors.DeadlockDetected())
    this = Import(session, Teams(session, [deadlock, deadlock]))
    this.run(rows("a"))
    assert counts(this) == (1, 1, 0, 0)


def test_a_database_that_is_gone_ends_the_import_and_refuses_nobody(session: Session) -> None:
    gone = OperationalError("", {}, Exception("the server went away"))
    this = Import(session, Teams(session, [gone]))
    with pytest.raises(OperationalError):
        this.run(rows("a"))
    assert counts(this) == (0, 0, 0, 0)


def test_a_dry_run_cannot_write(session: Session) -> None:
    class Careless(Teams):
        """Writes where it should only look."""

        def look(self, items: Sequence[str]) -> list[Fate | Refused]:
            if "write" in items:
                self.session.add(Team(name="write"))
                self.session.flush()
            return super().look(items)

    this = Import(session, Careless(session), dry_run=True)
    this.run(rows("a"))
    assert counts(this) == (1, 1, 0, 0)
    with pytest.raises(DBAPIError, match=r"read-?only"):
        this.run(rows("write"))
    assert names(session) == []


def test_a_list_too_long_for_memory_comes_back_in_its_order() -> None:
    entries = Listing()
    for number in range(20_000):
        entries.add(row=number, value="长" * 20)
    assert len(entries) == 20_000
    for _time in range(2):
        assert [entry["row"] for entry in entries] == list(range(20_000))
    entries.add(row=-1, value="")
    assert [entry["row"] for entry in entries][-1] == -1


def test_what_was_seen_is_told_apart() -> None:
    seen = Seen()
    assert seen.add("crm", "1")
    assert not seen.add("crm", "1")
    assert seen.add("crm1", "")
    assert seen.add("crm", 1)


def test_an_integrity_error_names_no_row_in_vain(session: Session) -> None:
    """A batch that fails once for a reason that has gone is taken whole."""
    passing = IntegrityError("", {}, Exception("passing"))
    this = Import(session, Teams(session, [passing]))
    this.run(rows("a", "b"))
    assert counts(this) == (2, 2, 0, 0)
