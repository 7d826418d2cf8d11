"""Job steps: what is planned is typed, what happens is done by actions."""

from typing import Any, NamedTuple

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _

from apps.accounts.actors import actor
from apps.backoffice.admin import ScalableAdmin
from apps.core.errors import DomainError
from apps.core.keys import key_of
from apps.jobs import policies, services
from apps.jobs.forms import ConfirmForm, CorrectForm, ReportForm, StartForm, StepForm
from apps.jobs.models import Job, JobStep
from apps.jobs.states import StepStatus


class Action(NamedTuple):
    """What can be done to one step: its label, form, service, and the states that offer it."""

    label: str
    form: type[StepForm]
    act: Any
    states: tuple[StepStatus, ...]
    for_supervisors: bool = False


_S = StepStatus
ACTIONS = {
    "start": Action("Start", StartForm, services.start_step, (_S.READY, _S.PAUSED, _S.IN_PROGRESS)),
    "report": Action("Report", ReportForm, services.report_step, (_S.IN_PROGRESS,)),
    "pause": Action("Pause", ReportForm, services.pause_step, (_S.IN_PROGRESS,)),
    "complete": Action("Complete", ReportForm, services.complete_step, (_S.IN_PROGRESS,)),
    "correct": Action(
        "Correct",
        CorrectForm,
        services.correct_step,
        (_S.IN_PROGRESS, _S.PAUSED, _S.COMPLETED),
        for_supervisors=True,
    ),
    "skip": Action(
        "Skip",
        ConfirmForm,
        services.skip_step,
        (_S.PENDING, _S.READY, _S.PAUSED),
        for_supervisors=True,
    ),
    "reopen": Action(
        "Reopen", ConfirmForm, services.reopen_step, (_S.COMPLETED,), for_supervisors=True
    ),
}


@admin.register(JobStep)
class JobStepAdmin(ScalableAdmin):
    when_empty = _("A job has those of its routing.")
    list_display = (
        "__str__",
        "status",
        "good_of_planned",
        "due_date",
        "customer",
        "machine",
        "assigned_to",
        "priority",
    )
    list_select_related = ("job__customer", "process", "machine", "assigned_to")
    list_filter = ("status",)
    search_fields = ("job",)
    search_help_text = "A job number, or part of its title, customer or part"
    autocomplete_fields = ("process", "machine", "assigned_to")
    readonly_fields = (
        "job",
        "status",
        "quantity_planned",
        "quantity_good",
        "quantity_scrap",
        "quantity_rework",
        "started_at",
        "completed_at",
    )
    fieldsets = (
        (None, {"fields": ("job", "status", "assigned_to")}),
        (
            "Plan",
            {
                "fields": (
                    "sequence",
                    "process",
                    "machine",
                    "planned_minutes",
                    "starts_after",
                    "instructions",
                )
            },
        ),
        (
            "Made",
            {"fields": ("quantity_planned", "quantity_good", "quantity_scrap", "quantity_rework")},
        ),
        ("Times", {"fields": ("started_at", "completed_at")}),
    )
    actions = ("start_each", "skip_each", "reopen_each")

    @admin.display(description="Customer")
    def customer(self, step: JobStep) -> str:
        return str(step.job.customer)

    @admin.display(description="Good / planned")
    def good_of_planned(self, step: JobStep) -> str:
        return f"{step.quantity_good} / {step.quantity_planned}"

    def get_queryset(self, request: HttpRequest) -> QuerySet[JobStep]:
        rows: QuerySet[JobStep] = super().get_queryset(request)
        return JobStep.objects.visible_to(actor(request)) & rows

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Steps are added on their job."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: JobStep | None = None) -> bool:
        """Steps are taken out on their job, while it is a draft."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: JobStep | None = None) -> bool:
        """Planners type the plan; supervisors of the process assign."""
        may = super().has_change_permission(request, obj)
        return may or (obj is not None and policies.may_supervise(actor(request), obj))

    def lock_first(self, request: HttpRequest, object_id: str) -> None:
        Job.objects.locked().filter(steps__in=[key_of(object_id)]).first()

    def get_readonly_fields(self, request: HttpRequest, obj: JobStep | None = None) -> Any:
        """Only a pending step's plan can be typed."""
        fixed = super().get_readonly_fields(request, obj)
        plan = self.fieldsets[1][1]["fields"]
        pending = obj is not None and obj.status == StepStatus.PENDING
        planner = request.user.has_perm("jobs.change_jobstep")
        return fixed if pending and planner else (*fixed, *plan)

    def store(self, request: HttpRequest, obj: JobStep, fields: list[str], *, change: bool) -> None:
        if fields:
            services.save_step(obj, actor=actor(request), fields=fields)

    @admin.action(description="Start the selected steps")
    def start_each(self, request: HttpRequest, queryset: QuerySet[JobStep]) -> None:
        who = actor(request)
        self.act_on_each(
            request, queryset, lambda pk: services.start_step(pk, actor=who), "started"
        )

    @admin.action(description="Skip the selected steps")
    def skip_each(self, request: HttpRequest, queryset: QuerySet[JobStep]) -> None:
        who = actor(request)
        self.act_on_each(request, queryset, lambda pk: services.skip_step(pk, actor=who), "skipped")

    @admin.action(description="Reopen the selected steps")
    def reopen_each(self, request: HttpRequest, queryset: QuerySet[JobStep]) -> None:
        who = actor(request)
        self.act_on_each(
            request, queryset, lambda pk: services.reopen_step(pk, actor=who), "reopened"
        )

    # What can be done to one step, each with its form.

    def get_urls(self) -> list[URLPattern]:
        do = self.admin_site.admin_view(self.do_view)
        return [
            path("<int:step_id>/do/<str:name>/", do, name="jobs_jobstep_do"),
            *super().get_urls(),
        ]

    def do_view(self, request: HttpRequest, step_id: int, name: str) -> HttpResponse:
        """Ask what the action needs, carry it out, and say how it went."""
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        rows = self.get_queryset(request).select_related("job", "process")
        step = rows.filter(pk=step_id).first()
        if step is None or name not in ACTIONS:
            raise Http404
        action = ACTIONS[name]
        form = action.form(request.POST or None, step=step)
        if request.method == "POST" and form.is_valid():
            try:
                done = action.act(step.pk, actor=actor(request), **form.values())
            except DomainError as refusal:
                form.add_error(
                    refusal.field if refusal.field in form.fields else None, refusal.message
                )
            else:
                state = StepStatus(done.status).label.lower()
                self.message_user(request, f"{step}: {state}.", messages.SUCCESS)
                return redirect(reverse("admin:jobs_jobstep_change", args=[step.pk]))
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": f"{action.label}: {step}",
            "step": step,
            "action": action,
            "form": form,
        }
        return TemplateResponse(
            request,
            "admin/jobs/jobstep/do.html",
            context,
            status=400 if form.errors else 200,
        )

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        step = context.get("original")
        context["step_actions"] = self._offered(request, step) if step else []
        return super().render_change_form(request, context, *args, **kwargs)

    def _offered(self, request: HttpRequest, step: JobStep) -> list[dict[str, str]]:
        who = actor(request)
        supervises = policies.may_supervise(who, step)
        works = supervises or policies.may_work(who, step)
        return [
            {"name": name, "label": action.label}
            for name, action in ACTIONS.items()
            if step.status in action.states
            if (supervises if action.for_supervisors else works)
        ]
