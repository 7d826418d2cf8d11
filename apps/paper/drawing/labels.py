"""Labels: a code, what it stands for, and nothing else; on a roll or on a sheet of 24."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import IO

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from apps.paper.drawing import ink
from apps.paper.drawing.codes import draw_code
from apps.paper.drawing.documents import begin


@dataclass(frozen=True, slots=True)
class Label:
    """One label: what is scanned, what stands large beside it, and lines below that."""

    code: str
    name: str
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Stock:
    """What labels are printed on, in points: a page and the labels on it, row by row."""

    name: Promise
    page: tuple[float, float]
    label: tuple[float, float]
    columns: int = 1
    rows: int = 1

    def places(self) -> Iterator[tuple[float, float]]:
        """Return the lower left corner of each label on a page, from the top."""
        wide, high = self.label
        left = (self.page[0] - self.columns * wide) / 2
        top = (self.page[1] + self.rows * high) / 2
        for row in range(self.rows):
            for column in range(self.columns):
                yield left + column * wide, top - (row + 1) * high


STOCKS = {
    "roll": Stock(_("Roll, 62 × 29 mm"), (62 * mm, 29 * mm), (62 * mm, 29 * mm)),
    "sheet": Stock(_("Sheet A4, 24 of 70 × 37 mm"), A4, (70 * mm, 37 * mm), 3, 8),
    "cards": Stock(_("Sheet A4, 10 large"), A4, (95 * mm, 55 * mm), 2, 5),
}
MARGIN = 3 * mm  # Printers of labels miss by a millimetre or two.
LARGE = 50 * mm  # From here on a label is a card: the code above, the words below.


def draw_labels(
    to: IO[bytes], labels: Sequence[Label], stock: Stock, *, title: str, skip: int = 0
) -> None:
    """Draw labels in order; ``skip`` are places of the first sheet that are used up."""
    canvas = begin(to, title, stock.page)
    rest = iter(labels)
    places = list(stock.places())
    batch = list(islice(rest, len(places) - skip % len(places)))
    free = places[skip % len(places) :]
    while batch:
        for place, label in zip(free, batch, strict=False):
            _draw(canvas, label, stock, place)
        canvas.showPage()
        free, batch = places, list(islice(rest, len(places)))
    canvas.save()


def _draw(canvas: Canvas, label: Label, stock: Stock, place: tuple[float, float]) -> None:
    if stock.label[1] >= LARGE:
        _draw_card(canvas, label, stock, place)
        return
    (x, y), (wide, high) = place, stock.label
    size = high - 2 * MARGIN
    draw_code(canvas, label.code, x + MARGIN, y + MARGIN, size)
    left = x + 2 * MARGIN + size
    most = wide - size - 3 * MARGIN
    name = ink.one_line(label.name)
    big = _fitting(name, most, high * 0.19)
    top = y + high - MARGIN - big * 1.05
    ink.write(canvas, left, top, name, font=ink.BOLD, size=big, most=most)
    small = 8 if high < 32 * mm else 9
    for number, line in enumerate(label.lines, start=1):
        ink.write(canvas, left, top - number * small * 1.35, line, size=small, most=most)
    ink.write(canvas, left, y + MARGIN + 0.5 * mm, label.code, size=6.5, most=most)


def _draw_card(canvas: Canvas, label: Label, stock: Stock, place: tuple[float, float]) -> None:
    (x, y), (wide, high) = place, stock.label
    canvas.setDash(1, 3)
    canvas.setLineWidth(ink.THIN)
    canvas.setStrokeColor(ink.LINE)
    canvas.rect(x, y, wide, high, stroke=1, fill=0)  # Where to cut.
    canvas.setDash()
    size, middle, most = high - 22 * mm, x + wide / 2, wide - 4 * MARGIN
    draw_code(canvas, label.code, middle - size / 2, y + high - size - 5 * mm, size)
    below = y + high - size - 12 * mm
    name = ink.one_line(label.name)
    big = _fitting(name, most, 6 * mm)
    ink.write(canvas, middle, below, name, font=ink.BOLD, size=big, most=most, align="center")
    said = " · ".join(filter(None, (*label.lines, label.code)))
    ink.write(canvas, middle, below - 5 * mm, said, size=9, most=most, align="center")


def _fitting(text: str, most: float, largest: float) -> float:
    """Return the size at which a line fits, at most ``largest`` and at least half of it."""
    wide = ink.width(text, ink.BOLD, largest) * 1.01  # Rounding would cut what fits to a hair.
    return max(largest * min(1.0, most / wide if wide else 1.0), largest * 0.5)
