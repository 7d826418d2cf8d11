"""The floor of a list over HTTP: a bare WSGI function, two queries by psycopg, JSON by orjson.

It does what cannot be left out: the token's signature, the session's row, the columns that ours
tells, read as ours are. It has no middleware, no rights, no limits, no parameters, no ETag.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from types import MappingProxyType
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

import orjson
import psycopg
from django.db import connection

from apps.accounts import tokens
from apps.api.fetching import LOADERS
from apps.jobs.states import Priority

A_PAGE = 50
WHO = """
    SELECT s.revoked_at, s.expires_at, s.password_stamp, u.id, u.password, u.is_active, r.code
    FROM api_sessions s JOIN users u ON u.id = s.user_id JOIN roles r ON r.id = u.role_id
    WHERE s.id = %s
"""
# A column with a dot is of a related record, whose id comes first.
LISTS = MappingProxyType(
    {
        "jobs": """
            SELECT j.id, j.number, j.external_id, j.title, j.status, j.priority,
                   c.id AS "customer.id", c.name AS "customer.name",
                   p.id AS "part.id", p.number AS "part.number",
                   r.id AS "routing.id", r.name AS "routing.name",
                   j.quantity, j.due_date, j.steps_total, j.steps_done, j.notes,
                   u.id AS "created_by.id", u.full_name AS "created_by.name",
                   j.released_at, j.completed_at, j.created_at, j.updated_at, j.version
            FROM jobs j JOIN customers c ON c.id = j.customer_id
            LEFT JOIN parts p ON p.id = j.part_id LEFT JOIN routings r ON r.id = j.routing_id
            LEFT JOIN users u ON u.id = j.created_by_id
            ORDER BY j.id DESC LIMIT %s
        """,
        "job-steps": """
            SELECT s.id, j.id AS "job.id", j.number AS "job.number", s.sequence,
                   o.id AS "process.id", o.name AS "process.name", o.code AS "process.code",
                   s.status, s.priority, c.id AS "customer.id", c.name AS "customer.name",
                   p.id AS "part.id", p.number AS "part.number",
                   m.id AS "machine.id", m.name AS "machine.name", m.code AS "machine.code",
                   u.id AS "assigned_to.id", u.full_name AS "assigned_to.name",
                   s.due_date, s.planned_minutes, s.quantity_planned, s.quantity_good,
                   s.quantity_scrap, s.quantity_rework, s.instructions, s.starts_after,
                   s.started_at, s.completed_at, s.created_at, s.updated_at, s.version
            FROM job_steps s JOIN jobs j ON j.id = s.job_id
            JOIN processes o ON o.id = s.process_id JOIN customers c ON c.id = j.customer_id
            LEFT JOIN parts p ON p.id = j.part_id LEFT JOIN machines m ON m.id = s.machine_id
            LEFT JOIN users u ON u.id = s.assigned_to_id
            ORDER BY s.id DESC LIMIT %s
        """,
        "customers": """
            SELECT id, code, external_id, name, contact_name, email, phone, address, city,
                   country, tax_number, notes, is_active, created_at, updated_at, version
            FROM customers ORDER BY id DESC LIMIT %s
        """,
    }
)
PRIORITIES = {member.value: member.name.lower() for member in Priority}


def floor(name: str, bare: psycopg.Connection[Any]) -> WSGIApplication:
    """Return the application that answers the first page of one of LISTS, over a connection."""
    sql = LISTS[name]
    for kind, loader in LOADERS:
        bare.adapters.register_loader(kind, loader)
    build = _builder([column.name for column in bare.execute(sql, [0]).description or ()])

    def application(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        token = environ["HTTP_AUTHORIZATION"].removeprefix("Bearer ")
        claims = tokens.read("access", token)
        if bare.execute(WHO, [claims.session_id]).fetchone() is None:
            raise LookupError("Nobody is signed in.")
        rows = bare.execute(sql, [A_PAGE + 1]).fetchall()
        told = [*map(build, rows[:A_PAGE])]
        more = f"{environ['PATH_INFO']}?after={told[-1]['id']}" if len(rows) > A_PAGE else None
        body = orjson.dumps({"next": more, "previous": None, "results": told})
        start("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
        return [body]

    return application


def connect() -> psycopg.Connection[Any]:
    """Return a connection of its own, with what Django's has of settings and nothing around it."""
    given = connection.get_connection_params()
    names = ("host", "port", "dbname", "user", "password", "options")
    known = {name: given[name] for name in names if name in given}
    return psycopg.connect(**known, autocommit=True)


def _builder(columns: Sequence[str]) -> Callable[[Sequence[Any]], dict[str, Any]]:
    plain = [(name, place) for place, name in enumerate(columns) if "." not in name]
    refs = dict(_refs(columns))
    names = dict.fromkeys(name.partition(".")[0] for name in columns)

    def build(row: Sequence[Any]) -> dict[str, Any]:
        told: dict[str, Any] = dict.fromkeys(names)
        for name, place in plain:
            told[name] = row[place]
        for name, labels in refs.items():
            if row[labels[0][1]] is not None:
                told[name] = {label: row[place] for label, place in labels}
        if "priority" in told:
            told["priority"] = PRIORITIES[told["priority"]]
        return told

    return build


def _refs(columns: Sequence[str]) -> Iterator[tuple[str, list[tuple[str, int]]]]:
    for ref in dict.fromkeys(name.partition(".")[0] for name in columns if "." in name):
        start = f"{ref}."
        labels = [
            (name.removeprefix(start), place)
            for place, name in enumerate(columns)
            if name.startswith(start)
        ]
        yield ref, labels
