"""`bin/test`: every check and every test, on servers of its own, with a summing-up at the end."""

import os
from collections.abc import Mapping
from pathlib import Path

from launcher.checks import TEST_DATABASE, all_checks
from launcher.chromium import find_chromium, install_chromium
from launcher.claim import claim
from launcher.console import show
from launcher.environ import child_environ, command_environ
from launcher.outcome import Outcome, report
from launcher.runner import run_checks, run_pytest, run_tests
from launcher.servers import running_servers
from launcher.settings import ROOT, Settings
from launcher.venv import Environment

_NO_CHROMIUM = "No Chromium could be had: install one, or let ANDON_CHROMIUM name it."
_USAGE = """\
Usage: bin/test [--all] [arguments for pytest]

Makes .venv, starts throwaway servers, and runs every check and every test; with arguments
for pytest it runs pytest alone with those.

  --all            the long runs too: ANDON_ALL=1, which pytest's tests read
  ANDON_CHROMIUM   the browser for the browser tests
  DATABASE_URL, DATABASE_OWNER_URL, REDIS_URL, ANDON_DATA   as for bin/up"""


def test(settings: Settings, arguments: list[str]) -> int:
    """Run what is asked for; return the exit code.

    Raises: Trouble, Interruption.
    """
    if {"-h", "--help"} & set(arguments):
        show(_USAGE)
        return 0
    run_all = "--all" in arguments
    selection = [argument for argument in arguments if argument != "--all"]
    data = settings.data / "test"
    with claim(data / "run/test.lock", "bin/test"):
        (data / "log").mkdir(exist_ok=True)
        environment = Environment(ROOT)
        environment.ensure("test.txt")
        chromium = find_chromium()
        if not chromium and not selection:
            chromium = install_chromium(environment, data / "log")
        packages = environment.site_packages()
        with running_servers(settings, data, packages, throwaway=True) as servers:
            environ = command_environ(child_environ(settings, environment, servers, data), servers)
            environ |= {"ANDON_CHROMIUM": chromium} if chromium else {}
            environ |= {"ANDON_ALL": "1"} if run_all else {}
            if selection:
                return run_pytest(selection, environment, environ)
            outcomes = _run_everything(environment, environ, data / "log")
    return report(outcomes, ran_all=run_all)


def _run_everything(
    environment: Environment, environ: Mapping[str, str], logs: Path
) -> list[Outcome]:
    outcomes = run_checks(all_checks(environment), environ, logs)
    if any(each.name == TEST_DATABASE and not each.exit_code for each in outcomes):
        environ = {**environ, "ANDON_COPIES": "1"}
    # One more than processors: tests wait for servers, browsers and workers.
    workers = str((os.cpu_count() or 1) + 1)
    parallel = ["-n", workers, "--dist", "loadgroup", "-m"]
    outcomes.append(run_tests("tests", [*parallel, "not browser"], environment, environ, logs))
    if "ANDON_CHROMIUM" in environ:
        browsing = [*parallel, "browser"]
        outcomes.append(run_tests("browser tests", browsing, environment, environ, logs))
    else:
        forbidden = os.environ.get("CI") == "true"
        outcomes.append(Outcome("browser tests", int(forbidden), 0, left_out=_NO_CHROMIUM))
    return outcomes
