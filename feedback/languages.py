"""Which language somebody reads, and the catalogue of the interface's words."""

import hashlib
import os
import tempfile
from collections.abc import Iterable
from gettext import GNUTranslations
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask import Flask, g, has_request_context, request
from flask_babel import Babel, get_locale

INTERFACE = ("en", "zh")
CATALOGUE = Path(__file__).parent / "translations" / "zh" / "LC_MESSAGES" / "messages.po"

babel = Babel()


def interface_language(tag: str | None) -> str | None:
    """Return "zh" or "en" for a language tag such as zh-Hans-CN, zh_CN or en-GB, else None."""
    primary = (tag or "").replace("_", "-").split("-")[0].lower()
    return primary if primary in INTERFACE else None


def survey_language(tag: str | None) -> str | None:
    """Return the tag under which survey texts are kept: "zh-Hans" or "en", else None."""
    return {"zh": "zh-Hans", "en": "en"}.get(interface_language(tag) or "")


def html_language(locale: str) -> str:
    """Return the value of the page's `lang`."""
    return "zh-Hans" if locale.startswith("zh") else "en"


def gap() -> str:
    """Return what stands between two sentences: a space, and in Chinese nothing."""
    return "" if str(get_locale()).startswith("zh") else " "


def first_understood(tags: Iterable[str], default: str) -> str:
    """Return the first interface language among the tags, in their order."""
    return next((found for tag in tags if (found := interface_language(tag))), default)


def choose_language(app: Flask) -> str:
    """Return this request's language: ?lang, the page's own, the browser's, then ours."""
    default = str(app.config["DEFAULT_LOCALE"])
    if not has_request_context():
        return terminal_language() or default
    asked = interface_language(request.args.get("lang"))
    chosen = asked or interface_language(getattr(g, "language", None))
    # A browser that sends no preference at all gets the organisation's language.
    return chosen or first_understood(request.accept_languages.values(), default)


def terminal_language() -> str | None:
    """Return the language of the terminal a command runs in, or None outside commands.

    As with every program that speaks through gettext, no language, "C" and "POSIX" are English.
    """
    if os.environ.get("FLASK_RUN_FROM_CLI") != "true":
        return None
    names = (os.environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    return interface_language(next(filter(None, names), "en").split(".")[0]) or "en"


def terminal_catalogue(app: Flask) -> GNUTranslations | None:
    """Return the words for a terminal that is not English, else None."""
    if terminal_language() != "zh":
        return None
    folder = _compiled(Path(app.config["INSTANCE_PATH"]))
    with (folder / "zh" / "LC_MESSAGES" / "messages.mo").open("rb") as file:
        return GNUTranslations(file)


def install_languages(app: Flask) -> None:
    """Set Flask-Babel up with the catalogue compiled for this installation."""
    babel.init_app(
        app,
        default_locale=app.config["DEFAULT_LOCALE"],
        default_timezone=app.config["TIMEZONE"],
        # Asked each time, since another may be chosen while the site runs.
        timezone_selector=lambda: app.config["TIMEZONE"],
        default_translation_directories=str(_compiled(Path(app.config["INSTANCE_PATH"]))),
        locale_selector=lambda: choose_language(app),
    )


def _compiled(instance: Path) -> Path:
    """Return the folder of the compiled catalogue, compiling it if the words have changed."""
    words = CATALOGUE.read_bytes()
    folder = instance / "cache" / f"translations-{hashlib.sha256(words).hexdigest()[:12]}"
    target = folder / "zh" / "LC_MESSAGES" / "messages.mo"
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        with CATALOGUE.open("rb") as file:
            catalogue = read_po(file, locale="zh")
        # Written aside and renamed, since several processes may start together.
        handle, aside = tempfile.mkstemp(dir=target.parent)
        with os.fdopen(handle, "wb") as file:
            write_mo(file, catalogue)
        Path(aside).replace(target)
    return folder
