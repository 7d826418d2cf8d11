"""A client made of the document, and programs compiled against it."""

from pathlib import Path

import pytest

from apps.api.schema.document import as_json
from tests.node import MODULES, node_in, only_in_all

HERE = Path(__file__).parent / "client"

pytestmark = [pytest.mark.slow, only_in_all]


def test_a_program_compiles_against_the_typed_client(tmp_path):
    node = node_in(tmp_path, HERE)
    (tmp_path / "openapi.json").write_bytes(as_json())

    node(MODULES / "openapi-typescript/bin/cli.js", "openapi.json", "-o", "api.ts")
    node(MODULES / "typescript/bin/tsc", "-p", ".")
