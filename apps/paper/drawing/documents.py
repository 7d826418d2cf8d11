"""Files of paper: begun, drawn job by job, closed."""

from typing import IO

from django.utils.translation import gettext as _
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from apps.paper.drawing import ink
from apps.paper.drawing.pictures import Pictures
from apps.paper.drawing.travellers import draw_traveller
from apps.paper.selectors import Traveller
from apps.shop.models import Shop


class TravellerFile:
    """A PDF of travellers, one after another."""

    def __init__(self, to: IO[bytes], shop: Shop, *, title: str) -> None:
        self.canvas, self.shop, self.pictures = begin(to, title, A4), shop, Pictures()

    def add(self, traveller: Traveller) -> None:
        """Draw one more."""
        self.canvas.bookmarkPage(f"job-{traveller.job.pk}")
        self.canvas.addOutlineEntry(traveller.job.number, f"job-{traveller.job.pk}")
        draw_traveller(self.canvas, traveller, self.pictures, self.shop)

    def close(self) -> None:
        """Write what was drawn."""
        self.canvas.save()


def begin(to: IO[bytes], title: str, size: tuple[float, float]) -> Canvas:
    """Return an empty document with our fonts."""
    ink.load()
    canvas = Canvas(to, pagesize=size, pageCompression=1)
    canvas.setTitle(title)
    canvas.setCreator("Andon")
    canvas.setAuthor("Andon")
    canvas.setSubject(_("Made by Andon"))
    return canvas
