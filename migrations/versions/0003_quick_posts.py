"""Quick posts: what tells a button-pressing scanner from a person, and the answers held for one's."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

SUSPECTED = "(suspected_at IS NULL) = (suspected_because IS NULL)"
FIRST_POSTS = "suspected_at IS NULL OR (invitation_id IS NOT NULL AND amended_at IS NULL)"


def upgrade() -> None:
    with op.batch_alter_table("response") as batch:
        batch.add_column(sa.Column("shown_at", sa.DateTime(timezone=True), nullable=True))
        batch.add_column(sa.Column("suspected_at", sa.DateTime(timezone=True), nullable=True))
        batch.add_column(sa.Column("suspected_because", sa.String(length=30), nullable=True))
        batch.create_check_constraint(op.f("ck_response_suspected_with_reason"), SUSPECTED)
        batch.create_check_constraint(op.f("ck_response_suspects_are_first_posts"), FIRST_POSTS)
    op.create_table(
        "quick_post",
        sa.Column("invitation_id", sa.Integer(), nullable=False),
        sa.Column("score", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("page", sa.String(length=20), nullable=False),
        sa.Column("posted_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["invitation_id"], ["invitation.id"], name=op.f("fk_quick_post_invitation_id")
        ),
        sa.PrimaryKeyConstraint("invitation_id", "score", name=op.f("pk_quick_post")),
    )


def downgrade() -> None:
    op.drop_table("quick_post")
    # The tables before this one cannot say that an answer does not count; a robot's must not.
    suspects = "SELECT id FROM response WHERE suspected_at IS NOT NULL"
    for table in ("answer", "former_answer"):
        op.execute(f"DELETE FROM {table} WHERE response_id IN ({suspects})")
    op.execute("DELETE FROM response WHERE suspected_at IS NOT NULL")
    with op.batch_alter_table("response") as batch:
        batch.drop_constraint(op.f("ck_response_suspects_are_first_posts"), type_="check")
        batch.drop_constraint(op.f("ck_response_suspected_with_reason"), type_="check")
        batch.drop_column("suspected_because")
        batch.drop_column("suspected_at")
        batch.drop_column("shown_at")
