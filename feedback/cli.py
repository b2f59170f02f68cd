"""The commands; each file in `commands/` holds one group, and none has rules of its own."""

from flask import Flask

from feedback.commands import backup, check, export, importing, key, scores, serve, user, work


def install_commands(app: Flask) -> None:
    """Add every command to the application."""
    for module in (user, key, importing, work, scores, export, backup, check, serve):
        for command in module.COMMANDS:
            app.cli.add_command(command)
