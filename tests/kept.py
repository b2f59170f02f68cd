"""What is the same for every application a test process makes, and is therefore made once.

The product makes one application per process. The tests make thousands, and spent a third of
their time on compiling the same words, addresses and templates again.
"""

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from werkzeug.routing import Rule

from feedback.languages import compile_catalogues


class _Templates(BytecodeCache):
    """Templates as compiled before; Jinja itself sees to it that their source is unchanged."""

    def __init__(self) -> None:
        self.compiled: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if (found := self.compiled.get(bucket.key)) is not None:
            bucket.bytecode_from_string(found)

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.compiled[bucket.key] = bucket.bytecode_to_string()


def keep_templates() -> None:
    """Let all applications of this process compile each template once."""
    Flask.jinja_options = {**Flask.jinja_options, "bytecode_cache": _Templates()}


def keep_addresses() -> None:
    """Let all applications of this process write the function that builds an address once.

    That function knows only what is in the key: it asks the rule it is given for all else.
    """
    write = Rule._compile_builder
    written: dict[tuple[Any, ...], Any] = {}

    def compile_builder(rule: Rule, append_unknown: bool = True) -> Any:
        defaults = sorted((rule.defaults or {}).items())
        kinds = [(name, type(one)) for name, one in rule._converters.items()] if defaults else []
        key = (rule.rule, tuple(rule._trace), repr(defaults), tuple(kinds), append_unknown)
        if key not in written:
            written[key] = write(rule, append_unknown)
        return written[key]

    Rule._compile_builder = compile_builder  # type: ignore[method-assign]


@cache
def _words() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="afterword-words-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    compile_catalogues(folder)
    return folder / "cache"


def lend_words(instance: Path) -> None:
    """Put the compiled words into an installation that has none, as its first start would."""
    if not (instance / "cache").exists():
        shutil.copytree(_words(), instance / "cache", copy_function=shutil.copyfile)
