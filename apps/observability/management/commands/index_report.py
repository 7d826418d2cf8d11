"""`manage.py index_report`: which indexes are used, needless, missing or broken."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.observability import index_page, indexes
from apps.observability.indexes import Index, Redundant, Report


class Command(BaseCommand):
    help = "Say which indexes are used, needless, missing or broken."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="For programs.")
        parser.add_argument(
            "--check",
            action="store_true",
            help="Fail when an index is invalid, needless without a reason, or missing.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        report = indexes.make_report()
        page = index_page.read_page()
        served, kept = index_page.served(page), index_page.kept(page)
        if options["json"]:
            facts = asdict(report) | {"served": served, "kept": kept}
            self.stdout.write(json.dumps(facts, default=str, indent=2))
        else:
            self.stdout.writelines(f"{line}\n" for line in _lines(report, served, kept))
        if options["check"] and (faults := _faults(report, kept)):
            raise CommandError("; ".join(faults))


def _faults(report: Report, kept: dict[str, str]) -> list[str]:
    needless = [each for each in report.redundant if each.index.name not in kept]
    return [
        *(f"{index.name} is invalid" for index in report.invalid),
        *(f"{each.index.name} is covered by {each.covered_by}" for each in needless),
        *(f"{key.name} has no index" for key in report.uncovered),
    ]


def _lines(report: Report, served: dict[str, str], kept: dict[str, str]) -> Iterable[str]:
    since = f"{report.since:%Y-%m-%d %H:%M %Z}" if report.since else "the database was made"
    yield f"Indexes, and how often each was read since {since}"
    rows = [_row(index, served) for index in report.indexes]
    yield from _aligned([("table", "index", "size", "scans", ""), *rows])
    yield from _part("Invalid", [f"{index.table}.{index.name}" for index in report.invalid])
    yield from _part("Covered by another", [_needless(each, kept) for each in report.redundant])
    yield from _part(
        "Foreign keys without an index",
        [f"{key.table} ({', '.join(key.columns)}): {key.name}" for key in report.uncovered],
    )
    yield from _part(
        f"Read from end to end, tables over {_size(indexes.BIG_TABLE)}",
        [
            f"{scan.table} ({_size(scan.size_bytes)}): {scan.sequential_scans} times,"
            f" {scan.rows_read // scan.sequential_scans:,} rows each;"
            f" {scan.index_scans:,} times by an index"
            for scan in report.scanned
        ],
    )


def _row(index: Index, served: dict[str, str]) -> tuple[str, ...]:
    if not index.is_unused:
        remark = ""
    elif index.name in served:
        remark = f"unused; there for: {served[index.name]}"
    else:
        remark = "unused; docs/indexes.md does not say what for"
    return index.table, index.name, _size(index.size_bytes), f"{index.scans:,}", remark


def _needless(each: Redundant, kept: dict[str, str]) -> str:
    reason = kept.get(each.index.name)
    told = f"{each.index.table}.{each.index.name} by {each.covered_by}"
    return f"{told}; kept: {reason}" if reason else told


def _size(count: int) -> str:
    return f"{count / 1024:,.0f} kB"


def _part(title: str, lines: Sequence[str]) -> Iterable[str]:
    yield ""
    yield f"{title}: {'none' if not lines else ''}".rstrip()
    yield from (f"  {line}" for line in lines)


def _aligned(rows: Sequence[Sequence[str]]) -> Iterable[str]:
    """Pad the columns; sizes and scans are numbers and end together."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for table, name, size, scans, remark in rows:
        yield (
            f"  {table:{widths[0]}}  {name:{widths[1]}}  {size:>{widths[2]}}"
            f"  {scans:>{widths[3]}}  {remark}"
        ).rstrip()
