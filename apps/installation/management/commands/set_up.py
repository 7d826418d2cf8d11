"""`manage.py set_up`: the one command that makes a database ready, and leaves a ready one alone."""

import os
import sys
from getpass import getpass
from typing import Any

from django.conf import settings
from django.core.checks import Tags
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from apps.accounts.models import User
from apps.installation import services

PASSWORD_VARIABLE = "ANDON_ADMIN_PASSWORD"  # noqa: S105 - its name


class Command(BaseCommand):
    help = (
        "Migrate, and make the roles, reasons, settings and first administrator that are missing."
        f" The administrator's password is asked for, or taken from {PASSWORD_VARIABLE}."
    )
    requires_system_checks = ()  # Those of the database are run below, once it has its tables.

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--demo",
            action="store_true",
            help="Load the demo, if the shop is empty, instead of asking for an administrator.",
        )
        parser.add_argument("--admin-username", help="Who the first administrator signs in as.")
        parser.add_argument("--admin-email", help="Where their mail goes; may be left out.")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["demo"] and not getattr(settings, "ANDON_ALLOWS_DEMO", False):
            raise CommandError("--demo is refused: these settings are for production.")
        self._migrate()
        self.check(tags=[Tags.database], databases=["default"])
        made = services.seed()
        roles = f"made {', '.join(role.name for role in made)}" if made else "in place"
        self.stdout.write(f"Roles, reasons, settings: {roles}.")
        if options["demo"]:
            call_command("load_demo", "--if-empty", stdout=self.stdout)
        elif services.has_administrator():
            self.stdout.write("Administrator: there is one.")
        else:
            user = self._create_administrator(options["admin_username"], options["admin_email"])
            self.stdout.write(f"Administrator: made {user.username}, who makes the others.")

    def _migrate(self) -> None:
        """Migrate, unless nothing is to do: the whole of ``migrate`` takes seconds even then."""
        executor = MigrationExecutor(connection)
        plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
        if not plan and services.is_seeded():
            self.stdout.write("Database: up to date.")
            return
        self.stdout.write(f"Database: migrating, {len(plan)} steps.")
        call_command("migrate", interactive=False, verbosity=1)

    def _create_administrator(self, username: str | None, email: str | None) -> User:
        is_asked = sys.stdin.isatty()
        password = os.environ.get(PASSWORD_VARIABLE, "")
        if not is_asked and not (username and password):
            raise CommandError(
                "There is no administrator yet. Give --admin-username NAME (and --admin-email),"
                f" and the password in {PASSWORD_VARIABLE}."
            )
        if username is None:
            username = input("First administrator's sign-in name: ")
            email = email or input("Their e-mail (may be left empty): ")
        while True:
            given = password or _ask_password()
            try:
                return services.create_first_administrator(
                    username=username, email=email or "", password=given
                )
            except ValidationError as error:
                faults = error.message_dict.items()
                said = "\n".join(f"  {field}: {fault}" for field, some in faults for fault in some)
                if password or set(error.message_dict) != {"password"}:
                    raise CommandError(f"The administrator cannot be made:\n{said}") from error
                self.stderr.write(said)


def _ask_password() -> str:
    while True:
        first, second = getpass("Their password: "), getpass("The same again: ")
        if first == second:
            return first
        sys.stderr.write("Those were not the same.\n")
