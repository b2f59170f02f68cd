"""Moments as options of commands."""

from datetime import datetime

import click


class Moment(click.ParamType[datetime]):
    """An ISO 8601 moment with its offset."""

    name = "moment"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        """Return the moment, or fail with the form that is understood."""
        if isinstance(value, datetime):
            return value
        try:
            moment = datetime.fromisoformat(str(value))
        except ValueError:
            moment = None
        if moment is None or moment.tzinfo is None:
            # Options are read before there is an application, so these words stay English.
            self.fail(
                f"{value} is not a moment with its offset, such as 2026-12-24T09:30:00+08:00",
                param,
                ctx,
            )
        return moment
