"""Tells what cannot be asked, by the option that asked it."""

import click

from feedback.reports.request import BadRequest


def refusal(bad: BadRequest) -> click.UsageError:
    """Return the error that ends a command with 2 and names the option, its value and the rule."""
    option = f"--{bad.field} {bad.value}" if bad.value else f"--{bad.field}"
    return click.UsageError(f"{option}: {bad.rule}")
