"""Travellers: the paper that goes with a job from step to step."""

from collections.abc import Iterable
from datetime import datetime

from django.template.defaultfilters import filesizeformat
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, Paragraph

from apps.jobs.models import Attachment, JobStep
from apps.jobs.states import JobStatus, Priority, StepStatus
from apps.paper.drawing import ink
from apps.paper.drawing.codes import draw_code, job_code, step_code
from apps.paper.drawing.pictures import Pictures, is_picture
from apps.paper.selectors import Traveller
from apps.shop.models import Shop

WIDTH, HEIGHT = A4
LEFT, RIGHT = 14 * mm, WIDTH - 14 * mm
TOP, BOTTOM = HEIGHT - 12 * mm, 17 * mm
COLUMN = RIGHT - LEFT
GAP = 4 * mm  # White enough beside a code, too.

STEP_QR = 22 * mm
TEXT_LEFT = LEFT + STEP_QR + GAP  # Where a step's words begin.
TEXT = RIGHT - TEXT_LEFT
# What is written by hand at a step, and how wide its box is.
SIGN_OFF = (("operator", 28 * mm), ("date", 20 * mm), ("good", 17 * mm), ("scrap", 17 * mm))
SIGNED = sum(width for _name, width in SIGN_OFF)
BOX = 14 * mm
STEP_HEAD = STEP_QR + 5 * mm
NBSP = "\u00a0"
PICTURE_MOST = 118 * mm  # High: two to a page.
PICTURE_LEAST = 45 * mm  # What is left of a page is not worth a picture below.
DRAWINGS_AT_MOST = 24  # Of one job; the rest is named.
# Its sign-off boxes are of no use any more.
OVER = (StepStatus.SKIPPED, StepStatus.CANCELLED)


def moment(at: datetime, shop: Shop) -> str:
    """Return an instant in the shop's time: ``22 Nov 2026, 14:02``."""
    local = at.astimezone(shop.zone)
    day = date_format(local, pgettext("a day's format", "j M Y"))
    return _("%(day)s, %(time)s") % {"day": day, "time": f"{local:%H:%M}"}


def draw_traveller(canvas: Canvas, traveller: Traveller, pictures: Pictures, shop: Shop) -> int:
    """Draw a job's traveller on pages of its own; return how many."""
    return _Pages(canvas, traveller, pictures, shop).draw()


class _Pages:
    """The pages of one traveller. ``y`` is where the paper is still empty, from there down."""

    def __init__(
        self, canvas: Canvas, traveller: Traveller, pictures: Pictures, shop: Shop
    ) -> None:
        self.canvas, self.pictures, self.shop = canvas, pictures, shop
        self.traveller, self.job, self.mark = traveller, traveller.job, traveller.mark
        self.page = 0
        self.y = TOP

    def draw(self) -> int:
        self._turn()
        self._facts()
        self._notes()
        for step in self.traveller.steps:
            self._step(step)
        self._left_out()
        self._files()
        self.canvas.showPage()
        self._number_pages()
        return self.page

    # Pages.

    def _turn(self) -> None:
        """Begin a page: its marks, its head, and a place for its number among all."""
        if self.page:
            self.canvas.showPage()
        self.page += 1
        self._water()
        self.canvas.doForm(self._foot(self.page))
        self.y = TOP
        self._banner()
        if self.page == 1:
            self._head()
        else:
            self._short_head()

    def _need(self, height: float) -> None:
        """Turn the page unless so much is left of it."""
        if self.y - height < BOTTOM:
            self._turn()

    def _foot(self, page: int) -> str:
        return f"foot-{self.job.pk}-{page}"

    def _number_pages(self) -> None:
        """Draw each page's foot, now that the number of pages is known."""
        for page in range(1, self.page + 1):
            self.canvas.beginForm(self._foot(page))
            self.canvas.setLineWidth(ink.THIN)
            self.canvas.setStrokeColor(ink.HAIR)
            self.canvas.line(LEFT, 13 * mm, RIGHT, 13 * mm)
            said = _("%(page)s of %(pages)s") % {"page": page, "pages": self.page}
            text = f"{self.job} · {said}"
            wide = ink.write(
                self.canvas, RIGHT, 8.5 * mm, text, font=ink.BOLD, size=9, align="right"
            )
            ink.write(
                self.canvas,
                LEFT,
                8.5 * mm,
                self._provenance(),
                size=8,
                most=COLUMN - wide - GAP,
                color=ink.MUTED,
            )
            self.canvas.endForm()

    def _provenance(self) -> str:
        """Say what this paper is: which copy, when, by whom."""
        facts = {
            "copy": self.mark.number,
            "at": moment(self.mark.at, self.shop),
            "by": self.mark.by,
        }
        if self.mark.number is None:
            return _("Shown %(at)s to %(by)s, not printed as a copy") % facts
        return _("Copy %(copy)s, printed %(at)s by %(by)s") % facts

    def _water(self) -> None:
        """Write across the page what this paper is not."""
        words = []
        if self.job.status == JobStatus.DRAFT:
            words.append(_("DRAFT"))
        if self.job.status == JobStatus.CANCELLED:
            words.append(_("CANCELLED"))
        if self.mark.number is None:
            words.append(_("PREVIEW"))
        if not words:
            return
        self.canvas.saveState()
        self.canvas.translate(WIDTH / 2, HEIGHT / 2)
        self.canvas.rotate(55)
        text, size = " · ".join(words), 92.0
        size *= min(1.0, 230 * mm / ink.width(text, ink.BOLD, size))
        ink.write(
            self.canvas,
            0,
            -size / 3,
            text,
            font=ink.BOLD,
            size=size,
            align="center",
            color=ink.WATER,
        )
        self.canvas.restoreState()

    def _banner(self) -> None:
        """Say on top what must not be missed: a draft, a second copy."""
        words = []
        if self.job.status == JobStatus.DRAFT:
            words.append(_("DRAFT: not released, do not work by it"))
        if self.job.status == JobStatus.CANCELLED:
            words.append(_("CANCELLED: do not work by it"))
        if self.mark.number is not None and self.mark.number > 1:
            facts = {"copy": self.mark.number, "at": moment(self.mark.at, self.shop)}
            words.append(_("Copy %(copy)s, printed %(at)s") % facts)
        if not words:
            return
        height = 7.5 * mm
        self.canvas.setFillColor(ink.BLACK)
        self.canvas.roundRect(LEFT, self.y - height, COLUMN, height, 1.2 * mm, stroke=0, fill=1)
        text = "  ·  ".join(words)
        place = self.y - height + 2.4 * mm
        ink.write(
            self.canvas,
            LEFT + 3 * mm,
            place,
            text,
            font=ink.BOLD,
            size=10.5,
            most=COLUMN - 6 * mm,
            color=ink.WHITE,
        )
        self.y -= height + 3 * mm

    # The head.

    def _head(self) -> None:
        """Draw who the job is, as large as the page allows, with its code."""
        size = 29 * mm
        most = COLUMN - size - GAP
        draw_code(self.canvas, job_code(self.job.number), RIGHT - size, self.y - size, size)
        said = f"{self.shop.name} · {_('Job traveller')}"
        ink.write(self.canvas, LEFT, self.y - 3.5 * mm, said, size=9, most=most, color=ink.MUTED)
        number = self.job.number
        ink.write(self.canvas, LEFT, self.y - 14 * mm, number, font=ink.BOLD, size=27, most=most)
        if self.job.priority > Priority.NORMAL:
            left = LEFT + ink.width(number, ink.BOLD, 27) + 5 * mm
            self._lamp(left, self.y - 14 * mm, str(Priority(self.job.priority).label))
        title = ink.paragraph(ink.one_line(self.job.title), size=12.5, most=160)
        _width, height = title.wrap(most, size)
        title.drawOn(self.canvas, LEFT, self.y - 18 * mm - height)
        self.y -= max(size, 18 * mm + height) + GAP

    def _lamp(self, x: float, y: float, word: str) -> None:
        """Draw a word white on black, as urgent as paper can be."""
        text = ink.one_line(word).upper()
        wide = ink.width(text, ink.BOLD, 11) + 6 * mm
        self.canvas.setFillColor(ink.BLACK)
        self.canvas.roundRect(x, y - 0.6 * mm, wide, 7.4 * mm, 3.7 * mm, stroke=0, fill=1)
        ink.write(
            self.canvas, x + 3 * mm, y + 1.8 * mm, text, font=ink.BOLD, size=11, color=ink.WHITE
        )

    def _short_head(self) -> None:
        """Draw which job this page is of, with its code: pages come apart."""
        size = 13 * mm
        draw_code(self.canvas, job_code(self.job.number), RIGHT - size, self.y - size, size)
        most = COLUMN - size - GAP
        self._write(LEFT, 6, self.job.number, font=ink.BOLD, size=15, most=most)
        part = f"{self.job.part} · " if self.job.part else ""
        said = f"{part}{self.job.title} · {self.job.customer}"
        self._write(LEFT, 11.5, said, most=most, color=ink.MUTED)
        self.y -= size + GAP
        self._rule(ink.STRONG)

    def _write(self, x: float, down: float, text: object, **how: object) -> float:
        """Write a line so many millimetres below the empty paper's top."""
        return ink.write(self.canvas, x, self.y - down * mm, text, **how)  # type: ignore[arg-type]  # passed on

    def _rule(self, thick: float = ink.THIN) -> None:
        self.canvas.setLineWidth(thick)
        self.canvas.setStrokeColor(ink.BLACK if thick > ink.THIN else ink.HAIR)
        self.canvas.line(LEFT, self.y, RIGHT, self.y)

    def _facts(self) -> None:
        """Draw what the job is about: two rows of named boxes."""
        job, unit = self.job, self.job.part.unit if self.job.part else ""
        due = (
            date_format(job.due_date, pgettext("a day's format", "D j M Y"))
            if job.due_date
            else _("no due date")
        )
        number = job.part.number if job.part else _("none")
        revision = job.part.revision if job.part else ""
        rows = (
            (
                (_("Customer"), job.customer, 6),
                (_("Part"), number, 4),
                (_("Revision"), revision, 2),
            ),
            (
                (_("Quantity"), f"{job.quantity:,} {unit}".strip(), 4),
                (_("Due"), due, 4),
                (_("Priority"), Priority(job.priority).label, 2),
                (_("Steps"), job.steps_total, 2),
            ),
        )
        height = 12.5 * mm
        self.canvas.setFillColor(ink.SHADE)
        for row in rows:
            left = LEFT
            self.canvas.setLineWidth(ink.THIN)
            self.canvas.setStrokeColor(ink.LINE)
            for label, value, twelfths in row:
                wide = COLUMN * twelfths / 12
                self.canvas.rect(left, self.y - height, wide, height, stroke=1, fill=0)
                inside = wide - 4 * mm
                self._write(left + 2 * mm, 4, label, size=7.5, most=inside, color=ink.MUTED)
                self._write(left + 2 * mm, 9.8, value, font=ink.BOLD, size=12.5, most=inside)
                left += wide
            self.y -= height
        self.y -= GAP

    def _notes(self) -> None:
        if self.job.notes.strip():
            self._write(LEFT, 3, _("Notes"), font=ink.BOLD, size=9)
            self.y -= 4.5 * mm
            self._flow(ink.paragraph(self.job.notes, size=9.5), LEFT, COLUMN)
            self.y -= GAP

    # Steps.

    def _step(self, step: JobStep) -> None:
        """Draw one step: its code, what to do, and where to sign. Its words may run on."""
        title = ink.paragraph(
            f"{step.sequence} · {ink.one_line(step.process)}", font=ink.BOLD, size=12, most=140
        )
        facts = ink.paragraph(_facts_of(step), size=9, color=ink.MUTED, most=300)
        wide = TEXT - SIGNED - GAP
        heights = [title.wrap(wide, HEIGHT)[1], facts.wrap(wide, HEIGHT)[1]]
        head = max(STEP_HEAD, sum(heights) + 2 * mm)
        self._need(head + 7 * mm)
        self._rule(ink.STRONG)
        self.y -= 3.5 * mm
        top = self.y
        draw_code(self.canvas, step_code(step.pk), LEFT, top - STEP_QR, STEP_QR)
        ink.write(
            self.canvas,
            LEFT + STEP_QR / 2,
            top - STEP_QR - 4 * mm,
            step_code(step.pk),
            size=8,
            align="center",
        )
        title.drawOn(self.canvas, TEXT_LEFT, top - heights[0])
        facts.drawOn(self.canvas, TEXT_LEFT, top - sum(heights) - 1 * mm)
        if step.status not in OVER:
            self._sign_off(step, top)
        if not step.instructions.strip():
            self.y = top - head - 2 * mm
            return
        # Beside the code, as soon as the boxes and the facts allow.
        self.y = top - max(sum(heights) + 3 * mm, BOX + 7 * mm)
        page = self.page
        self._flow(ink.paragraph(step.instructions, size=10), TEXT_LEFT, TEXT)
        self.y -= 3 * mm
        if page == self.page:
            self.y = min(self.y, top - head - 2 * mm)

    def _sign_off(self, step: JobStep, top: float) -> None:
        """Draw boxes to sign in; what a finished step made stands there already."""
        words = {
            "operator": _("Operator"),
            "date": _("Date"),
            "good": _("Good"),
            "scrap": _("Scrap"),
        }
        made = {}
        if step.status == StepStatus.COMPLETED and step.completed_at:
            day = step.completed_at.astimezone(self.shop.zone)
            made = {
                "date": date_format(day, pgettext("a day's format", "j M Y")),
                "good": f"{step.quantity_good:,}",
                "scrap": f"{step.quantity_scrap:,}",
            }
        left = RIGHT - SIGNED
        self.canvas.setLineWidth(ink.THIN)
        self.canvas.setStrokeColor(ink.LINE)
        for name, wide in SIGN_OFF:
            ink.write(
                self.canvas,
                left + 1 * mm,
                top - 3 * mm,
                words[name],
                size=7.5,
                most=wide - 2 * mm,
                color=ink.MUTED,
            )
            self.canvas.rect(left, top - 4 * mm - BOX, wide, BOX, stroke=1, fill=0)
            ink.write(
                self.canvas,
                left + wide / 2,
                top - 5 * mm - BOX / 2,
                made.get(name, ""),
                size=9,
                align="center",
                most=wide - 2 * mm,
            )
            left += wide

    def _flow(self, text: Paragraph, left: float, wide: float) -> None:
        """Let text run down the page, and on over as many as it needs."""
        rest: list[Flowable] = [text]
        while rest:
            part = rest.pop(0)
            _width, height = part.wrap(wide, HEIGHT)
            if height <= self.y - BOTTOM:
                part.drawOn(self.canvas, left, self.y - height)
                self.y -= height
                continue
            pieces = part.split(wide, max(self.y - BOTTOM, 0))
            if len(pieces) > 1:
                rest = [*pieces, *rest]
            else:
                self._turn()
                self.y -= 3 * mm
                rest = [part, *rest]

    def _left_out(self) -> None:
        """Say when the reader is not shown all steps."""
        unseen = self.job.steps_total - len(self.traveller.steps)
        if unseen > 0:
            self._need(8 * mm)
            said = ngettext(
                "%(count)s step is not shown: the one who printed this may not see it.",
                "%(count)s steps are not shown: the one who printed this may not see them.",
                unseen,
            )
            self._write(LEFT, 5, said % {"count": unseen}, color=ink.MUTED)
            self.y -= 8 * mm

    # Files.

    def _files(self) -> None:
        """Draw the pictures, and name what is no picture."""
        pictures = [file for file in self.traveller.files if is_picture(file)][:DRAWINGS_AT_MOST]
        unseen = [file for file in pictures if not self._picture(file)]
        others = [file for file in self.traveller.files if file not in pictures]
        self._named([*unseen, *others])

    def _picture(self, file: Attachment) -> bool:
        """Draw one picture as large as two to a page may be; False if it cannot be read."""
        image = self.pictures.get(file)
        if image is None:
            return False
        pixels_wide, pixels_high = image.getSize()
        scale = min(COLUMN / pixels_wide, PICTURE_MOST / pixels_high, 0.9)  # At least 80 an inch.
        wide, high = pixels_wide * scale, pixels_high * scale
        caption = 9 * mm
        room = self.y - BOTTOM - caption - GAP
        if room < min(high, PICTURE_MOST * 0.75) or room < min(high, PICTURE_LEAST):
            self._turn()
            room = self.y - BOTTOM - caption - GAP
        shrink = min(1.0, room / high)
        wide, high = wide * shrink, high * shrink
        self._rule(ink.STRONG)
        title = ink.width(ink.one_line(file), ink.BOLD, 10)
        self._write(LEFT, 5.5, str(file), font=ink.BOLD, size=10, most=COLUMN * 0.6)
        left = LEFT + min(title, COLUMN * 0.6) + GAP
        self._write(left, 5.5, _belongs_to(file), most=RIGHT - left, color=ink.MUTED)
        self.y -= caption
        self.canvas.drawImage(image, LEFT, self.y - high, wide, high)
        self.canvas.setLineWidth(ink.THIN)
        self.canvas.setStrokeColor(ink.HAIR)
        self.canvas.rect(LEFT, self.y - high, wide, high, stroke=1, fill=0)
        self.y -= high + GAP
        return True

    def _named(self, files: Iterable[Attachment]) -> None:
        """Name what is to be looked at on a screen."""
        files = list(files)
        if not files:
            return
        self._need(14 * mm)
        self._rule(ink.STRONG)
        self._write(LEFT, 5.5, _("More files, to be opened on a screen"), font=ink.BOLD, size=10)
        self.y -= 8 * mm
        for file in files:
            self._need(6 * mm)
            weight = filesizeformat(file.size)
            said = (file.title, f"{file.file_name} ({weight})", _belongs_to(file))
            self._write(LEFT, 3.5, " · ".join(filter(None, said)), most=COLUMN)
            self.y -= 5 * mm


def _facts_of(step: JobStep) -> str:
    """Say where a step is done, how long it takes and how many it makes."""
    said = [
        ink.one_line(step.machine) if step.machine else "",
        _("%(minutes)s min planned") % {"minutes": f"{step.planned_minutes:,}"}
        if step.planned_minutes
        else "",
        _("%(count)s pieces") % {"count": f"{step.quantity_planned:,}"},
    ]
    if step.status in (StepStatus.COMPLETED, *OVER):
        said.append(str(StepStatus(step.status).label))
    # Broken between facts alone.
    return " · ".join(each.replace(" ", NBSP) for each in said if each)


def _belongs_to(file: Attachment) -> str:
    """Say what a file hangs on, without the job: it is on every page."""
    if file.step is not None:
        return f"{file.step.sequence} · {file.step.process}"
    if file.routing_step is not None:
        return f"{file.routing_step.sequence} · {file.routing_step.process}"
    return str(file.part) if file.part is not None else ""
