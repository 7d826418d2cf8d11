"""Counters and names in one statement, of one moment."""

from apps.accounts.models import Role
from apps.core.together import Question, Row, Together
from apps.counters.selectors import Reading
from apps.dashboards.reckoning import Found, Parts
from apps.machines.models import Machine
from apps.processes.models import Process

COUNTS = "counts"
MACHINES = Question(Machine.objects.active().order_by("code"), ("id", "code", "name", "status"))
PROCESSES = Question(Process.objects.order_by("code"), ("id", "code", "name"))
ROLES = Question(Role.objects.order_by("name"), ("id", "name"))


def ask(parts: Parts, **questions: Question) -> tuple[Found, dict[str, list[Row]]]:
    """Return what is counted, and the answers to questions by their names. Queries: 1."""
    reading = Reading(parts)
    together = Together({COUNTS: reading, **questions})
    answers = together.ask()
    rows = {name: together.read(name, answers[name]) for name in questions}
    return reading.tell(answers[COUNTS]), rows
