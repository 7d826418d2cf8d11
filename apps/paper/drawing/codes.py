"""QR codes: what a scanner or a camera reads back from paper."""

from functools import lru_cache

import segno
from reportlab.pdfgen.canvas import Canvas

from apps.paper.drawing.ink import BLACK, WHITE

QUIET = 2  # Modules of white around a code, over whatever is there; readers want four of paper.


def job_code(number: str) -> str:
    """Return what a job's code says."""
    return number


def step_code(step_id: int) -> str:
    """Return what a step's code says."""
    return f"S-{step_id}"


def machine_code(code: str) -> str:
    """Return what a machine's code says."""
    return f"M-{code}"


def badge_code(badge: str) -> str:
    """Return what a badge's code says."""
    return f"U-{badge}"


def action_code(name: str) -> str:
    """Return what an action's code says."""
    return f"A-{name}"


@lru_cache(maxsize=256)
def _rows(text: str) -> tuple[tuple[tuple[int, int], ...], ...]:
    """Return each row's dark stretches, as (first, length)."""
    # Level M: a fingerprint of oil over 15 % of it is read through.
    matrix = segno.make(text, error="m", micro=False, boost_error=True).matrix
    return tuple(tuple(_stretches(row)) for row in matrix)


def _stretches(row: bytearray) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for place, dark in enumerate(row):
        if dark and found and sum(found[-1]) == place:
            found[-1] = (found[-1][0], found[-1][1] + 1)
        elif dark:
            found.append((place, 1))
    return found


def draw_code(canvas: Canvas, text: str, x: float, y: float, size: float) -> None:
    """Fill a square with a code, from its lower left corner; white around it is the caller's."""
    rows = _rows(text)
    module = size / len(rows)
    quiet = QUIET * module
    canvas.setFillColor(WHITE)
    canvas.rect(x - quiet, y - quiet, size + 2 * quiet, size + 2 * quiet, stroke=0, fill=1)
    canvas.saveState()
    canvas.translate(x, y + size)
    canvas.scale(module, -module)  # Whole numbers from here on: shorter, and sooner written.
    path = canvas.beginPath()
    for number, row in enumerate(rows):
        for first, length in row:
            path.rect(first, number, length, 1)
    canvas.setFillColor(BLACK)
    canvas.drawPath(path, stroke=0, fill=1)
    canvas.restoreState()
