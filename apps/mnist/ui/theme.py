"""The colours of the window. Blue and orange are told apart with every kind of colour vision (Okabe and Ito, 2008);
every text has a contrast of at least 4.5 to what lies under it, which a test holds the themes to."""

from __future__ import annotations

from dataclasses import dataclass

Colour = tuple[int, int, int]


@dataclass(frozen=True)
class Theme:
    """background: of the window; panel: of its parts. muted: for what is said in passing. border: lines.
    bar: probabilities and activations; winner: the answer; negative: what speaks against.
    guess: what is not settled yet. ok, warning, error: messages.
    paper, ink: of the canvas; grid: its lines.
    """

    name: str
    background: Colour
    panel: Colour
    text: Colour
    muted: Colour
    border: Colour
    bar: Colour
    winner: Colour
    negative: Colour
    guess: Colour
    ok: Colour
    warning: Colour
    error: Colour
    paper: Colour
    ink: Colour
    grid: Colour


DARK = Theme(
    name="dark",
    background=(18, 21, 26),
    panel=(28, 33, 40),
    text=(232, 236, 241),
    muted=(167, 177, 189),
    border=(107, 118, 131),
    bar=(86, 180, 233),
    winner=(230, 159, 0),
    negative=(255, 138, 91),
    guess=(150, 158, 168),
    ok=(45, 199, 154),
    warning=(255, 138, 91),
    error=(255, 112, 112),
    paper=(0, 0, 0),
    ink=(255, 255, 255),
    grid=(44, 50, 58),
)
LIGHT = Theme(
    name="light",
    background=(240, 242, 245),
    panel=(255, 255, 255),
    text=(24, 28, 34),
    muted=(84, 93, 104),
    border=(130, 138, 148),
    bar=(0, 104, 164),
    winner=(158, 92, 0),
    negative=(190, 66, 14),
    guess=(100, 108, 118),
    ok=(0, 112, 80),
    warning=(166, 64, 10),
    error=(184, 20, 32),
    paper=(255, 255, 255),
    ink=(0, 0, 0),
    grid=(222, 226, 231),
)


def mixed(start: Colour, end: Colour, share: float) -> Colour:
    """The colour that lies this share of the way from one to the other.

    >>> mixed((0, 0, 0), (255, 100, 0), 0.5)
    (128, 50, 0)
    """
    r, g, b = (round(a + share * (z - a)) for a, z in zip(start, end, strict=True))
    return r, g, b


def contrast(a: Colour, b: Colour) -> float:
    """The contrast ratio of two colours, 1 to 21. Source: WCAG 2.2, "relative luminance".

    >>> round(contrast((0, 0, 0), (255, 255, 255)))
    21
    """
    light, dark = sorted((_luminance(a), _luminance(b)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: Colour) -> float:
    r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (n / 255 for n in colour))
    return 0.2126 * r + 0.7152 * g + 0.0722 * b
