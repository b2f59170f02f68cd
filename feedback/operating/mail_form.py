"""The form for how mail is handed over, and what of it is not for a page to say."""

import re

from flask import Flask
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from wtforms import Field, PasswordField, SelectChoice, SelectField, StringField
from wtforms.validators import InputRequired, Length, ValidationError

from feedback.chosen import CONNECTION, where_else
from feedback.config import BadSetting, read_text

_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?|\[?[0-9A-Fa-f:]+\]?")
PLAIN, STARTTLS, TLS = "plain", "starttls", "tls"


def _printable(form: FlaskForm, field: Field) -> None:
    # Neither a database nor a mail server's commands take a control character.
    if not (field.data or "").isprintable():
        raise ValidationError(_("No control characters."))


class MailForm(FlaskForm):  # type: ignore[misc]
    """Server, encryption, sign-in and sender."""

    server = StringField(
        lazy_gettext("Mail server"),
        validators=[Length(max=253)],
        description=lazy_gettext("As your provider names it, such as smtp.example.cn."),
        render_kw={"autocapitalize": "none", "spellcheck": "false", "autocomplete": "off"},
    )
    encryption = SelectField(
        lazy_gettext("Encryption"),
        choices=[
            SelectChoice(STARTTLS, lazy_gettext("STARTTLS, usually port 587")),
            SelectChoice(TLS, lazy_gettext("TLS from the first byte, usually port 465")),
            SelectChoice(PLAIN, lazy_gettext("None (own network only)")),
        ],
    )
    port = StringField(lazy_gettext("Port"), render_kw={"inputmode": "numeric"})
    username = StringField(
        lazy_gettext("User name"),
        validators=[Length(max=254), _printable],
        description=lazy_gettext("Empty where the server asks for none."),
        render_kw={"autocapitalize": "none", "spellcheck": "false", "autocomplete": "off"},
    )
    password = PasswordField(
        lazy_gettext("Password"),
        validators=[Length(max=500), _printable],
        render_kw={"autocomplete": "new-password"},
    )
    sender = StringField(
        lazy_gettext("Sender"),
        validators=[
            InputRequired(lazy_gettext("This is needed.")),
            Length(max=300),
            _printable,
        ],
        description=lazy_gettext("The name customers know, and an address that takes mail."),
        render_kw={"placeholder": "Example 客服 <care@example.cn>"},
    )

    def fill(self, app: Flask) -> None:
        """Show what is in force; a password is never shown."""
        config = app.config
        self.server.data = config["MAIL_SERVER"]
        self.port.data = str(config["MAIL_PORT"]) if config["MAIL_SERVER"] else "587"
        self.username.data = config["MAIL_USERNAME"]
        self.sender.data = config["MAIL_SENDER"]
        self.encryption.data = _encryption(config["MAIL_USE_TLS"], config["MAIL_USE_SSL"])
        if not config["MAIL_SERVER"]:
            self.encryption.data = STARTTLS

    def chosen(self, app: Flask) -> dict[str, str | None] | None:
        """Return the settings chosen, or None after saying at the fields what is wrong."""
        values: dict[str, str | None] = {}
        if not is_fixed(app):
            values |= self._connection(app)
        if where_else(app, "MAIL_SENDER") is None:
            values["MAIL_SENDER"] = (self.sender.data or "").strip()
        for name, text in values.items():
            if text is None:
                continue
            try:
                read_text(name, text)
            except BadSetting:
                self[_FIELD[name]].errors = [_RULES[name]()]
        return None if self.errors else values

    def _connection(self, app: Flask) -> dict[str, str | None]:
        server = (self.server.data or "").strip()
        if not server:
            return dict.fromkeys(CONNECTION)
        if not _HOST.fullmatch(server):
            self.server.errors = [_("Only the name of a machine, without https:// and spaces.")]
        username = (self.username.data or "").strip()
        values: dict[str, str | None] = {
            "MAIL_SERVER": server,
            "MAIL_PORT": (self.port.data or "").strip(),
            "MAIL_USE_TLS": "1" if self.encryption.data == STARTTLS else "0",
            "MAIL_USE_SSL": "1" if self.encryption.data == TLS else "0",
            "MAIL_USERNAME": username,
        }
        if self.password.data:
            values["MAIL_PASSWORD"] = self.password.data
        elif not username:
            values["MAIL_PASSWORD"] = None
        elif app.config["MAIL_PASSWORD"] and self._goes_elsewhere(app, values):
            self.password.errors = [
                _("Type the password again: it is kept only for the same server, port,"
                  " encryption and user.")
            ]  # fmt: skip
        return values

    def _goes_elsewhere(self, app: Flask, values: dict[str, str | None]) -> bool:
        # Else whoever may come to this page could have the password sent to a server of theirs.
        return any(
            str(app.config[name]) != str(read_or_text(name, text)) for name, text in values.items()
        )


def read_or_text(name: str, text: str | None) -> object:
    """Return a setting's value, or the text itself where it cannot be read."""
    try:
        return read_text(name, text or "")
    except BadSetting:
        return text


def is_fixed(app: Flask) -> bool:
    """Tell whether the environment or instance/config.py says how mail is handed over."""
    return where_else(app, "MAIL_SERVER") is not None


def _encryption(use_tls: bool, use_ssl: bool) -> str:
    return TLS if use_ssl else STARTTLS if use_tls else PLAIN


_FIELD = {
    "MAIL_SERVER": "server",
    "MAIL_PORT": "port",
    "MAIL_USE_TLS": "encryption",
    "MAIL_USE_SSL": "encryption",
    "MAIL_USERNAME": "username",
    "MAIL_PASSWORD": "password",
    "MAIL_SENDER": "sender",
}
_RULES = {
    "MAIL_PORT": lambda: _("A number from 1 to 65535."),
    "MAIL_SENDER": lambda: _("An address, or a name and an address in < >."),
}
