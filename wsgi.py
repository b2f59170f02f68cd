"""The web process: `gunicorn wsgi:app`, and where `flask` finds the application."""

from feedback import create_app
from feedback.config import UnreadableSettings

try:
    app = create_app()
except UnreadableSettings as error:
    # One line says what to mend; a traceback would only hide it. Ends `flask` and gunicorn alike.
    raise SystemExit(f"Error: {error}") from None
