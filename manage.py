#!/usr/bin/env python
"""Run a management command against the servers that `bin/up` or the environment names."""

import os
import sys

from django.apps import apps
from django.core.management import execute_from_command_line

from apps.core import request_id
from apps.core.acting import Source, acting_as

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.local")
    with acting_as(None, Source.COMMAND, request_id.adopt(None)):
        try:
            execute_from_command_line(sys.argv)
        finally:
            if apps.ready:
                from apps.core.cache import has_changed  # Models: Django is ready now.

                has_changed()
