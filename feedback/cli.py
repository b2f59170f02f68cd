"""Puts the commands into the application, their help in the language of the terminal."""

from collections.abc import Callable
from functools import wraps
from typing import Any

import click
from flask import Flask
from flask.cli import ScriptInfo

from feedback.chosen import refresh
from feedback.commands import every_command
from feedback.languages import terminal_catalogue


def install_commands(app: Flask) -> None:
    """Add every command to the application."""
    words = terminal_catalogue(app)
    for command in every_command():
        app.cli.add_command(_with_choices(command))
        if words is not None:
            _translate(command, words.gettext)


def _with_choices(command: click.Command) -> click.Command:
    """Let a command go by what was chosen on pages, too; it is the same for every application."""
    if isinstance(command, click.Group):
        for inner in command.commands.values():
            _with_choices(inner)
    elif command.callback is not None and not hasattr(command.callback, "goes_by_choices"):
        command.callback = _after_refreshing(command.callback)
    return command


def _after_refreshing(callback: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(callback)
    def run(*args: Any, **kwargs: Any) -> Any:
        context = click.get_current_context()
        refresh(context.ensure_object(ScriptInfo).load_app(), at_once=True)
        return callback(*args, **kwargs)

    run.goes_by_choices = True  # type: ignore[attr-defined]
    return run


def _translate(command: click.Command, gettext: Callable[[str], str]) -> None:
    # Click keeps help as plain text, made when the module is imported and no language is known.
    if command.help:
        command.help = gettext(command.help)
    for parameter in command.params:
        if isinstance(parameter, click.Option) and parameter.help:
            parameter.help = gettext(parameter.help)
    if isinstance(command, click.Group):
        for inner in command.commands.values():
            _translate(inner, gettext)
