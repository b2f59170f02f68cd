"""One spelling of everything, in time that grows with the text and no faster."""

import pytest

from feedback.triage.fold import fold


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("ＳＵＥ １２３１５！", "sue 12315!"), ("投訴", "投诉"), ("律師、媒體", "律师、媒体"),
        ("Café", "cafe"), ("Cafe\u0301", "cafe"), ("don’t", "don't"), ("ﬁre", "fire"),
        ("投\u200b诉\u202e\ufeff", "投诉"), ("a\x00b", "a b"), ("a\r\nb", "a\n\nb"),
        ("\ud83d投\udc00", "投"), ("STRASSE straße", "strasse strasse"), ("", ""),
    ],
)  # fmt: skip
def test_different_spellings_become_one(written: str, folded: str) -> None:
    assert fold(written) == folded


def test_folding_again_changes_nothing() -> None:
    text = "".join(map(chr, range(0x3400))) + "ﷺ㍿①ﬃ" + "\ud800"
    assert fold(fold(text)) == fold(text)


def test_a_pile_of_accents_is_only_left_out() -> None:
    # Normalising this as a whole takes time with the square of its length.
    assert fold("a" + "\u0301\u0316" * 300_000) == "a"
