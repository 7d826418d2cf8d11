"""Files of a test lie in a folder of its own."""

import pytest
from django.test import override_settings


@pytest.fixture(autouse=True)
def media(tmp_path):
    with override_settings(MEDIA_ROOT=tmp_path):
        yield tmp_path
