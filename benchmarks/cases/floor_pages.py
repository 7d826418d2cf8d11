"""What the floor looks at all day, in pages and through the API: tasks, late jobs, a job."""

from collections.abc import Callable, Iterator, Mapping
from itertools import cycle
from types import MappingProxyType

from apps.dashboards.late import read_late_jobs
from apps.jobs.models import Job
from apps.shop.selectors import today
from benchmarks.bench import Bench, Task
from benchmarks.subjects import jobs_of_eight, manager, operators
from benchmarks.table import Line, at_most, milliseconds
from benchmarks.work import Browser, Program, Work

NUMBER = "P7"
CASE = __name__.rpartition(".")[2]


def task_list() -> Work:
    """The operators' first page."""
    browsers = cycle([Browser(user) for user in operators()])
    return Work(do=lambda: next(browsers).get("/tasks/"))


def late_list() -> Work:
    """The office's list of late jobs."""
    browser = Browser(manager())
    return Work(do=lambda: browser.get("/admin/jobs/job/?late=yes"))


def latest_jobs() -> Work:
    """The board's jobs longest past their date; what else it shows is another case's."""
    return Work(do=lambda: read_late_jobs(Job.objects.all(), today()))


def job() -> Work:
    """A job's own page, with its eight steps."""
    browser, jobs = Browser(manager()), cycle(jobs_of_eight())
    return Work(do=lambda: browser.get(f"/admin/jobs/job/{next(jobs).pk}/change/"))


def tasks_told() -> Work:
    """The operators' tasks, as tablets and gateways read them."""
    programs = cycle([Program(user) for user in operators()])
    return Work(do=lambda: next(programs).get("/api/v1/tasks/"))


def late_jobs_told() -> Work:
    """The late jobs, the longest past their date first."""
    program = Program(manager())
    return Work(do=lambda: program.get("/api/v1/jobs/?overdue=true&ordering=due_date"))


def job_told() -> Work:
    """A job, and its eight steps: two requests."""
    program, jobs = Program(manager()), cycle(jobs_of_eight())

    def do() -> None:
        key = next(jobs).pk
        program.get(f"/api/v1/jobs/{key}/")
        program.get(f"/api/v1/job-steps/?job={key}")

    return Work(do=do)


WORKS: Mapping[str, Callable[[], Work]] = MappingProxyType(
    {
        "operator's task list": task_list,
        "list of late jobs": late_list,
        "the board's latest jobs": latest_jobs,
        "job with its steps": job,
        "API, an operator's tasks": tasks_told,
        "API, overdue jobs": late_jobs_told,
        "API, a job and its steps": job_told,
    }
)


def lines(bench: Bench) -> Iterator[Line]:
    """Compare the SQL of each page with its own over 10,000 jobs."""
    for name in WORKS:
        tasks = [Task("andon", each, CASE, name) for each in (bench.small, bench.full)]
        small, full = bench.measure(*tasks)
        before, after = (bench.touched(task)["buffers"] for task in tasks)
        yield Line(
            NUMBER,
            f"{name}: SQL",
            full.sql / small.sql,
            "×",
            "itself at the small size",
            at_most(1.3),
            f"{milliseconds(full.sql)} of {milliseconds(full.wall)}, {full.queries} queries;"
            f" {before:,} → {after:,} buffers",
        )
