"""Colours that can be read: contrast as WCAG 2.2 defines it, and what follows for a brand colour.

Colours are written `#rrggbb`, in either case. Ratios go from 1 (the same) to 21 (black on white).
Source: WCAG 2.2, success criterion 1.4.3 (4.5:1 for text, 3:1 for large text and for controls, 1.4.11)
and its definitions of relative luminance and contrast ratio.
"""

import re

BLACK = "#000000"
WHITE = "#ffffff"
TEXT_CONTRAST = 4.5
_FORM = re.compile(r"#[0-9a-fA-F]{6}\Z")
# Fine enough that the step can't be seen, coarse enough to end quickly.
_STEPS = 100


def _channels(color: str) -> tuple[int, int, int]:
    if not _FORM.match(color):
        raise ValueError(f"{color!r} is not a colour of the form #rrggbb")
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)


def _linear(channel: int) -> float:
    share = channel / 255
    return share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4


def luminance(color: str) -> float:
    """Relative luminance, 0 (black) to 1 (white). Raises ValueError unless written `#rrggbb`."""
    red, green, blue = (_linear(channel) for channel in _channels(color))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours, 1 to 21."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def readable_on(background: str) -> str:
    """White or black, as text on this background: at least 4.5:1 whatever the colour.

    White where it suffices, because a coloured bar looks right with it; black elsewhere.
    """
    return WHITE if contrast(WHITE, background) >= TEXT_CONTRAST else BLACK


def mix(color: str, towards: str, share: float) -> str:
    """The colour with `share` (0 to 1) of another mixed in."""
    pairs = zip(_channels(color), _channels(towards), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def readable_text(color: str, *, on: str = WHITE, ratio: float = TEXT_CONTRAST) -> str:
    """The colour itself, darkened or lightened no more than it takes to be read on `on`.

    `ratio` up to 4.5 can be reached on every background; where more is asked than black or white give,
    the better of the two is the answer.
    """
    end = BLACK if contrast(BLACK, on) >= contrast(WHITE, on) else WHITE
    for step in range(_STEPS + 1):
        candidate = mix(color, end, step / _STEPS)
        if contrast(candidate, on) >= ratio:
            return candidate
    return end
