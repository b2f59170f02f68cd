"""The web process: `gunicorn wsgi:app`, and where `flask` finds the application."""

from feedback import create_app

app = create_app()
