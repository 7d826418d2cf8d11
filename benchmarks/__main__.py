"""`python -m benchmarks`: run every case, and write one table."""

import argparse
import importlib
import os
import pkgutil
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

import django

from benchmarks import cases, machine, table
from benchmarks.bench import LOAD_SECONDS, Bench
from benchmarks.databases import Database
from benchmarks.servers import Servers, running
from benchmarks.table import Line

RESULTS = Path(__file__).with_name("RESULTS.md")


def main(arguments: Sequence[str]) -> int:
    """Run what is asked for; return 1 when a goal is missed."""
    options = _options(arguments)
    with running() as servers:
        _set_up_django(servers)
        chosen = [case for case in all_cases() if case.NUMBER in (options.only or [case.NUMBER])]
        small, full = _databases(servers, options)
        for database in {small, full}:
            database.make_ready()
        load = machine.load()
        with Bench(servers.redis_url, small, full, options.seconds) as bench:
            lines = [line for case in chosen for line in _run(case, bench)]
        facts = [
            *machine.described([small] if small == full else [small, full]),
            f"load averages when it began: {load}; when it ended: {machine.load()}",
        ]
    page = table.written(lines, facts, _command(options))
    is_whole = not options.only and options.size == "full"
    if options.output or is_whole:
        (options.output or RESULTS).write_text(page, encoding="utf-8")
    sys.stdout.write(page)
    return int(any(line.goal and not line.goal.is_reached(line.figure) for line in lines))


def _databases(servers: Servers, options: argparse.Namespace) -> tuple[Database, Database]:
    """Return the small and the full one: those given, or those of the servers."""
    small, full = (
        Database(size, given)
        if given
        else Database.beside(servers.database_url, servers.owner_url, size)
        for size, given in (("small", options.small_url), ("full", options.full_url))
    )
    return small, small if options.size == "small" else full


def _set_up_django(servers: Servers) -> None:
    """Let cases name models; this process itself asks the database nothing through them."""
    os.environ["DATABASE_URL"], os.environ["REDIS_URL"] = servers.database_url, servers.redis_url
    if servers.owner_url:
        os.environ["DATABASE_OWNER_URL"] = servers.owner_url
    os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.settings"
    django.setup()


def all_cases() -> list[ModuleType]:
    """Return every module of ``benchmarks.cases``, by number."""
    names = sorted(each.name for each in pkgutil.iter_modules(cases.__path__))
    found = [importlib.import_module(f"benchmarks.cases.{name}") for name in names]
    return sorted(found, key=lambda case: int(case.NUMBER.removeprefix("P")))


def _run(case: ModuleType, bench: Bench) -> list[Line]:
    sys.stderr.write(f"{case.NUMBER}: {(case.__doc__ or '').splitlines()[0]}\n")
    lines = []
    for line in case.lines(bench):
        sys.stderr.write(f"  {' | '.join(line.cells()[1:])}\n")
        lines.append(line)
    return lines


def _command(options: argparse.Namespace) -> str:
    """Return the command, without where things are on this machine."""
    only = ["--only", *options.only] if options.only else []
    size = ["--size", options.size] if options.size != "full" else []
    return " ".join(["python -m benchmarks", *size, *only])


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "--size",
        choices=("small", "full"),
        default="full",
        help="small: everything at the small size alone, to see that it runs",
    )
    parser.add_argument(
        "--seconds",
        type=float,
        default=LOAD_SECONDS,
        help="how long P9's crowd looks and works; its other parts take a quarter of that each",
    )
    parser.add_argument("--only", nargs="+", metavar="NUMBER", help="such as P7 P13")
    parser.add_argument("--small-url", default=os.environ.get("BENCHMARKS_SMALL_URL"))
    parser.add_argument("--full-url", default=os.environ.get("BENCHMARKS_FULL_URL"))
    parser.add_argument(
        "--output",
        type=Path,
        help="where the table goes; a whole run's goes to"
        " benchmarks/RESULTS.md, another's only to the terminal",
    )
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
