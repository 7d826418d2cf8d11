"""Silk behind one module: what it records, who may look, when it forgets. In local settings only.

Nothing else of ours imports ``silk``. Its package is imported inside functions, because other
places do not install it.
"""

import base64
import hashlib
import inspect
import random
import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from django.apps import apps
from django.conf import settings
from django.db import connection
from django.db.models import Model
from django.http import HttpRequest, HttpResponse

P = ParamSpec("P")
R = TypeVar("R")

PROFILE_FLAG = "silk_profile"

# Silk's pages have these handlers and styles inline: each is allowed by its hash. Its date picker
# makes functions out of strings.
_HANDLERS = ("this.form.submit();", "createViz()", "", "\n")  # An empty onload is one too.
_STYLES = ("display:none", "display: none")


def may_look(user: Any) -> bool:
    """Whether the user may open Silk, which shows what everyone sent and got."""
    return bool(user.is_active and user.is_staff)


def should_record(request: HttpRequest) -> bool:
    """Whether Silk records the request: a share of all, and each that is to be profiled."""
    if request.path_info.startswith(tuple(_setting("SILKY_IGNORE_PATHS"))):
        return False
    if _is_flagged(request):
        return True
    share: int = _setting("SILKY_INTERCEPT_PERCENT")
    return random.random() * 100 < share  # noqa: S311 - a sample


def should_profile(request: HttpRequest) -> bool:
    """Whether the Python profiler runs: asked for by ``?silk_profile``, and no other one runs.

    Source: Python manual, ``sys.monitoring``: from 3.12 a process has one profiler at a time,
    and it sees the calls of all threads.
    """
    if not _is_flagged(request):
        return False
    is_free = True
    if sys.version_info >= (3, 12):
        is_free = sys.monitoring.get_tool(sys.monitoring.PROFILER_ID) is None
    return is_free


def is_installed() -> bool:
    """Whether this process has Silk."""
    return apps.is_installed("silk")


def clear_old_records() -> None:
    """Keep the newest SILKY_MAX_RECORDED_REQUESTS and their profiles; nothing without Silk."""
    if not is_installed():
        return
    from silk.models import Request  # noqa: PLC0415 - absent elsewhere

    Request.garbage_collect(force=True)
    kept = set(Request.objects.exclude(prof_file="").values_list("prof_file", flat=True))
    for file in _profiles().glob("*.prof"):
        if str(file) not in kept and file.name not in kept:
            file.unlink(missing_ok=True)


def _profiles() -> Path:
    return Path(_setting("SILKY_PYTHON_PROFILER_RESULT_PATH"))


def _setting(name: str) -> Any:
    return getattr(settings, name)  # In local settings alone, so the type checker knows none.


def silk_profile(name: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Record each call of a function under ``name`` in the request that Silk records.

    Outside such a request, and where Silk is absent, the function just runs.
    """

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        code = getattr(inspect.unwrap(function), "__code__", None)

        @wraps(function)
        def run(*args: P.args, **kwargs: P.kwargs) -> R:
            if not _is_recording():
                return function(*args, **kwargs)
            from silk.profiling import profiler  # noqa: PLC0415 - absent elsewhere

            # One a call: Silk's own decorator keeps the call's state on itself, for all threads.
            recorder = profiler.silk_profile(name=name)
            with recorder:
                recorder.profile["func_name"] = function.__name__
                if code:
                    recorder.profile |= {
                        "file_path": code.co_filename,
                        "line_num": code.co_firstlineno,
                    }
                return function(*args, **kwargs)

        return run

    return decorate


def _is_recording() -> bool:
    if not is_installed():
        return False
    from silk.collector import DataCollector  # noqa: PLC0415 - absent elsewhere

    return DataCollector().request is not None


def prepare() -> None:
    """Make the folder of profiles, and keep Silk from two things that go wrong here.

    Explaining a statement that failed, it would do so in the aborted transaction, and the error
    of that would stand in the place of the IntegrityError that tells a person which rule they
    broke. Emptying its tables, it would alter them, which is for their owner.
    """
    from silk import sql  # noqa: PLC0415 - absent elsewhere
    from silk.utils import data_deletion  # noqa: PLC0415 - absent elsewhere

    data_deletion.delete_model = _delete_all
    _profiles().mkdir(parents=True, exist_ok=True)
    explain = sql._explain_query

    def explain_success(*args: Any) -> Any:
        return None if sys.exception() else explain(*args)

    sql._explain_query = explain_success


def _delete_all(model: type[Model]) -> None:
    tables = [field.m2m_db_table() for field in model._meta.many_to_many]
    with connection.cursor() as cursor:
        for table in map(connection.ops.quote_name, [*tables, model._meta.db_table]):
            cursor.execute(f"DELETE FROM {table}")  # noqa: S608 - Silk's own tables


class SilkMiddleware:
    """Take the profiler's flag out of the query; give Silk's pages a policy of their own.

    Lists refuse a parameter that they do not know. Every other page keeps our policy.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Mark request and answer; django-csp, further out, writes the header."""
        if PROFILE_FLAG in request.GET:
            _take_flag(request)
        response = self.get_response(request)
        if request.path_info.startswith("/silk/"):
            response._csp_update = _POLICY  # type: ignore[attr-defined]  # As csp.decorators does.
        return response


def _take_flag(request: HttpRequest) -> None:
    query = request.GET.copy()
    del query[PROFILE_FLAG]
    request.GET = query  # type: ignore[assignment]  # Mutable or not, nobody mutates it.
    request.META["QUERY_STRING"] = query.urlencode()
    request._is_profiled = True  # type: ignore[attr-defined]  # For the two questions above.


def _is_flagged(request: HttpRequest) -> bool:
    return getattr(request, "_is_profiled", False)


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


_POLICY = {
    "script-src": ["'unsafe-eval'", "'unsafe-hashes'", *map(_hash, _HANDLERS)],
    "style-src": ["'unsafe-hashes'", *map(_hash, _STYLES)],
}
