"""What each check and each run of tests came to, and the summing-up."""

from collections.abc import Sequence
from dataclasses import dataclass

from launcher.console import elapsed, show

_LIMIT_SECONDS = 15 * 60


@dataclass(frozen=True)
class Outcome:
    """How one step ended; `summary` is pytest's own last line, `left_out` why it was not run."""

    name: str
    exit_code: int
    seconds: float
    summary: str = ""
    left_out: str = ""

    @property
    def word(self) -> str:
        """What a person needs to know, in capitals where something must be done."""
        if self.left_out:
            return "LEFT OUT"
        return "FAILED" if self.exit_code else "ok"


def report(outcomes: Sequence[Outcome], *, ran_all: bool) -> int:
    """Show how every step ended, and pytest's own summaries; return the exit code of the whole."""
    failed = [outcome for outcome in outcomes if outcome.exit_code]
    show(f"\n{' Summary ':=^80}")
    for outcome in outcomes:
        show(f"  {outcome.word:<9}{outcome.name:<28}{outcome.seconds:7.1f} s")
    for outcome in outcomes:
        if outcome.left_out:
            show(f"\nLEFT OUT: {outcome.name}. {outcome.left_out}")
    show()
    for outcome in outcomes:
        if outcome.summary:
            show(f"{outcome.name}: {outcome.summary}")
    verdict = f"FAILED: {', '.join(outcome.name for outcome in failed)}" if failed else "All passed"
    show(f"{verdict}, in {elapsed():.0f} s{_overrun()}.")
    if not ran_all:
        show("The long runs are short in this; bin/test --all runs them whole.")
    return 1 if failed else 0


def _overrun() -> str:
    return " (over the 15 minutes that this may take)" if elapsed() > _LIMIT_SECONDS else ""
