"""What the editor calls kinds, gaps and library questions."""

from flask_babel import gettext as _

from feedback.languages import own_name
from feedback.surveys.content import Content
from feedback.surveys.gaps import Gap
from feedback.surveys.length import length_of
from feedback.surveys.library import question


def kind_words(kind: str) -> str:
    """Return the name of a kind of question."""
    names = {
        "csat": _("Satisfaction, 1 to 5 (CSAT)"),
        "nps": _("Recommendation, 0 to 10 (NPS)"),
        "ces": _("Ease, 1 to 7 (CES)"),
        "expect": _("Compared with expectation, −2 to +2"),
        "rating": _("Five steps, in no figure"),
        "resolved": _("Settled or not"),
        "choice": _("One answer of several"),
        "choices": _("Any answers of several"),
        "text": _("In one’s own words"),
    }
    return str(names[kind])


def template_words(name: str) -> str:
    """Return what a new survey can begin with."""
    names = {
        "short": _("One score and a comment"),
        "contact": _("After any contact: score, recommendation, reasons, comment"),
        "phone": _("After a phone call: answered soon, pleasant voice, solved at once, kept short"),
    }
    return str(names[name])


def library_words(name: str, locale: str) -> str:
    """Return a question of the library as the editor lists it."""
    tag = "zh-Hans" if locale.startswith("zh") else "en"
    found = question(name, [tag])
    return f"{name} · {found.texts[tag].prompt}"


def gap_words(gap: Gap, content: Content, locale: str) -> str:
    """Return what is missing, and where, as a sentence."""
    rules = {
        "purpose": _("The purpose: what its answers are for."),
        "owner": _("An owner: who answers for it."),
        "language": _("A language."),
        "frame": _("The words round the questions, such as “Send”, do not exist in it yet."),
        "title": _("The title is missing."),
        "leading": _(
            "A question about satisfaction, ease or recommendation: its answers stand in the mail."
        ),
        "figure_twice": _("It is asked twice, and there is one figure of it."),
        "options": _("At least two answers are needed."),
        "prompt": _("The question is missing."),
        "low_label": _("The words for the low end are missing."),
        "high_label": _("The words for the high end are missing."),
        "label": _("The words of the answer are missing."),
        "comparable": _("Say whether its answers stay comparable: its words are others now."),
        "too_many": _(
            "It asks %(count)s questions, more than its promise allows.",
            count=length_of(content.items).questions,
        ),
    }
    where = [own_name(gap.language)] if gap.language else []
    if gap.item:
        where.append(_item_name(gap, content, locale))
    if gap.option:
        where.append(gap.option)
    return " · ".join([*where, str(rules[gap.rule])])


def _item_name(gap: Gap, content: Content, locale: str) -> str:
    item = content.item(gap.item)
    if item is None:
        return gap.item
    tag = "zh-Hans" if locale.startswith("zh") else "en"
    own = [words.prompt for at, words in item.texts.items() if at == tag and words.prompt]
    return own[0] if own else gap.item
