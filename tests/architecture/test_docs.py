"""The documents say what is there: links, names, files, tests, decisions and requirements."""

import ast
import importlib
import re
from pathlib import Path

import pytest
from django.apps import apps as registry

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted([*DOCS.rglob("*.md"), *ROOT.glob("*.md"), ROOT / "tests/README.md"])
DECISIONS = sorted((DOCS / "adr").glob("[0-9]*.md"))
REQUIREMENTS = DOCS / "requirements.md"

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
CODE = re.compile(r"`([^`\n]+)`")
FENCE = re.compile(r"^ *```.*?^ *```", re.MULTILINE | re.DOTALL)
DOTTED = re.compile(r"apps(\.\w+)+(\(.*\))?")
IN_THE_HOUSE = re.compile(r"(apps|bin|config|docker|docs|static|templates|tests)/[\w./:*-]+")
BROUGHT = ("docker/.env", "docker/tls/")  # Secrets: each installation has its own.
INDEX = re.compile(r"idx_\w+")
VARIABLE = re.compile(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)+")


def prose(page):
    """Return a page without its blocks of code."""
    return FENCE.sub("", page.read_text())


def named(page):
    """Return what a page has between backticks, outside blocks of code."""
    return CODE.findall(prose(page))


def by_path(page):
    return str(page.relative_to(ROOT))


@pytest.mark.parametrize("page", PAGES, ids=by_path)
def test_every_link_leads_somewhere(page):
    for target in LINK.findall(prose(page)):
        if "://" in target or target.startswith("mailto:"):
            continue
        path, _, heading = target.partition("#")
        place = page.parent / path if path else page
        assert place.exists(), target
        if heading:
            assert heading in headings(place), target


def headings(page):
    lines = re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", line.lower()).replace(" ", "-") for line in lines}


@pytest.mark.parametrize("page", PAGES, ids=by_path)
def test_every_name_of_ours_can_be_imported(page):
    for name in named(page):
        if DOTTED.fullmatch(name):
            assert is_there(name.partition("(")[0]), name


def is_there(name):
    """Whether a dotted name is a module of ours, or something in one."""
    parts, place = name.split("."), None
    for count in range(1, len(parts) + 1):
        try:
            place = importlib.import_module(".".join(parts[:count]))
        except ModuleNotFoundError:
            return has(place, parts[count - 1 :])
    return True


def has(place, names):
    for name in names:
        if not hasattr(place, name):
            return False
        place = getattr(place, name)
    return True


@pytest.mark.parametrize("page", PAGES, ids=by_path)
def test_every_file_and_test_that_is_named_exists(page):
    for name in named(page):
        if IN_THE_HOUSE.fullmatch(name) and not name.startswith(BROUGHT):
            path, _, test = name.partition("::")
            found = list(ROOT.glob(path))
            assert found, name
            assert not test or test in functions(found[0]), name


def functions(path):
    tree = ast.parse(path.read_text())
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_decisions_are_numbered_without_a_gap_and_listed():
    assert [path.name[:5] for path in DECISIONS] == [f"{n + 1:04}-" for n in range(len(DECISIONS))]
    row = re.compile(r"^\| \[(\d{4})\]\((.+)\) \| (.+) \|$", re.MULTILINE)
    listed = row.findall(prose(DOCS / "adr/README.md"))
    assert listed == [(path.name[:4], path.name, title(path)) for path in DECISIONS]


def title(path):
    return path.read_text().split("\n", 1)[0].removeprefix(f"# {path.name[:4]}: ")


@pytest.mark.parametrize("path", DECISIONS, ids=lambda path: path.name[:4])
def test_a_decision_comes_first_and_fits_a_page(path):
    head, _, body = path.read_text().partition("\n\n")
    assert head == f"# {path.name[:4]}: {title(path)}"
    assert body.startswith("**Decision.** ")
    assert len(body.split()) < 1_000


def answers():
    """Return the rows of the requirements: what was asked, and the answer."""
    rows = re.findall(r"^\| (.+) \| (.+) \|$", REQUIREMENTS.read_text(), re.MULTILINE)
    return [(asked, answer) for asked, answer in rows if answer not in {"answered by", "where"}]


def test_every_requirement_has_an_answer_that_can_be_looked_up():
    assert len(answers()) > 100
    for asked, answer in answers():
        assert "later: " in answer or CODE.search(answer) or LINK.search(answer), asked


def test_every_index_that_is_required_is_in_the_models_or_comes_later():
    indexes = {i.name for model in registry.get_models() for i in model._meta.indexes}
    for asked, answer in answers():
        for name in INDEX.findall(asked):
            is_later = answer.startswith("later: ")
            assert (name in indexes) != is_later, name


def test_every_setting_that_answers_a_requirement_is_in_the_code():
    sources = [path for place in ("apps", "config") for path in (ROOT / place).rglob("*.py")]
    words = {word for path in sources for word in re.findall(r"\w+", path.read_text())}
    for asked, answer in answers():
        if answer.startswith("later: "):
            continue
        for name in CODE.findall(f"{asked} {answer}"):
            assert not VARIABLE.fullmatch(name) or name in words, name
