"""First tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "api_key",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("secret_digest", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_key")),
        sa.UniqueConstraint("name", name=op.f("uq_api_key_name")),
    )
    op.create_table(
        "attempt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(length=120), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempt")),
    )
    with op.batch_alter_table("attempt", schema=None) as batch_op:
        batch_op.create_index("ix_attempt_subject", ["subject", "at"], unique=False)

    op.create_table(
        "worker_beat",
        sa.Column("worker", sa.String(length=80), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("worker", name=op.f("pk_worker_beat")),
    )
    op.create_table(
        "channel",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("name_en", sa.String(length=120), nullable=False),
        sa.Column("name_zh", sa.String(length=120), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_channel")),
        sa.UniqueConstraint("code", name=op.f("uq_channel_code")),
    )
    op.create_table(
        "customer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=400), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer")),
        sa.UniqueConstraint("key", name=op.f("uq_customer_key")),
    )
    op.create_table(
        "holiday",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("is_working", sa.Boolean(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_holiday")),
    )
    op.create_table(
        "message",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("recipient", sa.String(length=400), nullable=False),
        sa.Column("locale", sa.String(length=20), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("token_for", sa.Integer(), nullable=True),
        sa.Column("message_id", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("send_after", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("claimed_by", sa.String(length=60), nullable=True),
        sa.Column("dot_sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("server_reply", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "NOT (sent_at IS NOT NULL AND failed_at IS NOT NULL)", name=op.f("ck_message_one_end")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
        sa.UniqueConstraint("message_id", name=op.f("uq_message_message_id")),
    )
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.create_index(
            "ix_message_waiting",
            ["send_after"],
            unique=False,
            sqlite_where=sa.text("sent_at IS NULL AND failed_at IS NULL AND cancelled_at IS NULL"),
            postgresql_where=sa.text(
                "sent_at IS NULL AND failed_at IS NULL AND cancelled_at IS NULL"
            ),
        )

    op.create_table(
        "organisation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name_en", sa.String(length=120), nullable=False),
        sa.Column("name_zh", sa.String(length=120), nullable=False),
        sa.Column("contact", sa.String(length=200), nullable=False),
        sa.Column("is_demo", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_organisation_only_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation")),
    )
    op.create_table(
        "roll_up",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("counted_until", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_roll_up_only_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roll_up")),
    )
    op.create_table(
        "suppression",
        sa.Column("address_digest", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(reason = 'paused') = (until IS NOT NULL)", name=op.f("ck_suppression_only_pauses_end")
        ),
        sa.CheckConstraint(
            "reason IN ('unsubscribed', 'paused', 'hard_bounce', 'complaint', 'refused', 'erased')",
            name=op.f("ck_suppression_reason"),
        ),
        sa.PrimaryKeyConstraint("address_digest", name=op.f("pk_suppression")),
    )
    op.create_table(
        "survey",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=60), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_survey")),
        sa.UniqueConstraint("key", "version", name=op.f("uq_survey_key_version")),
    )
    with op.batch_alter_table("survey", schema=None) as batch_op:
        batch_op.create_index(
            "uq_survey_live",
            ["key"],
            unique=True,
            sqlite_where=sa.text("published_at IS NOT NULL AND retired_at IS NULL"),
            postgresql_where=sa.text("published_at IS NOT NULL AND retired_at IS NULL"),
        )

    op.create_table(
        "tally",
        sa.Column("subject", sa.String(length=12), nullable=False),
        sa.Column("subject_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("metric", sa.String(length=10), nullable=False),
        sa.Column("grain", sa.String(length=5), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("wave", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("score", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.CheckConstraint("grain IN ('week', 'month')", name=op.f("ck_tally_grain")),
        sa.CheckConstraint(
            "subject IN ('all', 'channel', 'team', 'staff', 'touchpoint')",
            name=op.f("ck_tally_subject"),
        ),
        sa.CheckConstraint("count > 0", name=op.f("ck_tally_counted")),
        sa.PrimaryKeyConstraint(
            "subject",
            "subject_id",
            "metric",
            "grain",
            "starts_on",
            "wave",
            "score",
            name=op.f("pk_tally"),
        ),
    )
    op.create_table(
        "team",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_team")),
        sa.UniqueConstraint("name", name=op.f("uq_team_name")),
    )
    op.create_table(
        "api_key_scope",
        sa.Column("api_key_id", sa.Integer(), nullable=False),
        sa.Column("scope", sa.String(length=30), nullable=False),
        sa.CheckConstraint(
            "scope IN ('interactions:write', 'interactions:read', 'responses:read', 'scores:read', 'scores:read-all', 'metrics:write')",
            name=op.f("ck_api_key_scope_scope"),
        ),
        sa.ForeignKeyConstraint(
            ["api_key_id"], ["api_key.id"], name=op.f("fk_api_key_scope_api_key_id")
        ),
        sa.PrimaryKeyConstraint("api_key_id", "scope", name=op.f("pk_api_key_scope")),
    )
    op.create_table(
        "idempotent_call",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("api_key_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("request_digest", sa.String(length=64), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["api_key_id"], ["api_key.id"], name=op.f("fk_idempotent_call_api_key_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_idempotent_call")),
        sa.UniqueConstraint("api_key_id", "key", name=op.f("uq_idempotent_call_api_key_id_key")),
    )
    op.create_table(
        "question",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("survey_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("is_required", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('csat', 'nps', 'ces', 'choice', 'choices', 'text')",
            name=op.f("ck_question_kind"),
        ),
        sa.ForeignKeyConstraint(["survey_id"], ["survey.id"], name=op.f("fk_question_survey_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_question")),
        sa.UniqueConstraint("survey_id", "key", name=op.f("uq_question_survey_id_key")),
        sa.UniqueConstraint("survey_id", "position", name=op.f("uq_question_survey_id_position")),
    )
    op.create_table(
        "staff_member",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("external_id", sa.String(length=120), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("team_id", sa.Integer(), nullable=True),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_staff_member_team_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_member")),
        sa.UniqueConstraint("external_id", name=op.f("uq_staff_member_external_id")),
    )
    with op.batch_alter_table("staff_member", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_staff_member_email"), ["email"], unique=False)
        batch_op.create_index(batch_op.f("ix_staff_member_team_id"), ["team_id"], unique=False)

    op.create_table(
        "survey_text",
        sa.Column("survey_id", sa.Integer(), nullable=False),
        sa.Column("locale", sa.String(length=20), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("intro", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["survey_id"], ["survey.id"], name=op.f("fk_survey_text_survey_id")
        ),
        sa.PrimaryKeyConstraint("survey_id", "locale", name=op.f("pk_survey_text")),
    )
    op.create_table(
        "touchpoint",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=60), nullable=False),
        sa.Column("name_en", sa.String(length=120), nullable=False),
        sa.Column("name_zh", sa.String(length=120), nullable=False),
        sa.Column("channel_id", sa.Integer(), nullable=True),
        sa.Column("survey_key", sa.String(length=60), nullable=False),
        sa.Column("follow_up_survey_key", sa.String(length=60), nullable=True),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["channel_id"], ["channel.id"], name=op.f("fk_touchpoint_channel_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_touchpoint")),
        sa.UniqueConstraint("channel_id", name=op.f("uq_touchpoint_channel_id")),
        sa.UniqueConstraint("key", name=op.f("uq_touchpoint_key")),
    )
    op.create_table(
        "interaction",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=60), nullable=False),
        sa.Column("external_id", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("status", sa.String(length=60), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("channel_id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.Column("team_id", sa.Integer(), nullable=True),
        sa.Column("touchpoint_id", sa.Integer(), nullable=True),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("customer_name", sa.String(length=200), nullable=False),
        sa.Column("customer_gender", sa.String(length=10), nullable=False),
        sa.Column("customer_email", sa.String(length=400), nullable=True),
        sa.Column("customer_phone", sa.String(length=60), nullable=True),
        sa.Column("customer_locale", sa.String(length=20), nullable=True),
        sa.Column("segment", sa.String(length=120), nullable=False),
        sa.Column("location", sa.String(length=200), nullable=False),
        sa.Column("product", sa.String(length=200), nullable=False),
        sa.Column("out_of_order", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["channel_id"], ["channel.id"], name=op.f("fk_interaction_channel_id")
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customer.id"], name=op.f("fk_interaction_customer_id")
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff_member.id"], name=op.f("fk_interaction_staff_id")
        ),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_interaction_team_id")),
        sa.ForeignKeyConstraint(
            ["touchpoint_id"], ["touchpoint.id"], name=op.f("fk_interaction_touchpoint_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_interaction")),
        sa.UniqueConstraint(
            "source", "external_id", name=op.f("uq_interaction_source_external_id")
        ),
    )
    with op.batch_alter_table("interaction", schema=None) as batch_op:
        batch_op.create_index("ix_interaction_channel_day", ["channel_id", "day"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_interaction_customer_id"), ["customer_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_interaction_day"), ["day"], unique=False)
        batch_op.create_index("ix_interaction_staff_day", ["staff_id", "day"], unique=False)
        batch_op.create_index("ix_interaction_team_day", ["team_id", "day"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_interaction_touchpoint_id"), ["touchpoint_id"], unique=False
        )

    op.create_table(
        "option",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("question_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("value", sa.String(length=40), nullable=False),
        sa.Column("side", sa.String(length=4), nullable=True),
        sa.CheckConstraint("side IN ('low', 'high')", name=op.f("ck_option_side")),
        sa.ForeignKeyConstraint(
            ["question_id"], ["question.id"], name=op.f("fk_option_question_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_option")),
        sa.UniqueConstraint("question_id", "value", name=op.f("uq_option_question_id_value")),
    )
    op.create_table(
        "question_text",
        sa.Column("question_id", sa.Integer(), nullable=False),
        sa.Column("locale", sa.String(length=20), nullable=False),
        sa.Column("prompt", sa.Text(), nullable=False),
        sa.Column("low_label", sa.String(length=120), nullable=False),
        sa.Column("high_label", sa.String(length=120), nullable=False),
        sa.Column("hint", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["question_id"], ["question.id"], name=op.f("fk_question_text_question_id")
        ),
        sa.PrimaryKeyConstraint("question_id", "locale", name=op.f("pk_question_text")),
    )
    op.create_table(
        "user_account",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("role", sa.String(length=10), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.Column("password_hash", sa.String(length=200), nullable=True),
        sa.Column("locale", sa.String(length=20), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "role IN ('staff', 'lead', 'manager', 'analyst', 'admin')",
            name=op.f("ck_user_account_role"),
        ),
        sa.CheckConstraint("email = lower(email)", name=op.f("ck_user_account_email_lower")),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff_member.id"], name=op.f("fk_user_account_staff_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_account")),
        sa.UniqueConstraint("email", name=op.f("uq_user_account_email")),
        sa.UniqueConstraint("staff_id", name=op.f("uq_user_account_staff_id")),
    )
    op.create_table(
        "invitation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("interaction_id", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("survey_id", sa.Integer(), nullable=False),
        sa.Column("wave", sa.Integer(), nullable=False),
        sa.Column("address_digest", sa.String(length=64), nullable=True),
        sa.Column("planned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withheld_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withheld_because", sa.String(length=30), nullable=True),
        sa.Column("message_id", sa.Integer(), nullable=True),
        sa.Column("reminder_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "(withheld_at IS NULL) = (withheld_because IS NULL)",
            name=op.f("ck_invitation_withheld_with_reason"),
        ),
        sa.CheckConstraint(
            "NOT (issued_at IS NOT NULL AND withheld_at IS NOT NULL)",
            name=op.f("ck_invitation_one_fate"),
        ),
        sa.CheckConstraint(
            "issued_at IS NULL OR message_id IS NOT NULL",
            name=op.f("ck_invitation_issued_by_message"),
        ),
        sa.CheckConstraint("wave IN (1, 2)", name=op.f("ck_invitation_wave")),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customer.id"], name=op.f("fk_invitation_customer_id")
        ),
        sa.ForeignKeyConstraint(
            ["interaction_id"], ["interaction.id"], name=op.f("fk_invitation_interaction_id")
        ),
        sa.ForeignKeyConstraint(
            ["message_id"], ["message.id"], name=op.f("fk_invitation_message_id")
        ),
        sa.ForeignKeyConstraint(
            ["reminder_id"], ["message.id"], name=op.f("fk_invitation_reminder_id")
        ),
        sa.ForeignKeyConstraint(["survey_id"], ["survey.id"], name=op.f("fk_invitation_survey_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation")),
        sa.UniqueConstraint(
            "interaction_id", "wave", name=op.f("uq_invitation_interaction_id_wave")
        ),
        sa.UniqueConstraint("message_id", name=op.f("uq_invitation_message_id")),
        sa.UniqueConstraint("reminder_id", name=op.f("uq_invitation_reminder_id")),
    )
    with op.batch_alter_table("invitation", schema=None) as batch_op:
        batch_op.create_index(
            "ix_invitation_address", ["address_digest", "issued_at"], unique=False
        )
        batch_op.create_index("ix_invitation_customer", ["customer_id", "issued_at"], unique=False)
        batch_op.create_index(
            "ix_invitation_due",
            ["due_at"],
            unique=False,
            sqlite_where=sa.text("issued_at IS NULL AND withheld_at IS NULL"),
            postgresql_where=sa.text("issued_at IS NULL AND withheld_at IS NULL"),
        )
        batch_op.create_index(
            "ix_invitation_silent",
            ["issued_at"],
            unique=False,
            sqlite_where=sa.text(
                "issued_at IS NOT NULL AND answered_at IS NULL AND reminded_at IS NULL"
            ),
            postgresql_where=sa.text(
                "issued_at IS NOT NULL AND answered_at IS NULL AND reminded_at IS NULL"
            ),
        )

    op.create_table(
        "look",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("page", sa.String(length=60), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff_member.id"], name=op.f("fk_look_staff_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_look_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_look")),
    )
    with op.batch_alter_table("look", schema=None) as batch_op:
        batch_op.create_index("ix_look_staff", ["staff_id", "at"], unique=False)

    op.create_table(
        "option_text",
        sa.Column("option_id", sa.Integer(), nullable=False),
        sa.Column("locale", sa.String(length=20), nullable=False),
        sa.Column("label", sa.String(length=120), nullable=False),
        sa.ForeignKeyConstraint(
            ["option_id"], ["option.id"], name=op.f("fk_option_text_option_id")
        ),
        sa.PrimaryKeyConstraint("option_id", "locale", name=op.f("pk_option_text")),
    )
    op.create_table(
        "sign_in",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("agent", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_sign_in_user_id")),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_sign_in")),
    )
    with op.batch_alter_table("sign_in", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sign_in_user_id"), ["user_id"], unique=False)

    op.create_table(
        "response",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("interaction_id", sa.Integer(), nullable=False),
        sa.Column("invitation_id", sa.Integer(), nullable=True),
        sa.Column("survey_id", sa.Integer(), nullable=True),
        sa.Column("wave", sa.Integer(), nullable=False),
        sa.Column("locale", sa.String(length=20), nullable=False),
        sa.Column("provenance", sa.String(length=20), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("amended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("excluded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("excluded_because", sa.String(length=200), nullable=True),
        sa.CheckConstraint(
            "provenance IN ('page', 'confirmed_click', 'kiosk', 'phone', 'import')",
            name=op.f("ck_response_provenance"),
        ),
        sa.CheckConstraint(
            "(excluded_at IS NULL) = (excluded_because IS NULL)",
            name=op.f("ck_response_excluded_with_reason"),
        ),
        sa.CheckConstraint("wave IN (1, 2)", name=op.f("ck_response_wave")),
        sa.ForeignKeyConstraint(
            ["interaction_id"], ["interaction.id"], name=op.f("fk_response_interaction_id")
        ),
        sa.ForeignKeyConstraint(
            ["invitation_id"], ["invitation.id"], name=op.f("fk_response_invitation_id")
        ),
        sa.ForeignKeyConstraint(["survey_id"], ["survey.id"], name=op.f("fk_response_survey_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_response")),
        sa.UniqueConstraint("interaction_id", "wave", name=op.f("uq_response_interaction_id_wave")),
        sa.UniqueConstraint("invitation_id", name=op.f("uq_response_invitation_id")),
    )
    with op.batch_alter_table("response", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_response_answered_at"), ["answered_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_response_changed_at"), ["changed_at"], unique=False)

    op.create_table(
        "answer",
        sa.Column("response_id", sa.Integer(), nullable=False),
        sa.Column("question_key", sa.String(length=40), nullable=False),
        sa.Column("choice", sa.String(length=40), nullable=False),
        sa.Column("metric", sa.String(length=10), nullable=True),
        sa.Column("score", sa.Integer(), nullable=True),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(CASE WHEN score IS NULL THEN 0 ELSE 1 END) + (CASE WHEN comment IS NULL THEN 0 ELSE 1 END) + (CASE WHEN choice = '' THEN 0 ELSE 1 END) = 1",
            name=op.f("ck_answer_one_value"),
        ),
        sa.CheckConstraint("metric IN ('csat', 'nps', 'ces')", name=op.f("ck_answer_metric")),
        sa.CheckConstraint(
            "score IS NULL OR (metric = 'csat' AND score BETWEEN 1 AND 5) OR (metric = 'nps' AND score BETWEEN 0 AND 10) OR (metric = 'ces' AND score BETWEEN 1 AND 7)",
            name=op.f("ck_answer_score_on_scale"),
        ),
        sa.CheckConstraint(
            "(metric IS NULL) = (score IS NULL)", name=op.f("ck_answer_score_has_metric")
        ),
        sa.ForeignKeyConstraint(
            ["response_id"], ["response.id"], name=op.f("fk_answer_response_id")
        ),
        sa.PrimaryKeyConstraint("response_id", "question_key", "choice", name=op.f("pk_answer")),
    )
    with op.batch_alter_table("answer", schema=None) as batch_op:
        batch_op.create_index("ix_answer_metric", ["metric", "response_id", "score"], unique=False)

    op.create_table(
        "former_answer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("response_id", sa.Integer(), nullable=False),
        sa.Column("question_key", sa.String(length=40), nullable=False),
        sa.Column("choice", sa.String(length=40), nullable=False),
        sa.Column("score", sa.Integer(), nullable=True),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["response_id"], ["response.id"], name=op.f("fk_former_answer_response_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_former_answer")),
    )
    with op.batch_alter_table("former_answer", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_former_answer_response_id"), ["response_id"], unique=False
        )


def downgrade() -> None:
    op.drop_table("worker_beat")
    with op.batch_alter_table("former_answer", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_former_answer_response_id"))

    op.drop_table("former_answer")
    with op.batch_alter_table("answer", schema=None) as batch_op:
        batch_op.drop_index("ix_answer_metric")

    op.drop_table("answer")
    with op.batch_alter_table("response", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_response_changed_at"))
        batch_op.drop_index(batch_op.f("ix_response_answered_at"))

    op.drop_table("response")
    with op.batch_alter_table("sign_in", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sign_in_user_id"))

    op.drop_table("sign_in")
    op.drop_table("option_text")
    with op.batch_alter_table("look", schema=None) as batch_op:
        batch_op.drop_index("ix_look_staff")

    op.drop_table("look")
    with op.batch_alter_table("invitation", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_invitation_silent",
            sqlite_where=sa.text(
                "issued_at IS NOT NULL AND answered_at IS NULL AND reminded_at IS NULL"
            ),
            postgresql_where=sa.text(
                "issued_at IS NOT NULL AND answered_at IS NULL AND reminded_at IS NULL"
            ),
        )
        batch_op.drop_index(
            "ix_invitation_due",
            sqlite_where=sa.text("issued_at IS NULL AND withheld_at IS NULL"),
            postgresql_where=sa.text("issued_at IS NULL AND withheld_at IS NULL"),
        )
        batch_op.drop_index("ix_invitation_customer")
        batch_op.drop_index("ix_invitation_address")

    op.drop_table("invitation")
    op.drop_table("user_account")
    op.drop_table("question_text")
    op.drop_table("option")
    with op.batch_alter_table("interaction", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_interaction_touchpoint_id"))
        batch_op.drop_index("ix_interaction_team_day")
        batch_op.drop_index("ix_interaction_staff_day")
        batch_op.drop_index(batch_op.f("ix_interaction_day"))
        batch_op.drop_index(batch_op.f("ix_interaction_customer_id"))
        batch_op.drop_index("ix_interaction_channel_day")

    op.drop_table("interaction")
    op.drop_table("touchpoint")
    op.drop_table("survey_text")
    with op.batch_alter_table("staff_member", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_staff_member_team_id"))
        batch_op.drop_index(batch_op.f("ix_staff_member_email"))

    op.drop_table("staff_member")
    op.drop_table("question")
    op.drop_table("idempotent_call")
    op.drop_table("api_key_scope")
    op.drop_table("team")
    op.drop_table("tally")
    with op.batch_alter_table("survey", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_survey_live",
            sqlite_where=sa.text("published_at IS NOT NULL AND retired_at IS NULL"),
            postgresql_where=sa.text("published_at IS NOT NULL AND retired_at IS NULL"),
        )

    op.drop_table("survey")
    op.drop_table("suppression")
    op.drop_table("roll_up")
    op.drop_table("organisation")
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_message_waiting",
            sqlite_where=sa.text("sent_at IS NULL AND failed_at IS NULL AND cancelled_at IS NULL"),
            postgresql_where=sa.text(
                "sent_at IS NULL AND failed_at IS NULL AND cancelled_at IS NULL"
            ),
        )

    op.drop_table("message")
    op.drop_table("holiday")
    op.drop_table("customer")
    op.drop_table("channel")
    with op.batch_alter_table("attempt", schema=None) as batch_op:
        batch_op.drop_index("ix_attempt_subject")

    op.drop_table("attempt")
    op.drop_table("api_key")
