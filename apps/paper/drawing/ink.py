"""Fonts, greys and lines of text: what everything on paper is drawn with."""

import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache
from itertools import groupby
from pathlib import Path
from xml.sax.saxutils import escape

from reportlab import rl_config
from reportlab.lib.colors import Color
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph

FONTS = Path(__file__).parents[1] / "fonts"
PLAIN, BOLD, SIGNS = "NotoSans", "NotoSans-Bold", "DejaVuSans-Symbols"
FILES = {PLAIN: "NotoSans-Regular.ttf", BOLD: "NotoSans-Bold.ttf", SIGNS: f"{SIGNS}.ttf"}
UNKNOWN = "□"  # In place of a letter that no font of ours has.
ELLIPSIS = "…"

BLACK = Color(0, 0, 0)
WHITE = Color(1, 1, 1)
MUTED = Color(0.33, 0.33, 0.33)  # 7:1 on white: what a copier still sees.
LINE = Color(0.45, 0.45, 0.45)
HAIR = Color(0.75, 0.75, 0.75)
SHADE = Color(0.94, 0.94, 0.94)
WATER = Color(0.9, 0.9, 0.9)
THIN, STRONG = 0.25 * mm, 0.5 * mm


@cache
def load() -> dict[str, frozenset[int]]:
    """Register the fonts, once a process; return which letters each has."""
    letters = {}
    rl_config.useA85 = 0  # Binary is what every reader takes, and a fifth smaller.
    for name, file in FILES.items():
        font = TTFont(name, str(FONTS / file))
        pdfmetrics.registerFont(font)
        letters[name] = frozenset(font.face.charToGlyph)
    return letters


def clean(text: object) -> str:
    """Return text as it can be drawn: composed, lines kept, nothing unseen."""
    composed = unicodedata.normalize("NFC", str(text).replace("\r\n", "\n").replace("\t", "    "))
    return "".join(each for each in composed if each == "\n" or _is_seen(each))


def one_line(text: object) -> str:
    """Return text on one line."""
    return " ".join(clean(text).split())


def _is_seen(char: str) -> bool:
    # Control and format characters, surrogates, and marks that would stand on a letter of their own
    # such as the selectors of emoji.
    kind = unicodedata.category(char)
    return kind not in {"Cc", "Cf", "Cs"} and not "\ufe00" <= char <= "\ufe0f"


@cache
def _has(font: str) -> frozenset[str]:
    """Return what a font of words draws; the end of a line is drawn by none."""
    return frozenset(map(chr, load()[font])) | {"\n"}


@cache
def _known(font: str) -> frozenset[str]:
    """Return what is drawn with it, or else with signs."""
    return _has(font) | frozenset(map(chr, load()[SIGNS]))


def runs(text: str, font: str) -> Iterator[tuple[str, str]]:
    """Split text by the font that has its letters; what none has becomes UNKNOWN."""
    known = _known(font)
    shown = text if known.issuperset(text) else "".join(c if c in known else UNKNOWN for c in text)
    if _has(font).issuperset(shown):
        yield font, shown
        return
    for has_it, chars in groupby(shown, key=_has(font).__contains__):
        yield font if has_it else SIGNS, "".join(chars)


def width(text: str, font: str, size: float) -> float:
    """Return how wide a line is, in points."""
    return sum(pdfmetrics.stringWidth(part, name, size) for name, part in runs(text, font))


def cut(text: str, font: str, size: float, most: float) -> str:
    """Return as much of a line as fits."""
    if width(text, font, size) <= most:
        return text
    low, high = 0, min(len(text), 400)
    while low < high:
        middle = (low + high + 1) // 2
        fits = width(f"{text[:middle].rstrip()}{ELLIPSIS}", font, size) <= most
        low, high = (middle, high) if fits else (low, middle - 1)
    return f"{text[:low].rstrip()}{ELLIPSIS}"


def write(  # noqa: PLR0913 - where, what and how
    canvas: Canvas,
    x: float,
    y: float,
    text: object,
    *,
    font: str = PLAIN,
    size: float = 9,
    most: float | None = None,
    align: str = "left",
    color: Color = BLACK,
) -> float:
    """Write one line with its baseline at ``y``, cut to ``most``; return its width."""
    line = one_line(text)
    if most is not None:
        line = cut(line, font, size, most)
    long = width(line, font, size)
    place = x - {"left": 0.0, "center": long / 2, "right": long}[align]
    pen = canvas.beginText(place, y)
    pen.setFillColor(color)
    for name, part in runs(line, font):
        pen.setFont(name, size)
        pen.textOut(part)
    canvas.drawText(pen)
    return long


def paragraph(
    text: object, *, size: float = 9, font: str = PLAIN, color: Color = BLACK, most: int = 8_000
) -> Paragraph:
    """Return text that wraps; lines that were typed stay, and what is over ``most`` is left out."""
    shown = clean(text).strip()
    if len(shown) > most:
        shown = f"{shown[:most].rstrip()} {ELLIPSIS}"
    marked = "".join(
        escape(part) if name == font else f'<font name="{name}">{escape(part)}</font>'
        for name, part in runs(shown, font)
    )
    return Paragraph(marked.replace("\n", "<br/>"), _style(font, size, color))


@lru_cache(maxsize=32)
def _style(font: str, size: float, color: Color) -> ParagraphStyle:
    return ParagraphStyle(
        "text",
        fontName=font,
        fontSize=size,
        leading=round(size * 1.35, 2),
        textColor=color,
        splitLongWords=1,
        allowWidows=0,
        allowOrphans=0,
    )
