"""Labels: their sizes, what they say, and that their codes are read back."""

import pytest
from django.urls import reverse

from apps.paper.drawing.labels import STOCKS
from tests.factories import make_job, make_machine, make_process, make_user
from tests.paper.reading import read

pytestmark = pytest.mark.django_db

MM = 72 / 25.4


@pytest.fixture
def labels(client, planner):
    client.force_login(planner)

    def run(name, *args, **asked):
        answer = client.get(reverse(name, args=args), asked)
        assert answer.status_code == 200, answer.content
        assert answer["Content-Type"] == "application/pdf"
        return read(answer.content)

    return run


def test_a_jobs_label_fits_the_roll(labels):
    job = make_job(released=True, title="Bracket")

    [page] = labels("job-labels", job.pk)

    assert page.codes == [job.number]
    assert page.size == (round(62 * MM), round(29 * MM))
    assert job.number in page.text
    assert str(job.customer) in page.text


def test_one_file_has_so_many_labels_and_no_more(client, planner, labels):
    for _ in range(11):
        make_machine()

    assert labels("machine-labels", copies=2)
    refused = client.get(reverse("machine-labels"), {"copies": 48})
    assert (refused.status_code, refused.content.decode()) == (
        400,
        "Choose fewer copies: one file has at most 480 labels.",
    )


def test_each_step_has_a_label(labels):
    job = make_job(make_process(name="Sawing"), make_process(name="Milling"), released=True)
    steps = [f"S-{step.pk}" for step in job.steps.all()]

    pages = labels("job-labels", job.pk, of="steps")
    assert [code for page in pages for code in page.codes] == steps
    assert "Milling" in pages[1].text

    [page] = labels("step-label", job.steps.last().pk)
    assert page.codes == steps[-1:]


def test_a_sheet_holds_twenty_four_and_begins_where_there_is_room(labels):
    machines = sorted(f"M-{make_machine().code}" for _ in range(24))

    [page] = labels("machine-labels", stock="sheet")
    assert sorted(page.codes) == machines
    assert page.size == (595, 842)

    pages = labels("machine-labels", stock="sheet", skip=20, copies=2)
    assert [len(page.codes) for page in pages] == [4, 24, 20]


@pytest.mark.parametrize("stock", STOCKS)
@pytest.mark.parametrize("code", ["LAS-1", "Fräse 3", "ПРЕСС-1", "M" * 40, "a b/c?d=é&"])
def test_whatever_a_machines_code_is_it_is_read_back(labels, code, stock):
    machine = make_machine(code=code, name="Laser " * 15, location="Hall " * 10)

    [page] = labels("machine-label", machine.pk, stock=stock)

    assert page.codes == [f"M-{code}"]


def test_the_action_sheet_has_a_code_for_each_action(labels):
    [page] = labels("action-sheet")
    assert {"A-start", "A-pause", "A-complete"} <= set(page.codes)


def test_a_badge_is_for_those_who_give_badges(client, administrator, planner):
    wearer, without = make_user("operator", badge_code="B-4711"), make_user("operator")
    address = reverse("badge", args=[wearer.pk])
    client.force_login(administrator)
    [page] = read(client.get(address).content)
    assert page.codes == ["U-B-4711"]
    assert str(wearer) in page.text
    assert client.get(reverse("badge", args=[without.pk])).status_code == 404

    client.force_login(planner)
    assert client.get(address).status_code == 403
    client.force_login(wearer)
    assert client.get(address).status_code == 403
    client.force_login(without)
    assert client.get(address).status_code == 404


@pytest.mark.parametrize(
    "asked", [{"stock": "wall"}, {"copies": 0}, {"copies": 10**6}, {"skip": "x"}, {"of": "me"}]
)
def test_what_cannot_be_is_refused_in_words(client, planner, asked):
    client.force_login(planner)
    answer = client.get(reverse("job-labels", args=[make_job().pk]), asked)
    assert answer.status_code == 400
    assert answer["Content-Type"].startswith("text/plain")


def test_labels_cost_the_same_for_few_and_many(client, planner, assert_flat):
    job = make_job(released=True)
    client.force_login(planner)

    def grow(rows):
        for _ in range(rows):
            make_machine()

    assert_flat(grow=grow, work=lambda: client.get(reverse("machine-labels")))
    assert client.get(reverse("step-label", args=[job.steps.get().pk])).status_code == 200


def test_the_office_offers_labels_of_machines_and_steps_and_badges(client, administrator):
    step, machine = make_job(released=True).steps.get(), make_machine()
    wearer = make_user(badge_code="B-1")
    client.force_login(administrator)
    for place, key, name in (
        ("jobs_jobstep", step.pk, "step-label"),
        ("machines_machine", machine.pk, "machine-label"),
        ("accounts_user", wearer.pk, "badge"),
    ):
        page = client.get(reverse(f"admin:{place}_change", args=[key])).content.decode()
        assert reverse(name, args=[key]) in page
