"""`python -m benchmarks.data`: fill the database that DATABASE_URL names, or its audit trail."""

import argparse
import os
import sys

import django


def main() -> str | None:
    """Migrate the database if need be, and fill it; return what is wrong, if anything."""
    parser = argparse.ArgumentParser(prog="benchmarks.data", description=__doc__)
    parser.add_argument("--size", choices=("small", "full"), help="Fill an empty database.")
    parser.add_argument("--audit-rows", type=int, default=0, help="Add two years to the trail.")
    parser.add_argument("--seed", default="andon", help="Another seed makes another shop.")
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.local")
    django.setup()

    from django.core.management import call_command  # noqa: PLC0415 - only after the set-up

    from benchmarks.data import audit, load  # noqa: PLC0415
    from benchmarks.data.sizes import SIZES  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    try:
        if options.size:
            load.fill(SIZES[options.size], seed=options.seed)
    except load.NotFillable as refusal:
        return f"{refusal}"
    if options.audit_rows:
        audit.fill_audit(options.audit_rows, seed=options.seed)
    return None


if __name__ == "__main__":
    sys.exit(main())
