"""Which language somebody reads: tags as browsers, sources and people write them."""

import pytest

from feedback.languages import frame_of, html_language, nearest, own_name, survey_language


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("zh", "zh-Hans"), ("zh_CN", "zh-Hans"), ("zh-Hans-CN", "zh-Hans"), ("zh-SG", "zh-Hans"),
        ("zh-TW", "zh-Hant"), ("zh_hk", "zh-Hant"), ("zh-Hant", "zh-Hant"),
        ("zh-Hans-HK", "zh-Hans"),
        ("en", "en"), ("EN-gb", "en"), ("de", "de"), ("de_AT.UTF-8", "de-AT"), ("pt-br", "pt-BR"),
        ("sr-latn-rs", "sr-Latn-RS"), ("", None), (None, None), ("klingon", None), ("xx", None),
        ("中文", None), ("de" + "-abcdefgh" * 3, None),
    ],
)  # fmt: skip
def test_tags_are_kept_in_one_form(written: str | None, kept: str | None) -> None:
    assert survey_language(written) == kept


@pytest.mark.parametrize(
    ("wanted", "offered", "found"),
    [
        (["de"], ["en", "de"], "de"),
        (["de-AT"], ["en", "de"], "de"),
        (["zh-Hant"], ["en", "zh-Hans"], "zh-Hans"),
        (["zh-Hant"], ["zh-Hans", "zh-Hant"], "zh-Hant"),
        ([None, "fr", "en"], ["en", "de"], "en"),
        (["fr"], ["en"], None),
        (["fr"], [], None),
    ],
)
def test_the_first_that_is_offered_is_taken_or_its_kin(
    wanted: list[str | None], offered: list[str], found: str | None
) -> None:
    assert nearest(wanted, offered) == found


@pytest.mark.parametrize(
    ("tag", "frame"),
    [("en", "en"), ("zh-Hans", "zh"), ("zh-Hant", "zh_Hant"), ("de-CH", "de"), ("fr", None)],
)
def test_customers_are_spoken_to_only_in_languages_we_have_words_in(
    tag: str, frame: str | None
) -> None:
    assert frame_of(tag) == frame


def test_languages_are_called_as_they_call_themselves() -> None:
    names = [own_name(tag) for tag in ("en", "zh-Hans", "zh-Hant", "de", "fr")]
    assert names == ["English", "简体中文", "繁體中文", "Deutsch", "français"]
    assert (html_language("zh"), html_language("en"), html_language("de")) == (
        "zh-Hans", "en", "de",
    )  # fmt: skip
