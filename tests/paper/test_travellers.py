"""What stands on a traveller, page by page, and that its codes are read back."""

import io
import json
import os
import re
from datetime import date

import pypdfium2
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from PIL import Image, ImageDraw

from apps.jobs import services
from apps.jobs.models import Attachment, Job, JobStep
from apps.jobs.states import Priority
from apps.paper import selectors
from apps.paper.drawing import ink, travellers
from apps.paper.drawing.pictures import MOST_PIXELS
from apps.shop.models import Shop
from config.env import ROOT
from tests.factories import (
    make_customer,
    make_job,
    make_machine,
    make_part,
    make_process,
    make_routing,
    permit,
)
from tests.paper.reading import read

pytestmark = pytest.mark.django_db

NAUGHTY = ROOT.parent / "shared" / "data" / "naughty" / "blns.json"
AT_ONCE = 40


@pytest.fixture
def shown(client, planner):
    """Look at a job's traveller; return its pages."""
    client.force_login(planner)

    def run(job, **how):
        answer = client.get(reverse("traveller", args=[job.pk]))
        assert answer.status_code == 200
        return read(answer.content, **how)

    return run


def picture(wide=400, high=300, kind="PNG", **how):
    image = Image.new(how.pop("mode", "RGB"), (wide, high), how.pop("fill", "white"))
    ImageDraw.Draw(image).rectangle((20, 20, wide - 20, high - 20), outline=0, width=4)
    made = io.BytesIO()
    image.save(made, kind, **how)
    return made.getvalue()


def attach(planner, target, content, name="drawing.png", title=""):
    upload = SimpleUploadedFile(name, content)
    return services.attach_file(actor=planner, target=target, upload=upload, title=title)


def test_it_tells_the_job_and_each_step_with_a_code_of_its_own(shown):
    sawing, milling = make_process(name="Sawing"), make_process(name="Milling")
    mill = make_machine(milling, name="Five-axis mill")
    job = make_job(
        sawing,
        milling,
        released=True,
        customer=make_customer(name="Aksoy Makina A.Ş."),
        part=make_part(number="B-17", revision="C", unit="pcs"),
        quantity=1200,
        due_date=date(2030, 3, 1),
        priority=Priority.URGENT,
        title="Bracket",
    )
    first, second = job.steps.all()
    JobStep.objects.filter(pk=second.pk).update(
        machine=mill, instructions="Clamp in the soft jaws.\nZero on the left."
    )

    [page] = shown(job)

    assert page.codes == [job.number, f"S-{first.pk}", f"S-{second.pk}"]
    for words in (
        job.number,
        "Bracket",
        "Aksoy Makina A.Ş.",
        "B-17",
        "1,200 pcs",
        "Fri 1 Mar 2030",
        "URGENT",
        f"{first.sequence} · Sawing",
        f"{second.sequence} · Milling",
        "Five-axis",
        "min",
        "Clamp in the soft jaws.\nZero on the left.",
        "Operator",
        "Scrap",
        f"{job.number} · 1 of 1",
    ):
        assert words in page.text.replace("\u00a0", " "), words


def test_sixty_steps_take_several_pages_each_with_the_jobs_code_and_its_number(shown):
    job = make_job(*(make_process() for _ in range(60)), released=True)
    JobStep.objects.filter(job=job).update(instructions="Deburr all edges. " * 20)

    pages = shown(job)

    codes = [code for page in pages for code in page.codes]
    assert len(pages) > 10
    assert all(page.codes[0] == job.number for page in pages)
    steps = [code for code in codes if code.startswith("S-")]
    assert steps == [f"S-{step.pk}" for step in job.steps.order_by("sequence")]
    ends = [re.search(r"(\d+) of (\d+)", page.text).groups() for page in pages]
    assert ends == [(str(n + 1), str(len(pages))) for n in range(len(pages))]


def test_instructions_longer_than_a_page_run_on_and_nothing_is_lost_or_drawn_twice(shown):
    job = make_job(make_process(), make_process(), released=True)
    first, second = job.steps.all()
    words = [f"word{n:04}" for n in range(880)]
    JobStep.objects.filter(pk=first.pk).update(instructions=" ".join(words))

    pages = shown(job)

    assert len(pages) > 1
    said = re.findall(r"word\d{4}", " ".join(page.text for page in pages))
    assert said == words
    assert [code for page in pages for code in page.codes if code[0] == "S"] == [
        f"S-{first.pk}",
        f"S-{second.pk}",
    ]


def boxes(page):
    """Return where each line of words stands: (left, bottom, right, top)."""
    text = page.get_textpage()
    return [text.get_rect(n) for n in range(text.count_rects())]


def test_nothing_overlaps_and_nothing_leaves_the_paper(client, planner):
    job = make_job(
        *(make_process(name=f"A process with a name as long as it may be {n} " * 2) for n in "12"),
        released=True,
        customer=make_customer(name="Customer " * 17),
        part=make_part(number="N" * 60, revision="R" * 20, name="x"),
        title="W" * 160,
        notes="A note. " * 60,
    )
    JobStep.objects.filter(job=job).update(
        instructions="i" * 900, machine=make_machine(name="Machine " * 14)
    )
    client.force_login(planner)
    client.post(reverse("traveller", args=[job.pk]))
    answer = client.post(reverse("traveller", args=[job.pk]), follow=True)
    document = pypdfium2.PdfDocument(b"".join(answer.streaming_content))

    for page in document:
        wide, high = page.get_size()
        rects = boxes(page)
        for left, bottom, right, top in rects:
            assert 30 < left < right < wide - 30
            assert 15 < bottom < top < high - 30
        for n, one in enumerate(rects):
            for other in rects[n + 1 :]:
                across = min(one[2], other[2]) - max(one[0], other[0])
                down = min(one[3], other[3]) - max(one[1], other[1])
                assert across <= 1 or down <= 1, (one, other)
    document.close()


def test_a_draft_says_so_on_each_page(client, planner):
    job = make_job(*(make_process() for _ in range(12)))
    client.force_login(planner)

    answer = client.post(reverse("traveller", args=[job.pk]), follow=True)

    pages = read(b"".join(answer.streaming_content))
    assert len(pages) > 1
    assert all("DRAFT: not released" in page.text for page in pages)


def test_what_is_looked_at_says_that_it_is_no_copy(shown):
    job = make_job(released=True)

    [page] = shown(job)

    assert "not printed as a copy" in page.text
    assert "Copy 1" not in page.text


def test_what_a_finished_step_made_stands_in_its_boxes(shown, operator):
    process = make_process()
    permit(operator, process)
    job = make_job(process, process, released=True, quantity=734)
    first = job.steps.first()
    services.start_step(first.pk, actor=operator)
    services.complete_step(first.pk, services.Report(good=734), actor=operator)

    [page] = shown(job)

    assert "734" in page.text.split("Scrap")[1].split(f"S-{first.pk}")[0]


def test_times_are_the_shops(shown):
    Shop.objects.update(time_zone="Asia/Kathmandu")
    shop = Shop.objects.get()
    at = timezone.now().replace(year=2030, month=1, day=1, hour=20, minute=0)
    assert travellers.moment(at, shop) == "2 Jan 2030, 01:45"


# Drawings.


def test_pictures_of_the_job_its_part_its_routing_and_its_steps_are_drawn(shown, planner):
    routing = make_routing(make_process(name="Bending"))
    job = make_job(routing=routing, part=make_part(), released=True)
    attach(planner, job, picture(), title="Of the job")
    attach(planner, job.part, picture(300, 800, "JPEG"), "part.jpg", title="Of the part")
    attach(planner, job.steps.get(), picture(), title="Of the step")
    attach(planner, routing.steps.get(), picture(), title="Of the routing")
    attach(planner, make_part(), picture(), title="Of another part")
    attach(planner, job, b"%PDF-1.7\n%%EOF\n", "sheet.pdf", title="Work sheet")

    pages = shown(job)

    text = "\n".join(page.text for page in pages)
    assert sum(page.pictures for page in pages) == 4
    for words in ("Of the job", "Of the part", "Of the step", "Of the routing", "10 · Bending"):
        assert words in text, words
    assert "Of another part" not in text
    assert "Work sheet · sheet.pdf" in text


@pytest.mark.parametrize(
    ("kind", "how"),
    [
        ("PNG", {"mode": "RGBA", "fill": (0, 0, 0, 0)}),
        ("PNG", {"mode": "P", "fill": 0}),
        ("PNG", {"mode": "1", "fill": 1}),
        ("PNG", {"mode": "L", "fill": 255}),
        ("PNG", {"mode": "I;16", "fill": 0}),
        ("JPEG", {"mode": "CMYK", "fill": 0}),
        ("JPEG", {"mode": "L", "fill": 255}),
    ],
)
def test_every_mode_of_picture_is_drawn(shown, planner, kind, how):
    job = make_job(released=True)
    image = Image.new(how["mode"], (60, 40), how["fill"])
    made = io.BytesIO()
    image.save(made, kind)
    attach(planner, job, made.getvalue(), f"a.{kind.lower()}")

    assert sum(page.pictures for page in shown(job)) == 1


def test_a_picture_is_made_no_larger_than_print_needs_and_stands_upright(shown, client, planner):
    job = make_job(released=True)
    turned = Image.Exif()
    turned[0x0112] = 6  # The camera lay on its side.
    noise = Image.effect_noise((5000, 3000), 80).convert("RGB")
    made = io.BytesIO()
    noise.save(made, "JPEG", exif=turned, quality=95)
    attach(planner, job, made.getvalue(), "photo.jpg")
    client.force_login(planner)

    answer = client.get(reverse("traveller", args=[job.pk]))

    assert len(answer.content) < len(made.getvalue()) / 2
    document = pypdfium2.PdfDocument(answer.content)
    kind = pypdfium2.raw.FPDF_PAGEOBJ_IMAGE
    [found] = [each for page in document for each in page.get_objects(filter=[kind])]
    wide, high = found.get_px_size()
    assert max(wide, high) <= 2000
    assert high > wide
    document.close()


def swelling():
    """A small file that says it is a picture of more pixels than are taken."""
    side = int(MOST_PIXELS**0.5) + 100
    made = io.BytesIO()
    Image.new("1", (side, side)).save(made, "PNG")
    return made.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(lambda: picture()[:200], id="cut off"),
        pytest.param(lambda: picture(exif=b"Exif\0\0II*\0"), id="its facts cut off"),
        pytest.param(lambda: b"\x89PNG\r\n\x1a\n" + b"\x00" * 60, id="nonsense"),
        pytest.param(swelling, id="too many pixels"),
    ],
)
def test_a_picture_that_cannot_be_drawn_is_named(shown, planner, content):
    job = make_job(released=True)
    attach(planner, job, content(), title="Broken")

    [page] = shown(job)

    assert page.pictures == 0
    assert "Broken · drawing.png" in page.text


def test_a_picture_whose_file_is_gone_is_named(shown, planner, media):
    job = make_job(released=True)
    kept = attach(planner, job, picture(), title="Gone")
    (media / str(kept.file)).unlink()

    [page] = shown(job)

    assert "Gone · drawing.png" in page.text


# Who sees what.


def test_who_may_not_see_all_steps_is_told_how_many_are_missing(client, operator, planner):
    seen, unseen = make_process(), make_process()
    permit(operator, seen, "can_view")
    job = make_job(seen, unseen, released=True)
    mine, others = job.steps.all()
    attach(planner, others, picture(), title="Secret")
    client.force_login(operator)

    [page] = read(client.get(reverse("traveller", args=[job.pk])).content)

    assert f"S-{mine.pk}" in page.codes
    assert f"S-{others.pk}" not in page.codes
    assert "1 step is not shown" in page.text
    assert "Secret" not in page.text


def test_a_job_that_one_may_not_see_is_not_there(client, operator):
    job = make_job(released=True)
    client.force_login(operator)
    for name in ("traveller", "job-paper", "job-labels"):
        assert client.get(reverse(name, args=[job.pk])).status_code == 404
    assert client.post(reverse("traveller", args=[job.pk])).status_code == 404


def test_a_traveller_costs_the_same_for_few_steps_and_many(planner, assert_flat):
    job = make_job(part=make_part(), released=True)
    read_steps = []

    def grow(rows):
        for n in range(rows):
            step = services.add_step(
                JobStep(job=Job.objects.get(pk=job.pk), sequence=20 + n, process=make_process()),
                actor=planner,
            )
            file = {"file": f"{step.pk}.pdf", "file_name": "a.pdf", "size": 1}
            Attachment.objects.create(step=step, uploaded_by=planner, **file)

    def work():
        found = selectors.looked_at(job.pk, by=planner, now=timezone.now())
        read_steps.append(len(found.steps))
        [str(file) + travellers._belongs_to(file) for file in found.files]

    assert assert_flat(grow=grow, work=work) == 3
    assert read_steps[-1] == 23


# Whatever people type.


def naughty():
    own = [
        "\x01",
        "x" * 65_536,
        "İstanbul ß 𝔘",
        "שלום עולם",
        "مرحبا",
        "👩‍👩‍👧‍👦 🇹🇷",
        "漢字",
        "<b>&amp;</b>",
    ]
    if not NAUGHTY.exists():
        return own
    strings = json.loads(NAUGHTY.read_text())
    step = 1 if os.environ.get("ANDON_ALL") else max(len(strings) // AT_ONCE, 1)
    return own + strings[::step]


def test_no_text_breaks_the_paper(client, planner):
    job = make_job(part=make_part(), released=True)
    client.force_login(planner)
    for text in naughty():
        kept = text.replace("\x00", "").encode("utf-8", "ignore").decode()
        Job.objects.filter(pk=job.pk).update(title=kept[:160], notes=kept)
        job.customer.name = kept[:160]
        job.customer.save(update_fields=["name"])
        JobStep.objects.filter(job=job).update(instructions=kept)
        answer = client.get(reverse("traveller", args=[job.pk]))
        assert answer.status_code == 200, text[:40]
        assert answer.content.startswith(b"%PDF-"), text[:40]
        labels = client.get(reverse("job-labels", args=[job.pk]), {"stock": "sheet"})
        assert labels.status_code == 200, text[:40]


@pytest.mark.parametrize(
    "text", ["Şişli ğüö İı", "Zażółć gęślą jaźń", "Ελληνικά ώ", "Українська ґ", "Ø ±0,05 ≤ → ⚠"]
)
def test_the_languages_of_our_shops_are_written_with_their_own_letters(shown, text):
    job = make_job(released=True, title=text)

    [page] = shown(job)

    assert text in page.text
    assert ink.UNKNOWN not in page.text


def test_a_letter_that_no_font_has_is_a_box_and_what_is_not_seen_is_left_out():
    said = "".join(
        part for _font, part in ink.runs(ink.clean("a漢b\u200d\ufe0f\u202ec"), ink.PLAIN)
    )
    assert said == f"a{ink.UNKNOWN}bc"


def test_markup_is_text(shown):
    job = make_job(released=True, notes="<b>5 < 6 & 7</b><font size=90>")

    [page] = shown(job)

    assert "<b>5 < 6 & 7</b><font size=90>" in page.text


def test_who_only_views_looks_and_prints_nothing(client, viewer):
    job = make_job(released=True)
    client.force_login(viewer)

    assert client.get(reverse("traveller", args=[job.pk])).status_code == 200
    client.post(reverse("traveller", args=[job.pk]))

    assert not job.traveller_copies.exists()


def test_a_stranger_is_sent_to_sign_in(client):
    job = make_job(released=True)
    answer = client.get(reverse("traveller", args=[job.pk]))
    assert answer.status_code == 302
    assert answer.url.startswith(reverse("login"))
