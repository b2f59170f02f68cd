"""How sentences are put together on a page, in either language."""

from collections.abc import Callable

import pytest
from flask import Flask, render_template_string
from flask_babel import force_locale


@pytest.fixture
def written(app: Flask) -> Callable[..., str]:
    def write(template: str, locale: str = "en", **values: object) -> str:
        with app.test_request_context(), force_locale(locale):
            return render_template_string(template, **values)

    return write


@pytest.mark.parametrize(("locale", "between"), [("en", " "), ("zh", "")])
def test_chinese_sentences_follow_each_other_without_a_space(
    written: Callable[..., str], locale: str, between: str
) -> None:
    assert written("{{ gap() }}", locale) == between


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("11 of 32: 32 % (31–32 %)", ["32 %", "(31–32 %)"]),
        ("其中 11 次得到答复：32%（31–32%）", ["32%", "（31–32%）"]),
        ("between 78.5–99.9 %, or none", ["78.5–99.9 %"]),
        ("+24, −3 to +51", []),
    ],
)
def test_a_percentage_stays_on_one_line(
    written: Callable[..., str], said: str, kept: list[str]
) -> None:
    page = written("{{ said | unbroken }}", said=said)
    parts = page.split('<span class="nowrap">')[1:]
    assert [part.split("</span>")[0] for part in parts] == kept
    assert page.replace('<span class="nowrap">', "").replace("</span>", "") == said


def test_what_is_kept_on_one_line_is_escaped(written: Callable[..., str]) -> None:
    page = written("{{ said | unbroken }}", said="<b>5 %</b>")
    assert page == '&lt;b&gt;<span class="nowrap">5 %</span>&lt;/b&gt;'
