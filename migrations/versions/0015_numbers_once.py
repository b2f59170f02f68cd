"""SQLite gives the number of an invitation once and never again, as PostgreSQL does by itself."""

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def _rebuild(*, once: bool) -> None:
    # A link in a mail names an invitation by its number; PostgreSQL has a sequence for it anyway.
    if op.get_bind().dialect.name == "sqlite":
        with op.batch_alter_table(
            "invitation", recreate="always", table_kwargs={"sqlite_autoincrement": once}
        ):
            pass


def upgrade() -> None:
    _rebuild(once=True)


def downgrade() -> None:
    _rebuild(once=False)
