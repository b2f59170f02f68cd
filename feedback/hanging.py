"""Ends waiting for a PostgreSQL that hangs, where somebody waits for a page.

A server that is stopped in its tracks keeps its connections open and says nothing, and neither it
nor TCP ends that. Each request would hold its thread until no thread is left, not even for a probe.
"""

from typing import Any

import psycopg
from flask import has_request_context
from psycopg import errors

# Longer than any page works at one statement; commands and the worker may take what they need.
PATIENCE = 20.0


class HurriedConnection(psycopg.Connection[Any]):
    """A connection on which a request waits for one answer no longer than its reader would."""

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        """Wait for what the server says. Raises OperationalError, and gives the connection up."""
        if timeout is not None or not has_request_context():
            return super().wait(gen, interval, timeout)
        try:
            return super().wait(gen, interval, PATIENCE)
        except errors._WaitTimeout as too_long:
            # What it may say later belongs to nobody.
            self.pgconn.finish()
            raise psycopg.OperationalError("the server does not answer") from too_long


def hurried(*given: Any, **named: Any) -> HurriedConnection:
    """Connect, to what and as whom psycopg itself would be told."""
    return HurriedConnection.connect(*given, **named)
