"""Silk is looking for a new home: one module of ours knows it, so that it can be replaced."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
IMPORT = re.compile(r"^\s*(from|import) (silk|debug_toolbar)\b", re.MULTILINE)


def test_one_module_imports_silk_and_none_the_toolbar():
    files = [*(ROOT / "apps").rglob("*.py"), *(ROOT / "config").rglob("*.py")]
    known = {
        (str(file.relative_to(ROOT)), package)
        for file in files
        for _, package in IMPORT.findall(file.read_text())
    }
    assert known == {("apps/observability/silk.py", "silk")}
