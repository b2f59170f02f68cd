"""Makes one pattern of each kind of alarm from rules written down line by line."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

# So many characters before a word may deny it.
_BEFORE = 32


@dataclass(frozen=True)
class Rules:
    """The alarms of one language by their kinds, and what takes a word back when before it."""

    found: Mapping[str, re.Pattern[str]]
    denied: re.Pattern[str]
    deniable: frozenset[str]

    @classmethod
    def of(
        cls,
        rules: Mapping[str, str],
        *,
        parts: Mapping[str, str],
        denied: str,
        deniable: frozenset[str],
        spaced: bool,
    ) -> "Rules":
        """Return the rules; in them line breaks and margins count for nothing.

        `parts` are put in where a rule names them. Of the kinds in `deniable` a denial right
        before the words takes them back; in the others it is part of what is said. `spaced`
        tells whether the language puts blanks between words, so that only whole ones are meant.
        """
        around = r"(?<![a-z0-9])(?:{})(?![a-z0-9])" if spaced else "{}"
        found = {}
        for kind, text in rules.items():
            rule = _joined(text)
            for name, part in parts.items():
                rule = rule.replace(name, _joined(part))
            found[kind] = re.compile(around.replace("{}", rule))
        return cls(found, re.compile(_joined(denied)), deniable)

    def words(self, text: str, kind: str) -> Iterator[str]:
        """Yield the words of a folded text that are an alarm of this kind."""
        pattern = self.found.get(kind)
        if pattern is None:
            return
        for match in pattern.finditer(text):
            before = text[max(0, match.start() - _BEFORE) : match.start()]
            if kind not in self.deniable or self.denied.search(before) is None:
                yield " ".join(match.group().split())


def _joined(text: str) -> str:
    return "".join(line.strip() for line in text.splitlines())
