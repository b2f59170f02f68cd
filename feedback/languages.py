"""Which language somebody reads, and the catalogue of the interface's words."""

import hashlib
import os
import re
import tempfile
from collections.abc import Iterable, Sequence
from gettext import GNUTranslations
from pathlib import Path

from babel import Locale, localedata
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask import Flask, g, has_request_context, request
from flask_babel import Babel, get_locale

INTERFACE = ("en", "zh")
TRANSLATIONS = Path(__file__).parent / "translations"
CATALOGUE = TRANSLATIONS / "zh" / "LC_MESSAGES" / "messages.po"

# The languages customers are spoken to in, by the tag surveys keep them under: the catalogue of the
# words round the questions. English needs none; whoever is signed in reads English or Chinese.
FRAMES = {"en": "en", "zh-Hans": "zh", "zh-Hant": "zh_Hant", "de": "de"}
CUSTOMERS_CATALOGUES = {
    frame: TRANSLATIONS / frame / "LC_MESSAGES" / "messages.po" for frame in ("zh_Hant", "de")
}

# What customers are spoken to in beside their surveys: of their preferences and what we hold.
OWN_LANGUAGES = ("zh-Hans", "zh-Hant", "en", "de")

_TAG = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")
_LONGEST_TAG = 20
_TRADITIONAL = {"TW", "HK", "MO", "Hant"}
# As their readers write them; the tables say "中文 (繁體)", which no switch needs to.
_OWN_NAMES = {"en": "English", "zh-Hans": "简体中文", "zh-Hant": "繁體中文"}

babel = Babel()


def interface_language(tag: str | None) -> str | None:
    """Return "zh" or "en" for a language tag such as zh-Hans-CN, zh_CN or en-GB, else None."""
    primary = (tag or "").replace("_", "-").split("-")[0].lower()
    return primary if primary in INTERFACE else None


def survey_language(tag: str | None) -> str | None:
    """Return the tag under which survey texts are kept (BCP 47), else None.

    English is one language here, Chinese two by their script: zh_CN is zh-Hans, zh-TW is zh-Hant.
    """
    plain = (tag or "").strip().split(".")[0].replace("_", "-")
    if not _TAG.fullmatch(plain) or len(plain) > _LONGEST_TAG:
        return None
    primary, *rest = plain.split("-")
    if not localedata.exists(primary.lower()):
        return None
    parts = [primary.lower(), *map(_part, rest)]
    if parts[0] == "zh":
        is_traditional = "Hans" not in parts and _TRADITIONAL & set(parts)
        return "zh-Hant" if is_traditional else "zh-Hans"
    return "en" if parts[0] == "en" else "-".join(parts)


def _part(part: str) -> str:
    if len(part) == 4 and part.isalpha():
        return part.title()
    return part.upper() if len(part) == 2 else part.lower()


def nearest(wanted: Iterable[str | None], offered: Sequence[str]) -> str | None:
    """Return the first language that is offered, or one of the same family, else None."""
    for tag in filter(None, wanted):
        if tag in offered:
            return tag
        family = tag.split("-")[0]
        near = next((other for other in offered if other.split("-")[0] == family), None)
        if near is not None:
            return near
    return None


def frame_of(tag: str) -> str | None:
    """Return the catalogue of the words customers read round a survey in this language, or None."""
    near = nearest([tag], tuple(FRAMES))
    return FRAMES[near] if near else None


def html_language(locale: str) -> str:
    """Return the value of `lang` for a locale or tag: "zh" is the simplified script."""
    return survey_language(locale) or "en"


def language_code(tag: str) -> str:
    """Return how addresses name a language: "zh" as ever, else by its tag."""
    return "zh" if tag == "zh-Hans" else tag


def own_name(tag: str) -> str:
    """Return what a language calls itself."""
    try:
        found = Locale.parse(tag, sep="-").get_display_name()
    except ValueError:
        found = None
    return _OWN_NAMES.get(tag) or found or tag


def gap() -> str:
    """Return what stands between two sentences: a space, and in Chinese nothing."""
    return "" if str(get_locale()).startswith("zh") else " "


def first_understood(tags: Iterable[str], default: str) -> str:
    """Return the first interface language among the tags, in their order."""
    return next((found for tag in tags if (found := interface_language(tag))), default)


def choose_language(app: Flask) -> str:
    """Return this request's language: the page's own, ?lang, the browser's, then ours."""
    default = str(app.config["DEFAULT_LOCALE"])
    if not has_request_context():
        return terminal_language() or default
    # Customers' pages have settled it, among the languages their survey is asked in.
    if (settled := getattr(g, "language", None)) and (frame := frame_of(settled)):
        return frame
    chosen = interface_language(request.args.get("lang"))
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
    folder = compile_catalogues(Path(app.config["INSTANCE_PATH"]))
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
        default_translation_directories=str(compile_catalogues(Path(app.config["INSTANCE_PATH"]))),
        locale_selector=lambda: choose_language(app),
    )


def compile_catalogues(instance: Path) -> Path:
    """Return the folder of the compiled catalogues, compiling them if the words have changed."""
    sources = {"zh": CATALOGUE, **CUSTOMERS_CATALOGUES}
    words = b"".join(path.read_bytes() for path in sources.values())
    folder = instance / "cache" / f"translations-{hashlib.sha256(words).hexdigest()[:12]}"
    for locale, source in sources.items():
        target = folder / locale / "LC_MESSAGES" / "messages.mo"
        if not target.exists():
            _compile(source, locale, target)
    return folder


def _compile(source: Path, locale: str, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with source.open("rb") as file:
        catalogue = read_po(file, locale=locale)
    # Written aside and renamed, since several processes may start together.
    handle, aside = tempfile.mkstemp(dir=target.parent)
    with os.fdopen(handle, "wb") as file:
        write_mo(file, catalogue)
    Path(aside).replace(target)
