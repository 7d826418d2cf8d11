"""A build over one database, in a process of its own: measures what it is told, a line an order.

Started by ``benchmarks.bench``. An order is ``{"case", "work", "times", "warm"}`` in JSON, where
zero times asks for the pages of the database that are touched; the answer is one line too.
"""

import importlib
import json
import sys
import traceback
from functools import cache
from typing import Any

import django


def main() -> None:
    """Answer orders until there are no more."""
    django.setup()
    from benchmarks.measure import Meter  # noqa: PLC0415 - models are there only now

    meter = Meter()
    meter.install()
    for line in sys.stdin:
        try:
            answer = _obey(meter, **json.loads(line))
        except Exception:  # noqa: BLE001 - told to the runner, who raises it
            answer = {"error": traceback.format_exc()}
        sys.stdout.write(f"{json.dumps(answer)}\n")
        sys.stdout.flush()


def _obey(meter: Any, *, case: str, work: str, times: int, warm: bool) -> dict[str, Any]:
    from benchmarks.explain import touched  # noqa: PLC0415 - models are there only now

    chosen = _work(case, work)
    with chosen.turn():
        if not times:
            found = touched(chosen.do).as_dict()
            chosen.put_back()
            return found
        if warm:
            chosen.do()
            chosen.put_back()
        samples = []
        for _ in range(times):
            samples.append(meter.sample(chosen.do).as_dict())
            chosen.put_back()
    return {"samples": samples}


@cache
def _work(case: str, name: str) -> Any:
    return importlib.import_module(f"benchmarks.cases.{case}").WORKS[name]()


if __name__ == "__main__":
    main()
