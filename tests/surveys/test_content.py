"""What a draft can be turned into: questions moved, languages added, keys kept apart."""

from dataclasses import replace

import pytest

from feedback.surveys.compare import reworded_keys
from feedback.surveys.content import (
    KEY,
    Content,
    ItemContent,
    Words,
    free_key,
    moved,
    with_item,
    without,
    without_language,
)
from feedback.surveys.gaps import Gap, Upkeep, gaps_of
from feedback.surveys.length import Length, length_of
from feedback.surveys.library import TEMPLATES, names, own_question, question, template
from feedback.surveys.library import with_language as in_one_more

ALL = ["zh-Hans", "en", "zh-Hant", "de"]
ABOUT = Upkeep("To learn.", "了解。", "周明", "zhou@example.cn", 3)


def contact() -> Content:
    return template("contact", ALL)


def keys(content: Content) -> list[str]:
    return [item.key for item in content.items]


def gaps(content: Content, upkeep: Upkeep = ABOUT, reworded: set[str] | None = None) -> list[Gap]:
    return gaps_of(content, upkeep, reworded or set(), set(content.languages))


@pytest.mark.parametrize("name", TEMPLATES)
def test_what_a_survey_can_begin_with_is_complete_in_four_languages(name: str) -> None:
    content = template(name, ALL)
    assert gaps(content, replace(ABOUT, most_questions=5)) == []


@pytest.mark.parametrize("name", names())
def test_every_question_of_the_library_is_complete_in_four_languages(name: str) -> None:
    item = question(name, ALL)
    assert KEY.fullmatch(item.key)
    content = replace(contact(), items=(question("csat", ALL), replace(item, key="asked")))
    found = gaps(content, replace(ABOUT, most_questions=9))
    assert [gap for gap in found if gap.rule != "figure_twice"] == []


def test_the_library_has_what_the_founding_articles_ask_for() -> None:
    asked_for = (
        "csat csat_gov nps ces resolved expect reasons text end peak repurchase speed understood"
        " manner useful callback"
    )
    assert set(asked_for.split()) <= set(names())
    phone = template("phone", ["en"])
    assert [key for key in keys(phone) if key.startswith("phone_")] == [
        "phone_answered", "phone_voice", "phone_settled", "phone_short",
    ]  # fmt: skip


def test_questions_move_and_stay_whole() -> None:
    content = contact()
    assert keys(moved(content, 1, -1)) == ["nps", "csat", "reasons", "comment"]
    assert moved(moved(content, 1, -1), 0, 1) == content
    assert moved(content, 0, -1) == content
    assert moved(content, 3, 1) == content


def test_a_rule_goes_with_the_question_it_names() -> None:
    content = contact()
    ruled = replace(content.items[3], after_key="csat", after_side="low")
    content = replace(content, items=(*content.items[:3], ruled))
    assert moved(content, 3, -1).item("comment").after_key == "csat"
    assert without(content, 0).item("comment").after_key is None
    first = replace(content, items=(content.items[3], *content.items[:3]))
    assert moved(first, 1, 1).item("comment").after_key is None


def test_the_same_question_twice_has_two_keys() -> None:
    content = with_item(with_item(contact(), question("text", ALL)), question("text", ALL))
    assert keys(content)[3:] == ["comment", "comment_2", "comment_3"]
    assert free_key("csat_2", {"csat", "csat_2"}) == "csat_3"
    assert KEY.fullmatch(free_key("x" * 40, {"x" * 40}))


def test_a_language_more_is_filled_from_the_library_and_named_where_it_is_not() -> None:
    content = template("contact", ["en"])
    own = replace(own_question("choice", ["en"]), texts={"en": Words("Which shop?")})
    german = in_one_more(replace(content, items=(*content.items, own)), "de")
    assert german.titles["de"] == "Wie war es?"
    assert german.items[0].texts["de"].prompt == "Wie zufrieden sind Sie mit diesem Service?"
    assert german.items[0].options[0].labels["de"] == "Sehr zufrieden"
    assert Gap("prompt", item="own_choice", language="de") in gaps(german)
    assert Gap("prompt", item="csat", language="de") not in gaps(german)
    assert without_language(german, "de").languages == ("en",)
    assert without_language(german, "de").items[0] == content.items[0]


def test_every_gap_is_named_by_its_place() -> None:
    content = contact()
    csat = content.items[0]
    label = replace(csat.options[0], labels={**csat.options[0].labels, "de": ""})
    csat = replace(csat, options=(label, *csat.options[1:]))
    nps = content.items[1]
    nps = replace(nps, texts={**nps.texts, "zh-Hant": replace(nps.texts["zh-Hant"], low_label="")})
    broken = replace(
        content, titles={**content.titles, "en": ""}, items=(csat, nps, *content.items[2:])
    )
    assert gaps(broken, Upkeep()) == [
        Gap("purpose"),
        Gap("owner"),
        Gap("title", language="en"),
        Gap("label", item="csat", option="5", language="de"),
        Gap("low_label", item="nps", language="zh-Hant"),
    ]


def test_a_language_we_do_not_speak_is_no_language_of_a_survey() -> None:
    french = in_one_more(contact(), "fr")
    assert Gap("frame", language="fr") in gaps_of(french, ABOUT, set(), set(ALL))


def test_more_questions_than_were_promised_are_not_published() -> None:
    content = with_item(contact(), question("resolved", ALL))
    assert gaps(content) == [Gap("too_many")]
    assert gaps(content, replace(ABOUT, most_questions=4)) == []


def test_a_figure_is_asked_once_and_something_stands_in_the_mail() -> None:
    twice = with_item(contact(), question("csat_gov", ALL))
    assert Gap("figure_twice", item="csat") in gaps(twice)
    assert Gap("leading") in gaps(replace(contact(), items=(question("text", ALL),)))


def item(kind: str, *, after: str = "", required: bool = False) -> ItemContent:
    key, _, side = after.partition(":")
    return ItemContent("x", kind, required, after_key=key or None, after_side=side or None)


@pytest.mark.parametrize(
    ("items", "length"),
    [
        ([item("csat"), item("nps"), item("choices"), item("text")], Length(3, 30, True)),
        ([item("csat")], Length(1, 10, False)),
        ([item("csat"), item("text", required=True)], Length(2, 40, False)),
        # Nobody sees both sides; the longer one counts.
        (
            [item("csat"), item("choice", after="csat:low"), item("rating", after="csat:low"),
             item("choice", after="csat:high")],
            Length(3, 30, False),
        ),
        # Sides of two different questions can both be seen.
        (
            [item("csat"), item("nps"), item("choice", after="csat:low"),
             item("choice", after="nps:high")],
            Length(4, 40, False),
        ),
    ],
)  # fmt: skip
def test_how_long_it_takes_is_counted_by_one_rule(items: list[ItemContent], length: Length) -> None:
    assert length_of(items) == length


def test_other_words_or_another_scale_under_one_key_are_found() -> None:
    before = contact()
    csat = before.items[0]
    worded = replace(csat, texts={**csat.texts, "en": Words("How happy are you?")})
    scaled = replace(csat, options=csat.options[1:])
    relabelled = replace(
        csat, options=(replace(csat.options[0], labels={"en": "Superb"}), *csat.options[1:])
    )
    for changed in (worded, scaled, relabelled, replace(csat, kind="rating")):
        after = replace(before, items=(changed, *before.items[1:]))
        assert reworded_keys(before, after) == {"csat"}
    spaced = replace(csat, texts={**csat.texts, "en": Words("  How satisfied are you with this "
                                                            "service? ")})  # fmt: skip
    assert reworded_keys(before, replace(before, items=(spaced, *before.items[1:]))) == set()
    assert reworded_keys(template("contact", ["en"]), before) == set()
    renamed = replace(worded, key="csat_2")
    assert reworded_keys(before, replace(before, items=(renamed, *before.items[1:]))) == set()
