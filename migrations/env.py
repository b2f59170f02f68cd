"""Runs migrations, each upgrade in one transaction, without letting SQLite cascade rows away."""

from alembic import context

from feedback.database import UtcMoment, db

ONE_AT_A_TIME = 7_301_650_071


def render_item(type_: str, obj: object, autogen_context: object) -> str | bool:
    """Write our moment columns as what they are in the database."""
    if type_ == "type" and isinstance(obj, UtcMoment):
        return "sa.DateTime(timezone=True)"
    return False


def run_migrations() -> None:
    """Upgrade or downgrade the application's database."""
    # A backup of an older version is brought up to date in a database of its own.
    engine = context.config.attributes.get("engine") or db.engine
    with engine.connect() as connection:
        sqlite = connection.dialect.name == "sqlite"
        raw = connection.connection.driver_connection
        if sqlite:
            # Batch mode drops and renames parent tables. With foreign keys on, that fires
            # ON DELETE and loses rows without a word; the pragma only works outside a transaction.
            raw.execute("PRAGMA foreign_keys = OFF")
        try:
            context.configure(
                connection=connection,
                target_metadata=db.metadata,
                render_as_batch=True,
                compare_type=True,
                render_item=render_item,
                transactional_ddl=True,
                transaction_per_migration=False,
            )
            with connection.begin():
                # Several hosts may start together; SQLite's write lock keeps them apart by itself.
                if not sqlite:
                    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({ONE_AT_A_TIME})")
                context.run_migrations()
                if sqlite:
                    orphans = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
                    if orphans:
                        raise RuntimeError(f"migration leaves rows without parents: {orphans[:5]}")
        finally:
            if sqlite:
                raw.execute("PRAGMA foreign_keys = ON")


run_migrations()
