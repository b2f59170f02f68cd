"""How a message reaches the mail server."""

from flask_mail import Mail

mail = Mail()
