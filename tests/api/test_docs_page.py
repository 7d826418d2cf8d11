"""`docs/api.md`: each line of it is run against a served Andon with the demo's shop."""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from apps.demo.services import load_demo

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

PAGE = Path(__file__).parents[2] / "docs/api.md"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SHOWN = {"text", "json"}
THERE = "http://127.0.0.1:8000"  # Where the page says that Andon is.
SAYS = "--- what comes next was printed by the block before ---"
PATIENCE = 60  # Seconds, for a whole script.


@dataclass
class Block:
    """Some lines to run, and what the page shows of what they print (None: nothing is shown)."""

    language: str
    code: str
    shown: str | None = None


@dataclass
class Script:
    """The blocks of one language, run one after the other in one process."""

    command: list[str]
    mark: str
    blocks: list[Block] = field(default_factory=list)

    def run(self, base: str) -> list[str]:
        """Return what each block printed. A block that fails ends it."""
        text = "".join(f"{block.code}\n{self.mark}\n" for block in self.blocks)
        ran = subprocess.run(  # noqa: S603 - the page's own lines
            self.command,
            input=text.replace(THERE, base),
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        printed = ran.stdout.split(f"{SAYS}\n")
        assert ran.returncode == 0, f"after block {len(printed)}: {ran.stderr}\n{printed[-1]}"
        return printed[:-1]


def blocks() -> Iterator[Block]:
    """Read the page's blocks, each with what is shown of it."""
    last: Block | None = None
    for language, text in BLOCK.findall(PAGE.read_text()):
        if language in SHOWN:
            assert last is not None
            assert last.shown is None, f"two answers to: {last.code}"
            last.shown = text
        else:
            last = Block(language, text)
            yield last


def as_pattern(shown: str) -> str:
    """Return what is shown as a pattern, in which … is anything on its line."""
    return ".+?".join(re.escape(part) for part in shown.strip().split("…"))


@pytest.fixture
def demo(committed: None) -> None:
    load_demo()


def test_each_line_runs_and_prints_what_the_page_shows(demo, served):
    if shutil.which("curl") is None:
        pytest.skip("NO CURL: docs/api.md is not run.")
    scripts = {
        "sh": Script(["bash", "-eu"], f"echo; echo '{SAYS}'"),
        "python": Script([sys.executable, "-"], f"print({SAYS!r})"),
    }
    for block in blocks():
        scripts[block.language].blocks.append(block)

    compared = 0
    for script in scripts.values():
        printed = script.run(served)
        assert len(printed) == len(script.blocks)
        for block, said in zip(script.blocks, printed, strict=True):
            if block.shown is not None:
                assert re.fullmatch(as_pattern(block.shown), said.strip()), (block.code, said)
                compared += 1
            else:
                assert not said.strip(), (block.code, said)
    assert compared > 10


def test_the_page_speaks_of_what_a_caller_meets():
    said = PAGE.read_text()
    for word in ("Idempotency-Key", "If-Match", "If-None-Match", "ndjson", "RateLimit", "cursor"):
        assert word in said, word
