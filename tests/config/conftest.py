"""An environment of one's own for the settings under test."""

import os

import pytest

SAFE = {
    "SECRET_KEY": "kq3v9ZC1xW7nB5mL2pR8tY4uI6oA0sDfGhJkQwEeRrTtYyUuIiOo",
    "ALLOWED_HOSTS": "andon.example",
    "DATABASE_URL": "postgresql://andon:word@db.example:5432/andon",
    "REDIS_URL": "redis://:word@cache.example:6379/0",
}


@pytest.fixture
def bare_environ(monkeypatch, tmp_path):
    """No variable but the folder of the data, which is empty."""
    for name in list(os.environ):
        monkeypatch.delenv(name)
    monkeypatch.setenv("ANDON_DATA", str(tmp_path))
    return monkeypatch


@pytest.fixture
def production_environ(bare_environ):
    """The fewest variables with which production starts."""
    for name, value in SAFE.items():
        bare_environ.setenv(name, value)
    return bare_environ
