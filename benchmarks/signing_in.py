"""`python -m benchmarks.signing_in COUNT`: sign people in; print the headers that say so."""

import json
import sys
from itertools import cycle, islice

import django
from django.utils.timezone import now


def main(count: int) -> None:
    """Open sessions in turns: half of them in browsers, of who sees all jobs, half in programs."""
    django.setup()
    from apps.accounts.models import User  # noqa: PLC0415 - models are there only now
    from apps.jobs.models import WorkLog  # noqa: PLC0415
    from benchmarks.data.people import CREWS, OPERATOR  # noqa: PLC0415
    from benchmarks.work import Browser, Program  # noqa: PLC0415

    everybody = User.objects.active().with_labels().order_by("pk")
    office = [user for user in everybody if user.has_perm("jobs.view_job")]
    busy = {
        *WorkLog.objects.filter(ended_at=None, started_at__lt=now()).values_list("user", flat=True)
    }
    floor = [user for user in everybody if user.role.code in {OPERATOR, *CREWS}]
    floor.sort(key=lambda user: user.pk not in busy)  # Who has work in hand is first.
    half = count // 2
    browsers = [Browser(user).signed_in["HTTP_COOKIE"] for user in islice(cycle(office), half)]
    programs = [
        Program(user).signed_in["HTTP_AUTHORIZATION"] for user in islice(cycle(floor), half)
    ]
    found = {
        "boards": [f"Cookie: {each}" for each in browsers],
        "tasks": [f"Authorization: {each}" for each in programs],
        "workers": [f"Authorization: {each}" for each in programs[: len(floor)]],
    }
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main(int(sys.argv[1]))
