"""Writes one JSON object where an export goes: standard output, or a file for its owner alone."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
from flask_babel import gettext as _

from feedback.commands.aside import checked_target, written_aside


def write_json(content: Mapping[str, Any], path: Path | None) -> None:
    """Write the object, a file only once all of it is there."""
    text = json.dumps(content, ensure_ascii=False, indent=1)
    if path is None:
        click.echo(text)
        return
    with written_aside(checked_target(path)) as aside:
        aside.write_text(f"{text}\n", encoding="utf-8")
    click.echo(_("%(path)s is written.", path=path), err=True)
