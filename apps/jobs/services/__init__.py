"""Every change to routings' offspring: jobs, steps, work logs, help calls, attachments.

Each service locks the job, then its steps by key, then machines by key; checks; writes; and
records what follows, in one transaction.
"""

from apps.jobs.services.attachments import attach_file, remove_attachment
from apps.jobs.services.corrections import correct_step
from apps.jobs.services.help_calls import answer_help, raise_help
from apps.jobs.services.jobs import (
    cancel_job,
    complete_job,
    hold_job,
    release_job,
    reopen_job,
    resume_job,
)
from apps.jobs.services.planning import (
    create_job,
    create_jobs,
    delete_job,
    delete_routing,
    save_job,
)
from apps.jobs.services.reports import Report
from apps.jobs.services.routings import save_routing
from apps.jobs.services.steps import (
    StepChange,
    add_step,
    change_steps,
    delete_step,
    save_step,
)
from apps.jobs.services.supervision import (
    assign_step,
    glimpse_of,
    move_step,
    prioritise_step,
    reopen_step,
    require_glimpse,
    skip_step,
)
from apps.jobs.services.undo import undo_step
from apps.jobs.services.work import (
    change_work,
    complete_step,
    pause_all,
    pause_step,
    report_step,
    start_step,
)

__all__ = [
    "Report",
    "StepChange",
    "add_step",
    "answer_help",
    "assign_step",
    "attach_file",
    "cancel_job",
    "change_steps",
    "change_work",
    "complete_job",
    "complete_step",
    "correct_step",
    "create_job",
    "create_jobs",
    "delete_job",
    "delete_routing",
    "delete_step",
    "glimpse_of",
    "hold_job",
    "move_step",
    "pause_all",
    "pause_step",
    "prioritise_step",
    "raise_help",
    "release_job",
    "remove_attachment",
    "reopen_job",
    "reopen_step",
    "report_step",
    "require_glimpse",
    "resume_job",
    "save_job",
    "save_routing",
    "save_step",
    "skip_step",
    "start_step",
    "undo_step",
]
