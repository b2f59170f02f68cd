"""Hides identity and bank card numbers in what people write, before it is stored.

The page asks not to write them; some people do all the same. A number is hidden when its own check
digit holds, so that order numbers and telephone numbers stay as they are (nine in ten of the long
ones, too). Grouped numbers are found with their spaces, hyphens or dots. Of a card the last four
digits stay, by which its owner knows it; of an identity number nothing does.
"""

import re
from collections.abc import Iterator

# Full-width digits are what a Chinese keyboard writes by default in some programs.
_DIGIT = "[0-9０-９]"
_RUN = re.compile(rf"(?<!{_DIGIT}){_DIGIT}(?:[ \u00a0\u3000\-‐‑–—－.·]?{_DIGIT})+[xXｘＸ]?")
_GROUP = re.compile(rf"{_DIGIT}+[xXｘＸ]?")
_PLAIN = str.maketrans("０１２３４５６７８９ｘＸx", "0123456789XXX")
_SHORTEST, _LONGEST = 16, 19
# People write a card or an identity number in groups of three to eight; a date or a telephone
# number beside another number is none of its groups.
_LONGEST_GROUP = 8

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"


def mask_numbers(text: str) -> str:
    """Return the text with identity and card numbers hidden; everything else stays in its place."""
    return _RUN.sub(lambda run: _mask_run(run.group()), text)


def is_identity_number(digits: str) -> bool:
    """Tell whether these are 18 characters of GB 11643 whose check character holds."""
    if not re.fullmatch(r"[0-9]{17}[0-9X]", digits):
        return False
    total = sum(int(digit) * weight for digit, weight in zip(digits, _WEIGHTS, strict=False))
    return _CHECKS[total % 11] == digits[-1]


def is_card_number(digits: str) -> bool:
    """Tell whether these are 16 to 19 digits whose sum by Luhn's rule ends in nought."""
    if not re.fullmatch(rf"[0-9]{{{_SHORTEST},{_LONGEST}}}", digits):
        return False
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def _mask_run(run: str) -> str:
    groups = [match.span() for match in _GROUP.finditer(run)]
    written, done = [], 0
    first = 0
    while first < len(groups):
        for last in _ends(groups, first):
            start, end = groups[first][0], groups[last][1]
            hidden = _hidden(run[start:end])
            if hidden is not None:
                written += [run[done:start], hidden]
                done, first = end, last
                break
        first += 1
    return "".join([*written, run[done:]])


def _ends(groups: list[tuple[int, int]], first: int) -> Iterator[int]:
    """Yield the last groups of what may be one number, the longest first."""
    found, length = [], 0
    for last in range(first, len(groups)):
        start, end = groups[last]
        length += end - start
        if length > _LONGEST or (last > first and end - start > _LONGEST_GROUP):
            break
        if last > first and groups[first][1] - groups[first][0] >= _LONGEST_GROUP:
            break
        if length >= _SHORTEST:
            found.append(last)
    yield from reversed(found)


def _hidden(written: str) -> str | None:
    plain = "".join(_GROUP.findall(written)).translate(_PLAIN)
    if is_identity_number(plain):
        return _stars(written, keep=0)
    # An X behind a card number is no part of it.
    tail = written[-1] if plain.endswith("X") else ""
    if is_card_number(plain.removesuffix("X")):
        return _stars(written.removesuffix(tail) if tail else written, keep=4) + tail
    return None


def _stars(written: str, keep: int) -> str:
    """Return the same with its digits starred but for the last few, spaces and hyphens as given."""
    left = sum(character.isalnum() for character in written) - keep
    shown = []
    for character in written:
        if character.isalnum():
            shown.append("*" if left > 0 else character)
            left -= 1
        else:
            shown.append(character)
    return "".join(shown)
