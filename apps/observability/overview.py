"""All that is known of how the installation is, for the page and for programs."""

from dataclasses import dataclass

from apps.observability import counting, disk, health, pool, work
from apps.observability.counting import CounterHealth
from apps.observability.disk import DiskHealth
from apps.observability.pool import PoolHealth
from apps.observability.warned import Warned
from apps.observability.work import WorkHealth


@dataclass(frozen=True, slots=True)
class Overview:
    """Each check's fault, or None; then each part, None where the database did not tell it."""

    checks: dict[str, str | None]
    connections: PoolHealth | None
    work: WorkHealth
    disk: DiskHealth
    counters: CounterHealth | None

    @property
    def is_available(self) -> bool:
        """Whether everything is there that a request needs."""
        return not any(self.checks.values())

    @property
    def warnings(self) -> tuple[Warned, ...]:
        """Return everything that is wrong, and what to do."""
        parts = (self.connections, self.work, self.disk, self.counters)
        return tuple(warned for part in parts if part is not None for warned in part.warnings)


def look() -> Overview:
    """Look at everything that is quickly looked at. Queries: 5, and those of the migrations."""
    checks = health.check_readiness()
    has_database = checks["database"] is None
    return Overview(
        checks,
        pool.look() if has_database else None,
        work.look(),
        disk.look(),
        counting.look() if has_database else None,
    )
