"""Every name that is enqueued is a task: names are checked by nothing else."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from celery import current_app

ROOT = Path(__file__).parents[2]


def enqueued(source: str) -> Iterator[str]:
    """Find the names given to ``enqueue``; what is no literal is found as its source."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] == "enqueue":
            name = node.args[0]
            yield name.value if isinstance(name, ast.Constant) else ast.unparse(name)


def every_name() -> set[tuple[str, str]]:
    return {
        (str(file.relative_to(ROOT)), name)
        for file in (ROOT / "apps").rglob("*.py")
        for name in enqueued(file.read_text())
    }


def test_every_enqueued_name_is_a_task():
    assert [(file, name) for file, name in every_name() if name not in current_app.tasks] == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("enqueue('app.task', key=1)", ["app.task"]),
        ("queue.enqueue('app.task')", ["app.task"]),
        ("def f():\n    enqueue(NAME)", ["NAME"]),
        ("send('app.task')", []),
    ],
)
def test_names_are_found_however_it_is_called(source, found):
    assert list(enqueued(source)) == found


def test_nothing_sends_a_task_but_enqueue():
    senders = {
        str(file.relative_to(ROOT))
        for file in (ROOT / "apps").rglob("*.py")
        for call in (".apply_async(", ".delay(", ".send_task(")
        if call in file.read_text()
    }
    assert senders == {"apps/background/queue.py"}
