"""Triggers taken out for a turn of calls, to see what they cost."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import sql

from benchmarks.bench import OWNER_URL

_FIND = """
    SELECT tgrelid::regclass::text, tgname FROM pg_trigger
    WHERE starts_with(tgname, %s) ORDER BY 1
"""


@contextmanager
def without_triggers(start: str) -> Iterator[None]:
    """Take out the triggers whose names begin so; only the tables' owner may."""
    with psycopg.connect(os.environ[OWNER_URL], autocommit=True) as owner:
        triggers = owner.execute(_FIND, [start]).fetchall()
        switch = sql.SQL("ALTER TABLE {} {} TRIGGER {}").format
        try:
            for table, name in triggers:
                owner.execute(
                    switch(sql.Identifier(table), sql.SQL("DISABLE"), sql.Identifier(name))
                )
            yield
        finally:
            for table, name in triggers:
                owner.execute(
                    switch(sql.Identifier(table), sql.SQL("ENABLE"), sql.Identifier(name))
                )
