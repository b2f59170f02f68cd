"""A brand's colour where it is used: whether it can be read there, and the nearest that can.

Contrast is that of WCAG 2.2 (relative luminance); nearness is measured in Oklab, in which equal
steps look equal (B. Ottosson, "A perceptual color space for image processing", 2020).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import atan2, cos, hypot, sin

# What WCAG asks of text of ordinary size (1.4.3, level AA).
ENOUGH = 4.5
# The grounds on customers' pages and in mails, as in static/survey.css and mail/frame.html.
LIGHT_GROUNDS = ("#faf8f4", "#fffefb", "#f2efe8")
DARK_GROUNDS = ("#111718", "#182021", "#1f2829")
# What stands on a button of the colour.
_ON_DEEP, _ON_PALE = "#ffffff", "#0a2224"

_HEX = re.compile(r"#?([0-9a-f]{3}|[0-9a-f]{6})", re.IGNORECASE | re.ASCII)
_STEPS = 250
_HOVER = 0.08
_TINT = 0.14


@dataclass(frozen=True)
class Palette:
    """The colours made of one, by day and by night."""

    accent: str
    strong: str
    soft: str
    on: str
    dark_accent: str
    dark_strong: str
    dark_soft: str
    dark_on: str


# The house's own, as in static/survey.css.
HOUSE = Palette(
    "#0d5c63", "#08434a", "#e0ecea", "#ffffff", "#7cc9c2", "#a5ded8", "#1d3637", "#0a2224"
)


def read_colour(text: str) -> str:
    """Return a colour as #rrggbb; takes #abc and leaves the # out of nobody's way.

    Raises ValueError for what is none.
    """
    match = _HEX.fullmatch(text.strip())
    if match is None:
        raise ValueError(text)
    digits = match[1].lower()
    return f"#{digits}" if len(digits) == 6 else "#" + "".join(2 * digit for digit in digits)


def luminance(colour: str) -> float:
    """Return the relative luminance of #rrggbb, 0 for black to 1 for white."""
    red, green, blue = _linear(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours, 1 where they are as light as each other, at most 21."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def worst_contrast(colour: str, grounds: Sequence[str]) -> float:
    """Return the contrast of a colour with the ground it is worst read on."""
    return min(contrast(colour, ground) for ground in grounds)


def is_readable(colour: str) -> bool:
    """Tell whether the colour can be read on every light ground, and white on it."""
    return worst_contrast(colour, (*LIGHT_GROUNDS, _ON_DEEP)) >= ENOUGH


def nearest_readable(colour: str, grounds: Sequence[str] = LIGHT_GROUNDS) -> str:
    """Return the colour itself if it can be read on the grounds, else the nearest of its hue.

    Only its lightness changes, and how strong it is as far as the screen cannot show it so.
    """
    if worst_contrast(colour, grounds) >= ENOUGH:
        return colour
    lightness, chroma, hue = _to_lch(colour)
    # Text grows more readable away from its grounds: darker on light ones, lighter on dark ones.
    end = 0.0 if luminance(grounds[0]) > 0.5 else 1.0
    for step in range(1, _STEPS + 1):
        found = _from_lch(lightness + (end - lightness) * step / _STEPS, chroma, hue)
        if worst_contrast(found, grounds) >= ENOUGH:
            return found
    raise AssertionError(colour)


@lru_cache(maxsize=256)
def palette_of(accent: str) -> Palette:
    """Return the colours made of one that can be read by day; those of the night are near it."""
    dark_accent = nearest_readable(accent, DARK_GROUNDS)
    return Palette(
        accent=accent,
        strong=_lighter(accent, -_HOVER),
        soft=_tint(accent, LIGHT_GROUNDS[1]),
        on=_ON_DEEP,
        dark_accent=dark_accent,
        dark_strong=_lighter(dark_accent, _HOVER),
        dark_soft=_tint(dark_accent, DARK_GROUNDS[1]),
        dark_on=_ON_PALE,
    )


def stylesheet(palette: Palette) -> str:
    """Return the style sheet that puts the colours in the place of the house's."""
    light = _tokens(palette.accent, palette.strong, palette.soft, palette.on)
    dark = _tokens(palette.dark_accent, palette.dark_strong, palette.dark_soft, palette.dark_on)
    return f":root {{ {light} }}\n@media (prefers-color-scheme: dark) {{ :root {{ {dark} }} }}\n"


def _tokens(accent: str, strong: str, soft: str, on: str) -> str:
    tokens = {"accent": accent, "accent-strong": strong, "accent-soft": soft, "on-accent": on}
    return " ".join(f"--{name}: {colour};" for name, colour in tokens.items())


def _tint(colour: str, ground: str) -> str:
    """Return the ground with as much of the colour in it as leaves the colour readable there."""
    for hundredths in range(round(100 * _TINT), 0, -1):
        tint = _mix(colour, ground, hundredths / 100)
        if contrast(colour, tint) >= ENOUGH:
            return tint
    return ground


def _lighter(colour: str, by: float) -> str:
    lightness, chroma, hue = _to_lch(colour)
    return _from_lch(min(1.0, max(0.0, lightness + by)), chroma, hue)


def _mix(colour: str, ground: str, share: float) -> str:
    pairs = zip(_parts(colour), _parts(ground), strict=True)
    return _hex([round(255 * (share * c + (1 - share) * g)) for c, g in pairs])


def _parts(colour: str) -> list[float]:
    return [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]


def _hex(parts: Sequence[int]) -> str:
    return "#" + "".join(f"{min(255, max(0, part)):02x}" for part in parts)


def _linear(colour: str) -> list[float]:
    return [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in _parts(colour)]


def _to_lch(colour: str) -> tuple[float, float, float]:
    """Return lightness, chroma and hue in Oklab."""
    red, green, blue = _linear(colour)
    long = (0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue) ** (1 / 3)
    middle = (0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue) ** (1 / 3)
    short = (0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue) ** (1 / 3)
    lightness = 0.2104542553 * long + 0.7936177850 * middle - 0.0040720468 * short
    a = 1.9779984951 * long - 2.4285922050 * middle + 0.4505937099 * short
    b = 0.0259040371 * long + 0.7827717662 * middle - 0.8086757660 * short
    return lightness, hypot(a, b), atan2(b, a)


def _from_lch(lightness: float, chroma: float, hue: float) -> str:
    """Return the colour, its chroma lowered as far as the screen cannot show it."""
    linear, low, high = _to_linear(lightness, chroma, hue), 0.0, chroma
    for _ in range(10 if _is_beyond(linear) else 0):
        middle = (low + high) / 2
        if _is_beyond(_to_linear(lightness, middle, hue)):
            high = middle
        else:
            low, linear = middle, _to_linear(lightness, middle, hue)
    clipped = (min(1.0, max(0.0, value)) for value in linear)
    return _hex(
        [
            round(255 * (12.92 * v if v <= 0.0031308 else 1.055 * v ** (1 / 2.4) - 0.055))
            for v in clipped
        ]
    )


def _is_beyond(linear: Sequence[float]) -> bool:
    # A rounding error beyond the edge is no colour beyond the edge.
    return not all(-0.0005 <= value <= 1.0005 for value in linear)


def _to_linear(lightness: float, chroma: float, hue: float) -> list[float]:
    a, b = chroma * cos(hue), chroma * sin(hue)
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    middle = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return [
        4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short,
    ]
