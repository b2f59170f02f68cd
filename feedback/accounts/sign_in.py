"""Signing in and out."""

from flask_login import LoginManager

sign_ins = LoginManager()
