"""Commands yet to come."""

import click

COMMANDS: tuple[click.Command, ...] = ()
