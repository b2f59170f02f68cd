"""Puts the commands into the application, their help in the language of the terminal."""

from collections.abc import Callable

import click
from flask import Flask

from feedback.commands import every_command
from feedback.languages import terminal_catalogue


def install_commands(app: Flask) -> None:
    """Add every command to the application."""
    words = terminal_catalogue(app)
    for command in every_command():
        app.cli.add_command(command)
        if words is not None:
            _translate(command, words.gettext)


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
