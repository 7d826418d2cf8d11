"""Lets the tests import the launcher, which is no part of Andon's own packages."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "bin"))
