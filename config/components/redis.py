"""Valkey or Redis: caches, sessions and the queue, in separate databases."""

from typing import Any

from celery.schedules import crontab
from kombu import Exchange, Queue

from config.env import Environment

REDIS_TIMEOUT = 0.5  # Seconds: Redis is disposable, waiting for it is not.
BROKER_TIMEOUT = 2.0  # Seconds: more than the one that a worker's blocking read takes.
QUEUES = (
    "email",
    "notifications",
    "payments",
    "analytics",
    "optimization",
    "imports",
    "exports",
    "maintenance",
    "default",
)
ROUTES = {  # Tasks by their names' beginnings; what is not here goes to the default queue.
    "background.*": {"queue": "maintenance"},
    "accounts.*": {"queue": "maintenance"},
    "audit.*": {"queue": "maintenance"},
    "counters.*": {"queue": "maintenance"},
    "observability.*": {"queue": "maintenance"},
    "notifications.clear_read": {"queue": "maintenance"},
    "paper.make_printout": {"queue": "exports"},
    "paper.*": {"queue": "maintenance"},
}
EXCHANGE = Exchange("andon")  # Without one, all queues are bound to one key and get each message.
TASK_TIME_LIMIT = 30 * 60  # Seconds.
BEAT_TICKS = 30  # Seconds at most between two ticks: health tells a beat that has stopped.
FOLD_EVERY = 5.0  # Seconds.

SCHEDULE: dict[str, dict[str, Any]] = {
    "clear-sessions": {
        "task": "background.clear_sessions",
        "schedule": crontab(minute="17", hour="3"),
    },
    "clear-idempotency-keys": {
        "task": "background.clear_idempotency_keys",
        "schedule": crontab(minute="47"),
    },
    "clear-sign-ins": {
        "task": "accounts.clear_sign_ins",
        "schedule": crontab(minute="27"),
    },
    "analyze-tables": {
        "task": "background.analyze_tables",
        "schedule": crontab(minute="*/30"),
    },
    "make-audit-partitions": {
        "task": "audit.make_partitions",
        "schedule": crontab(minute="37", hour="2"),
    },
    "fold-counters": {
        "task": "counters.fold",
        "schedule": FOLD_EVERY,
        "options": {"expires": FOLD_EVERY},  # The next one folds as much.
    },
    "verify-counters": {
        "task": "counters.verify",
        "schedule": crontab(minute="7", hour="4"),
    },
    "clear-read-notifications": {
        "task": "notifications.clear_read",
        "schedule": crontab(minute="27", hour="3"),
    },
    "resume-printouts": {
        "task": "paper.resume_printouts",
        "schedule": crontab(),
    },
    "clear-printouts": {
        "task": "paper.clear_printouts",
        "schedule": crontab(minute="57"),
    },
    "clear-silk-records": {
        "task": "observability.clear_silk_records",
        "schedule": crontab(minute="7"),
    },
}


def caches(env: Environment) -> dict[str, Any]:
    """Return CACHES: one cache, whose loss degrades reads and breaks none."""
    return {
        "default": {
            "BACKEND": "django_redis.cache.RedisCache",
            "LOCATION": env.redis_url,
            "KEY_PREFIX": "andon",
            "TIMEOUT": 300,
            "OPTIONS": {
                "IGNORE_EXCEPTIONS": True,
                "LOG_IGNORED_EXCEPTIONS": True,
                "SOCKET_CONNECT_TIMEOUT": REDIS_TIMEOUT,
                "SOCKET_TIMEOUT": REDIS_TIMEOUT,
                "CONNECTION_POOL_CLASS": "apps.core.valkey.PausingPool",
            },
        }
    }


def celery(env: Environment) -> dict[str, Any]:
    """Return the CELERY_ settings: at least once, JSON only, one message at a time."""
    return {
        "CELERY_BROKER_URL": env.broker_url,
        "CELERY_RESULT_BACKEND": None,
        "CELERY_ACCEPT_CONTENT": ["json"],
        "CELERY_TASK_SERIALIZER": "json",
        "CELERY_TASK_COMPRESSION": "gzip",
        "CELERY_TASK_QUEUES": tuple(Queue(name, EXCHANGE, routing_key=name) for name in QUEUES),
        "CELERY_TASK_DEFAULT_QUEUE": "default",
        "CELERY_TASK_ROUTES": ROUTES,
        "CELERY_TASK_CREATE_MISSING_QUEUES": False,
        "CELERY_TASK_IGNORE_RESULT": True,
        "CELERY_TASK_ACKS_LATE": True,
        "CELERY_TASK_REJECT_ON_WORKER_LOST": True,
        "CELERY_TASK_TIME_LIMIT": TASK_TIME_LIMIT,
        "CELERY_TASK_SOFT_TIME_LIMIT": TASK_TIME_LIMIT - 60,
        "CELERY_WORKER_PREFETCH_MULTIPLIER": 1,
        "CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT": 10,
        "CELERY_WORKER_HIJACK_ROOT_LOGGER": False,
        "CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS": True,
        "CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP": True,
        "CELERY_BROKER_TRANSPORT_OPTIONS": {
            "visibility_timeout": 2 * TASK_TIME_LIMIT,  # Below the limit, a long task runs twice.
            "socket_connect_timeout": REDIS_TIMEOUT,
            "socket_timeout": BROKER_TIMEOUT,
            "max_retries": 0,  # A sender fails at once; a worker tries on by settings of its own.
        },
        "CELERY_TIMEZONE": "UTC",
        "CELERY_BEAT_SCHEDULE": SCHEDULE,
        "CELERY_BEAT_SCHEDULER": "apps.background.hearts:Scheduler",
        "CELERY_BEAT_MAX_LOOP_INTERVAL": BEAT_TICKS,
    }
