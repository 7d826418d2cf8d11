"""PostgreSQL: time-outs everywhere, a pool in web processes only."""

from typing import Any

from config.env import Environment

LOCK_TIMEOUT = 5  # Seconds.
# A list's labels are joined to its rows, in the order written: trying every other order of eight
# took four times as long as the query (10.9 ms of planning for 50 work logs; 2.5 with this).
JOINS_REORDERED = 4
SIGN_IN = ("USER", "PASSWORD", "HOST", "PORT")


def databases(env: Environment) -> dict[str, Any]:
    """Return DATABASES.

    Celery closes Django's native psycopg pool after each task, and a command has no use for
    one: both keep a plain connection instead.
    """
    options = _options(env, env.database)
    pooled = env.process == "web"
    if pooled:
        options["pool"] = {
            "min_size": env.pool_min,
            "max_size": env.pool_max,
            "timeout": env.pool_timeout,
            "max_lifetime": env.pool_recycle,
        }
    return {
        "default": {
            **env.database,
            "ENGINE": "apps.core.postgresql",
            "CONN_MAX_AGE": 0 if pooled else 60,
            # Each is checked before use; how the pool's are, ``apps.core.postgresql`` says.
            "CONN_HEALTH_CHECKS": not pooled,
            "OPTIONS": options,
        }
    }


def owner(env: Environment) -> dict[str, Any] | None:
    """Return what DATABASES' default has otherwise when the database's owner signs in."""
    if env.database_owner is None:
        return None
    sign_in = {part: env.database_owner[part] for part in SIGN_IN}
    return {**sign_in, "OPTIONS": _options(env, env.database_owner)}


def _options(env: Environment, address: dict[str, Any]) -> dict[str, Any]:
    given = dict(address.get("OPTIONS", {}))  # From the address: sslmode and its kin.
    timeouts = {
        "statement_timeout": env.statement_timeout,
        "lock_timeout": LOCK_TIMEOUT,
        "idle_in_transaction_session_timeout": 2 * env.statement_timeout,
    }
    ours = " ".join(
        [
            *(f"-c {name}={seconds * 1000}" for name, seconds in timeouts.items()),
            f"-c join_collapse_limit={JOINS_REORDERED}",
            # What is prepared, and what triggers ask, is planned once a connection: planning the
            # floor's statements anew takes up to five times as long as what they find.
            "-c plan_cache_mode=force_generic_plan",
        ]
    )
    return {
        "connect_timeout": 5,
        "application_name": f"andon-{env.process}",
        **given,
        "options": f"{ours} {given.get('options', '')}".strip(),
    }
