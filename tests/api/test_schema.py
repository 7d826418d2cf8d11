"""The document says what there is, all of it and nothing else."""

import json
import re
from http import HTTPStatus
from io import StringIO
from typing import Any

import jsonschema_rs
import pytest
import yaml
from django.core.management import call_command
from django.urls import URLPattern, URLResolver, get_resolver

from apps.api.records import RecordView
from apps.api.refusals import every_refusal
from apps.api.schema.document import document
from tests.factories import make_job, make_machine, make_process

BODIES = ("application/json", "application/problem+json", "multipart/form-data")


def operations() -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (path, method, operation)
        for path, methods in document()["paths"].items()
        for method, operation in methods.items()
    ]


def whole(schema: dict[str, Any]) -> dict[str, Any]:
    """Return a schema that stands alone."""
    return {**schema, "components": document()["components"]}


def test_it_is_valid_and_nothing_was_guessed():
    call_command("spectacular", fail_on_warn=True, validate=True, stdout=StringIO())

    for name, schema in document()["components"]["schemas"].items():
        assert jsonschema_rs.meta.is_valid(schema), name


def addresses(patterns: list[URLPattern | URLResolver], before: str) -> list[tuple[str, Any]]:
    found = []
    for each in patterns:
        path = before + str(each.pattern)
        if isinstance(each, URLResolver):
            found += addresses(each.url_patterns, path)
        else:
            found.append((path, each.callback))
    return found


def methods_of(callback: Any) -> set[str]:
    if hasattr(callback, "actions"):
        return set(callback.actions)
    return {name for name in callback.cls.http_method_names if hasattr(callback.cls, name)}


def test_every_address_is_in_it_with_every_method():
    everything = addresses(get_resolver().url_patterns, "/")
    there_are = {
        (re.sub(r"<[^>]*>|\(\?P<[^)]*\)", "{}", path).rstrip("Z\\").replace("^", ""), method)
        for path, callback in everything
        if path.startswith("/api/v1/")
        for method in methods_of(callback) - {"options", "head"}
    }
    told = {(re.sub(r"{[^}]*}", "{}", path), method) for path, method, _ in operations()}

    assert told == there_are


def test_names_of_operations_are_unique_and_plain():
    names = [operation["operationId"] for *_, operation in operations()]

    assert len(set(names)) == len(names)
    assert all(re.fullmatch("[a-z]+(_[a-z]+)*", name) for name in names)
    assert {"jobs_list", "jobs_release", "job_steps_start", "auth_token"} <= {*names}


def test_every_operation_says_what_it_does_and_every_problem_it_may_meet():
    for path, method, operation in operations():
        answers = operation["responses"]
        signed_in = operation["security"] != [{}]
        expected = {"400", "406", "429", "503"} | ({"401", "403"} if signed_in else set())
        expected |= {"413", "415"} if method in {"post", "put", "patch"} else set()
        expected |= {"404"} if "{" in path else set()

        assert operation["summary"], path
        assert expected <= answers.keys(), (path, method)
        assert any(status.startswith("2") for status in answers), (path, method)


def test_every_problem_has_examples_by_its_codes():
    codes = {each.code for each in every_refusal()}
    for name, answer in document()["components"]["responses"].items():
        (content,) = answer["content"].values()

        assert content["examples"], name
        assert content["examples"].keys() <= codes, name


def test_every_example_is_as_its_schema_says():
    examples = 0
    for path, method, operation in operations():
        contents = [operation.get("requestBody", {}).get("content", {})]
        contents += [answer.get("content", {}) for answer in operation["responses"].values()]
        for content in contents:
            for media, said in content.items():
                if media not in BODIES or "format" in said["schema"]:
                    continue
                validator = jsonschema_rs.validator_for(
                    whole(said["schema"]), validate_formats=media != "multipart/form-data"
                )
                faults = [str(each) for each in validator.iter_errors(said["example"])]
                assert not faults, (path, method, media)
                examples += 1

    assert examples > len(operations())


def test_it_is_the_same_each_time():
    told, again = StringIO(), StringIO()
    call_command("spectacular", stdout=told)
    call_command("spectacular", stdout=again)

    assert told.getvalue() == again.getvalue()


def test_a_record_is_told_with_every_name_that_the_document_requires(planning):
    job = make_job()
    schema = document()["components"]["schemas"]["Job"]

    told = planning.get(f"jobs/{job.pk}/").json()

    assert list(told) == schema["required"] == list(schema["properties"])


def test_what_not_everyone_is_told_is_not_required(program):
    machine = make_machine(make_process())
    schema = document()["components"]["schemas"]["Machine"]
    withheld = set(schema["properties"]) - set(schema["required"])

    told = program("operator").get(f"machines/{machine.pk}/").json()

    assert set(schema["properties"]) - set(told) == withheld != set()


def test_views_that_hide_names_have_rows_that_say_which():
    def kinds(view: type) -> list[type]:
        return [each for kind in view.__subclasses__() for each in (kind, *kinds(kind))]

    hiding = [view for view in kinds(RecordView) if "hidden" in vars(view)]

    assert hiding
    assert all(view.row.Meta.withheld for view in hiding)


@pytest.mark.parametrize(
    ("asked", "media", "read"),
    [
        ({}, "application/json", json.loads),
        ({"headers": {"Accept": "application/yaml"}}, "application/yaml", yaml.safe_load),
        ({"query_params": {"format": "yaml"}}, "application/yaml", yaml.safe_load),
    ],
)
def test_it_is_told_as_json_and_as_yaml_and_not_told_again(client, asked, media, read):
    told = client.get("/api/schema/", **asked)
    headers = {**asked.get("headers", {}), "If-None-Match": told["ETag"]}
    again = client.get("/api/schema/", **{**asked, "headers": headers})

    assert told["Content-Type"] == media
    assert read(told.content) == json.loads(json.dumps(document()))
    assert (again.status_code, again.content) == (304, b"")


def test_an_address_that_there_is_not_is_told_as_a_problem(client, db):
    for path, status in (
        ("/api/v1/nothing/", HTTPStatus.NOT_FOUND),
        ("/api/v1/jobs/x/", HTTPStatus.NOT_FOUND),
        ("/api/v1/jobs/?search=%00", HTTPStatus.BAD_REQUEST),
    ):
        answer = client.get(path)

        assert answer.status_code == status
        assert answer["Content-Type"] == "application/problem+json"
    assert client.get("/nothing/")["Content-Type"].startswith("text/html")


def test_the_page_of_problems_has_a_place_for_each_code(client, db):
    page = client.get("/api/docs/problems/").content.decode()

    for each in every_refusal():
        assert f'id="{each.code}"' in page
        assert each.words, each.code
