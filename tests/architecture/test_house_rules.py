"""Rules a reviewer would otherwise have to remember."""

import ast
from pathlib import Path

import pytest
from django.apps import apps as registry
from django.contrib import admin
from django.db import models

from apps.audit.triggers import AuditTrigger
from apps.background.models import IdempotencyKey
from apps.backoffice.admin import ScalableAdmin
from apps.core.models import Record
from apps.core.triggers import Trigger
from apps.counters.models import CounterDelta, CounterState, CounterSum

ROOT = Path(__file__).parents[2]
SOURCES = [p for p in (ROOT / "apps").rglob("*.py") if "migrations" not in p.parts]
OURS = [m for m in registry.get_models() if m.__module__.startswith("apps.") and not m._meta.proxy]
# Written by programs for programs: no version, no form, no trail.
MACHINERY = {IdempotencyKey, CounterDelta, CounterSum, CounterState}
# The trail is no record either: nobody edits it.
RECORDS = [m for m in OURS if m._meta.managed and m not in MACHINERY]
# Django's own signal of a new connection: each learns to say who acts.
CONNECTORS = {ROOT / "apps/audit/apps.py"}
# Where a status is written: services, and what loads whole histories at once.
WRITERS = ("services", "imports", "demo")


def tree(path):
    return ast.walk(ast.parse(path.read_text()))


def test_only_services_write_a_status():
    for path in SOURCES:
        if any(part in path.parts or path.stem == part for part in WRITERS):
            continue
        for node in tree(path):
            if isinstance(node, ast.Assign):
                written = [getattr(target, "attr", "") for target in node.targets]
                assert "status" not in written, f"{path}:{node.lineno}"
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "update":
                assert "status" not in [k.arg for k in node.keywords], f"{path}:{node.lineno}"


def test_nobody_connects_a_signal_of_ours():
    for path in SOURCES:
        for node in tree(path):
            name = getattr(getattr(node, "func", None), "attr", "")
            assert name not in {"connect", "receiver"} or path in CONNECTORS, path
            if isinstance(node, ast.ImportFrom) and node.module:
                assert not node.module.endswith("dispatch"), path


@pytest.mark.parametrize("model", RECORDS, ids=lambda m: m._meta.label)
def test_every_table_has_its_times_and_a_version_that_a_trigger_raises(model):
    assert issubclass(model, Record)
    names = [trigger.name for trigger in model._meta.triggers]
    assert "raise_version" in names
    assert not model._meta.db_table.startswith(model._meta.app_label + "_")


def test_no_session_setting_skips_a_trigger_of_ours():
    for model in registry.get_models():
        for trigger in getattr(model._meta, "triggers", ()):
            assert isinstance(trigger, Trigger | AuditTrigger), (model, trigger.name)


@pytest.mark.parametrize("model", OURS, ids=lambda m: m._meta.label)
def test_no_model_has_a_save_of_its_own(model):
    assert "save" not in vars(model)
    assert "delete" not in vars(model)


def test_every_model_is_in_the_office_and_every_list_is_scalable():
    registered = {m for m in admin.site._registry if m in OURS}
    inlined = {inline.model for each in admin.site._registry.values() for inline in each.inlines}
    assert set(OURS) - MACHINERY == registered | inlined
    for model in registered:
        listed = admin.site._registry[model]
        assert isinstance(listed, ScalableAdmin)
        for name in listed.sortable_by:
            assert isinstance(model._meta.get_field(name), models.Field)


def test_no_file_is_called_after_nothing():
    forbidden = {"utils.py", "helpers.py", "misc.py", "manager.py", "common.py", "tools.py"}
    assert not [path for path in SOURCES if path.name in forbidden]


def test_installed_apps_are_listed_from_the_top_layer_down():
    settings = (ROOT / "config/settings/base.py").read_text()
    listed = [
        node.value.removeprefix("apps.")
        for node in ast.walk(ast.parse(settings))
        if isinstance(node, ast.Constant) and str(node.value).startswith("apps.")
        if str(node.value).count(".") == 1
    ]
    layers = (ROOT / "pyproject.toml").read_text().split("layers = [")[1].split("]")[0]
    order = [
        name.strip().removeprefix("apps.")
        for name in layers.replace('"', "").replace("|", ",").split(",")
        if name.strip().startswith("apps.")
    ]
    assert listed == [name for name in order if name in listed]
