"""Draws docs/data-model.md from the models: `python docs/draw_data_model.py`.

A test compares the page with what this draws, so that the page cannot fall behind the models.
"""

import sys
from pathlib import Path

import sqlalchemy as sa

PAGE = Path(__file__).parent / "data-model.md"
sys.path.insert(0, str(PAGE.parent.parent))

from feedback import tables  # noqa: E402
from feedback.database import Base  # noqa: E402

CHAPTERS = (
    ("What happened", ("channel", "team", "staff_member", "membership", "customer",
                       "interaction", "interaction_share")),
    ("What we ask, and where", ("touchpoint", "brand", "logo", "survey", "survey_text", "question",
                                "question_text", "option", "option_text")),
    ("Whom we ask, and when", ("invitation", "holiday", "message", "bounce", "suppression",
                               "kind_suppression", "mail_language", "do_not_ask")),
    ("What they say", ("response", "answer", "former_answer", "quick_post",
                         "notice", "notice_text")),
    ("What it adds up to", ("tally", "roll_up", "annotation", "target")),
    ("What we forget", ("erasure", "agreed_period", "retention_run")),
)  # fmt: skip

INTRODUCTION = """# The data model

Drawn from the models by `python docs/draw_data_model.py`; do not edit by hand.

Four habits explain most of it. **State is moments**: an invitation has no status column, it has
`due_at`, `issued_at`, `answered_at` …, and whether it has expired is a question about now.
**The database forbids the impossible**: the unique keys of `response` are the single-use rule, and
the checks below are enforced by SQLite and PostgreSQL alike. **An interaction is never edited**:
channel, team, staff member and address are what they were when the contact ended. **Nothing is
addressed by a secret at rest**: links are signed, and mails get theirs only as they are sent.
"""


def draw() -> str:
    """Return the page."""
    known = tables.metadata.tables
    told = {name for _, names in CHAPTERS for name in names}
    rest = tuple(sorted(set(known) - told))
    parts = [INTRODUCTION]
    for title, names in (*CHAPTERS, ("Who may look, and the rest", rest)):
        parts.append(f"\n## {title}\n\n```mermaid\nerDiagram\n")
        parts.extend(_relations(known[name]) for name in names)
        parts.append("```\n")
        parts.extend(_table(known[name]) for name in names)
    return "".join(parts)


def _relations(table: sa.Table) -> str:
    lines = []
    for column in table.columns:
        for key in column.foreign_keys:
            many = "o|" if column.unique else "o{"
            one = "|o" if column.nullable else "||"
            lines.append(
                f"    {key.column.table.name} {one}--{many} {table.name} : {column.name}\n"
            )
    return "".join(lines) or f"    {table.name}\n"


def _table(table: sa.Table) -> str:
    mapper = next(m for m in Base.registry.mappers if m.local_table is table)
    purpose = (mapper.class_.__doc__ or "").strip().splitlines()[0]
    lines = [f"\n### {table.name}\n\n{purpose}\n\n| column | kind | |\n|---|---|---|\n"]
    for column in table.columns:
        marks = [
            "key" if column.primary_key else "",
            "may be empty" if column.nullable else "",
            *(f"→ `{key.column.table.name}`" for key in column.foreign_keys),
        ]
        kind = column.type.__class__.__name__
        lines.append(f"| `{column.name}` | {kind} | {', '.join(filter(None, marks))} |\n")
    for constraint in sorted(table.constraints, key=lambda c: str(c.name)):
        if isinstance(constraint, sa.CheckConstraint):
            lines.append(f"\n- always: `{constraint.sqltext}`")
        elif isinstance(constraint, sa.UniqueConstraint):
            lines.append(f"\n- once: `{', '.join(c.name for c in constraint.columns)}`")
    return "".join(lines) + "\n"


if __name__ == "__main__":
    PAGE.write_text(draw(), encoding="utf-8")
