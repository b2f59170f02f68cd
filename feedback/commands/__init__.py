"""What can be done from the shell: one file per group of commands, none with rules of its own."""

from collections.abc import Iterator

import click

from feedback.commands import (
    annotation,
    audit,
    backup,
    bounces,
    check,
    demo,
    dry_run,
    erase,
    erase_staff,
    export,
    importing,
    key,
    pause,
    retain,
    scores,
    serve,
    target,
    user,
    work,
)

_GROUPS = (
    serve,
    demo,
    user,
    key,
    importing,
    dry_run,
    work,
    bounces,
    pause,
    scores,
    target,
    annotation,
    export,
    erase,
    erase_staff,
    retain,
    backup,
    audit,
    check,
)


def every_command() -> Iterator[click.Command]:
    """Yield our commands, in the order in which somebody new would need them."""
    for group in _GROUPS:
        yield from group.COMMANDS
