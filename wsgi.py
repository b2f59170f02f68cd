"""The web process: `gunicorn wsgi:app`, and where `flask` finds the application."""

from feedback import create_app
from feedback.config import UnreadableSettings
from feedback.outbox.self_test import UnsafeInterpreter, prove_headers_hold

try:
    app = create_app()
    with app.app_context():
        prove_headers_hold()
except (UnreadableSettings, UnsafeInterpreter) as error:
    # One line says what to mend; a traceback would only hide it. Ends `flask` and gunicorn alike.
    raise SystemExit(f"Error: {error}") from None
