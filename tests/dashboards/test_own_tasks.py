"""How much one has to do."""

import pytest

from apps.dashboards import own_tasks
from apps.dashboards.asker import Asker
from apps.dashboards.own_tasks import Tile, read_tiles
from apps.jobs import services
from apps.jobs.models import JobStep
from tests.factories import make_job, make_process, permit

pytestmark = pytest.mark.django_db


def test_what_one_works_on_has_paused_and_may_start_is_counted(operator, planner):
    process = make_process()
    permit(operator, process)
    steps = [make_job(process, actor=planner, released=True).steps.get() for _ in range(5)]
    for step in steps[:2]:
        services.start_step(step.pk, actor=operator)
    services.pause_step(steps[0].pk, actor=operator)
    JobStep.objects.filter(pk=steps[2].pk).update(assigned_to=operator)
    JobStep.objects.filter(pk=steps[3].pk).update(assigned_to=planner)
    make_job(actor=planner, released=True)  # Of a process that is not the operator's.

    assert [(tile.status, tile.said) for tile in read_tiles(Asker.of(operator))] == [
        ("in_progress", "1"),
        ("paused", "1"),
        ("ready", "2"),
    ]


def test_who_may_work_on_nothing_has_nothing_to_start(operator):
    make_job(released=True)

    assert read_tiles(Asker.of(operator)) == (
        Tile("in_progress", 0, many=False),
        Tile("paused", 0, many=False),
        Tile("ready", 0, many=False),
    )


def test_no_more_is_counted_than_is_cheap(manager, planner, monkeypatch):
    monkeypatch.setattr(own_tasks, "COUNT_AT_MOST", 2)
    for _ in range(3):
        make_job(actor=planner, released=True)

    assert read_tiles(Asker.of(manager))[2].said == "2+"


def test_they_cost_one_query_for_few_and_many(operator, planner, assert_flat):
    process = make_process()
    permit(operator, process)

    def grow(rows):
        for _ in range(rows):
            make_job(process, actor=planner, released=True)

    assert assert_flat(grow=grow, work=lambda: read_tiles(Asker.of(operator))) == 1
