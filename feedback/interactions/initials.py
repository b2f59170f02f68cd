"""The initials of a Chinese name in pinyin, as somebody types them to find a colleague."""

# The 3,755 commonest characters stand in GB 2312 in the order of their pinyin; from each of these
# on, the next letter begins. No syllable begins with i, u or v.
_BEGINS = tuple(
    zip("啊芭擦搭蛾发噶哈击喀垃妈拿哦啪期然撒塌挖昔压匝", "abcdefghjklmnopqrstwxyz", strict=True)
)
_FROM = tuple((character.encode("gb2312"), letter) for character, letter in _BEGINS)
_LAST = "座".encode("gb2312")


def initials(name: str) -> str:
    """Return a small letter for each Chinese character, and Latin letters as they are.

    A character that is read in two ways gets one of them, and a rare one none.
    """
    return "".join(_initial(character) for character in name)


def _initial(character: str) -> str:
    if character.isascii():
        return character.lower() if character.isalpha() else ""
    try:
        code = character.encode("gb2312")
    except UnicodeEncodeError:
        return ""
    if not _FROM[0][0] <= code <= _LAST:
        return ""
    return next((letter for begin, letter in reversed(_FROM) if begin <= code), "")
