"""Every environment variable Andon reads, read once; all faults are named together."""

import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn, TypeVar, cast

from django.core.exceptions import ImproperlyConfigured
from environs import Env, EnvValidationError, ValidationError

from apps.core.addresses import networks
from config import addresses

ROOT = Path(__file__).parents[1]
LOCAL_SECRET = "insecure-and-known-to-everyone: for a developer's own machine only"  # noqa: S105 - refused in production
SECRET_MIN_LENGTH = 50
SECRET_MIN_DIFFERENT = 5  # Characters, as Django's own check has it.
LAST_PORT = 65_535
SERVING = ("web", "worker", "beat")
PROCESSES = (*SERVING, "command")
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """What the surroundings say. Durations in seconds."""

    data_dir: Path
    secret_key: str
    allowed_hosts: list[str]
    csrf_trusted_origins: list[str]
    cors_allowed_origins: list[str]
    trusted_proxies: list[str]
    rate_limit_user: int
    rate_limit_address: int
    rate_limit_auth: int
    database: dict[str, Any]
    database_owner: dict[str, Any] | None
    statement_timeout: int
    redis_url: str
    broker_url: str
    process: str
    pool_min: int
    pool_max: int
    pool_timeout: int
    pool_recycle: int
    web_workers: int
    web_threads: int
    log_level: str
    silk_percent: int
    email_host: str
    email_port: int
    email_user: str
    email_password: str
    email_use_tls: bool
    email_from: str


def read(*, production: bool) -> Environment:
    """Read the environment, and in development the servers that `bin/up` has running.

    Raises: ImproperlyConfigured, naming every missing or wrong variable at once.
    """
    env = _Variables(eager=False)
    env.add_parser("database", _said_by(addresses.database))
    env.add_parser("owner", _said_by(addresses.owner))
    env.add_parser("broker", _said_by(addresses.broker))
    data_dir = Path(env.str("ANDON_DATA", str(ROOT / "var")))
    if not production:
        env.read_env(data_dir / "run" / "servers.env", recurse=False)  # What is set goes before.
    safe = _Unless(production=production)
    process = env.str("ANDON_PROCESS", "command", validate=_one_of(PROCESSES))
    database = env.database("DATABASE_URL")
    redis_url = env.str("REDIS_URL", validate=_said_by(addresses.cache))
    values = {
        "data_dir": data_dir,
        "secret_key": env.str("SECRET_KEY", validate=safe.secret, **safe.default(LOCAL_SECRET)),
        "allowed_hosts": env.list(
            "ALLOWED_HOSTS",
            subcast=str.strip,
            validate=safe.hosts,
            **safe.default(["localhost", "127.0.0.1", "[::1]"]),
        ),
        "csrf_trusted_origins": env.list(
            "CSRF_TRUSTED_ORIGINS", [], subcast=str.strip, validate=safe.origins
        ),
        "cors_allowed_origins": env.list(
            "CORS_ALLOWED_ORIGINS", [], subcast=str.strip, validate=safe.origins
        ),
        "trusted_proxies": env.list(
            "TRUSTED_PROXIES", [], subcast=str.strip, validate=_trusted_proxies
        ),
        "rate_limit_user": env.int("RATE_LIMIT_USER", 1_200, validate=_between(1)),
        "rate_limit_address": env.int("RATE_LIMIT_ADDRESS", 600, validate=_between(1)),
        "rate_limit_auth": env.int("RATE_LIMIT_AUTH", 100, validate=_between(1)),
        "database": database,
        "database_owner": _owner(env, process, database),
        "statement_timeout": env.int("DB_STATEMENT_TIMEOUT", 30, validate=_between(0)),
        "redis_url": redis_url or "",
        "broker_url": _broker(env, redis_url),
        "process": process,
        "pool_min": env.int("DB_POOL_MIN_CONNECTIONS", 8 if production else 2),
        "pool_max": env.int("DB_POOL_MAX_CONNECTIONS", 24 if production else 10),
        "pool_timeout": env.int("DB_POOL_TIMEOUT", 30, validate=_between(1)),
        "pool_recycle": env.int("DB_POOL_RECYCLE", 3600, validate=_between(1)),
        "web_workers": env.int("WEB_WORKERS", 2, validate=_between(1)),
        "web_threads": env.int("WEB_THREADS", 8, validate=_between(1)),
        "log_level": env.str("LOG_LEVEL", "INFO", validate=_one_of(LOG_LEVELS)),
        "silk_percent": env.int("SILK_PERCENT", 100, validate=_between(0, 100)),
        "email_host": env.str("EMAIL_HOST", ""),
        "email_port": env.int("EMAIL_PORT", 587, validate=_between(1, LAST_PORT)),
        "email_user": env.str("EMAIL_HOST_USER", ""),
        "email_password": env.str("EMAIL_HOST_PASSWORD", ""),
        "email_use_tls": env.bool("EMAIL_USE_TLS", default=True),
        "email_from": env.str("DEFAULT_FROM_EMAIL", "Andon <andon@localhost>"),
    }
    if production:
        env.bool("DEBUG", default=False, validate=_no_debug)
    faults = _sealed(env)
    pool = values["pool_min"], values["pool_max"]
    if None not in pool and not 0 < pool[0] <= pool[1]:
        faults["DB_POOL_MIN_CONNECTIONS"] = ["must lie between 1 and DB_POOL_MAX_CONNECTIONS"]
    if process in SERVING and os.environ.get("DATABASE_OWNER_URL"):
        faults["DATABASE_OWNER_URL"] = [f"is for commands, and not for the {process} process"]
    if faults:
        _refuse(faults, production=production)
    return Environment(**values)


class _Variables(Env):
    """The process' variables, then a file's; one that is set to nothing counts as not set."""

    def _get_value(self, env_key: str, default: Any) -> Any:
        return os.environ.get(env_key) or self._environ.get(env_key) or default

    def forget(self, env_key: str) -> None:
        """Let what a file says about a variable count for nothing."""
        self._environ.pop(env_key, None)


def _owner(
    env: _Variables, process: str | None, database: dict[str, Any] | None
) -> dict[str, Any] | None:
    """Return where the database's owner signs in: commands alone know it."""
    if process != "command" or os.environ.get("DATABASE_URL"):
        env.forget("DATABASE_OWNER_URL")  # It belongs to commands, and to the file's own database.
    owner: dict[str, Any] | None = env.owner("DATABASE_OWNER_URL", "", beside=database)
    return owner


def _broker(env: _Variables, redis_url: str | None) -> str:
    """Return the broker's address: its own variable's, else one beside the cache."""
    if redis_url is None and not os.environ.get("CELERY_BROKER_URL"):
        return ""  # The cache's fault is enough.
    beside = addresses.broker_beside(redis_url) if redis_url else ...
    url: str | None = env.broker("CELERY_BROKER_URL", beside, cache_url=redis_url)
    return url or ""


def _sealed(env: Env) -> dict[str, list[str]]:
    """End the reading; return each variable's faults."""
    try:
        env.seal()
    except EnvValidationError as error:
        faults = cast("Mapping[str, list[str]]", error.error_messages)
        return {name: list(said) for name, said in faults.items()}
    return {}


def _refuse(faults: dict[str, list[str]], *, production: bool) -> NoReturn:
    lines = [f"  {name}: {'; '.join(said)}" for name, said in sorted(faults.items())]
    hint = (
        []
        if production
        else ["While `bin/up` runs, the servers' addresses are known without a setting."]
    )
    raise ImproperlyConfigured("\n".join(["These environment variables are wrong:", *lines, *hint]))


@dataclass(frozen=True, slots=True)
class _Unless:
    """What development may leave out or do, and production may not."""

    production: bool

    def default(self, value: Any) -> dict[str, Any]:
        return {} if self.production else {"default": value}

    def secret(self, value: str) -> None:
        if self.production and not (
            value != LOCAL_SECRET
            and len(value) >= SECRET_MIN_LENGTH
            and len(set(value)) >= SECRET_MIN_DIFFERENT
            and not value.startswith("django-insecure-")
        ):
            raise ValidationError(
                f"must be your own, random, and {SECRET_MIN_LENGTH} characters or longer"
            )

    def hosts(self, value: list[str]) -> None:
        if self.production and not all(_HOST.fullmatch(host) for host in value):
            raise ValidationError(
                "must be host names, as in andon.example.com: no scheme, no port, no *"
            )

    def origins(self, value: list[str]) -> None:
        schemes = "https" if self.production else "https?"
        if not all(re.fullmatch(rf"{schemes}://[^/\s]+", origin) for origin in value):
            raise ValidationError("must be origins, as in https://andon.example.com")


_HOST = re.compile(r"\.?[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*|\[[0-9A-Fa-f:.]+\]")


def _trusted_proxies(value: list[str]) -> None:
    try:
        networks(value)
    except ValueError as error:
        raise ValidationError(
            "must be addresses or networks, as 10.0.0.7 or 10.0.0.0/24, or the word unix;"
            " not everybody"
        ) from error


def _no_debug(value: bool) -> None:  # noqa: FBT001 - a validator's signature
    if value:
        raise ValidationError("must not be set in production")


def _said_by(parse: Callable[..., T]) -> Callable[..., T]:
    """Return the parser with its ValueErrors as faults of the variable."""

    def run(value: str, **kwargs: Any) -> T:
        try:
            return parse(value, **kwargs)
        except ValueError as error:
            raise ValidationError(str(error)) from error

    return run


def _between(least: int, most: int | None = None) -> Callable[[int], None]:
    def check(value: int) -> None:
        if value < least or (most is not None and value > most):
            wanted = f"{least} or more" if most is None else f"between {least} and {most}"
            raise ValidationError(f"must be {wanted}")

    return check


def _one_of(words: Sequence[str]) -> Callable[[str], None]:
    def check(value: str) -> None:
        if value not in words:
            raise ValidationError(f"must be one of {', '.join(words)}")

    return check
