"""Jobs: typed while drafts, moved by actions, always through the services."""

from functools import partial
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_POST

from apps.accounts.actors import actor
from apps.backoffice.admin import ACT_ON_AT_MOST, ScalableAdmin, ScalableInline
from apps.core.errors import DomainError
from apps.jobs import services
from apps.jobs.admin.attachments import links
from apps.jobs.forms import PlannedStepForm
from apps.jobs.models import Job, JobStep
from apps.jobs.services.planning import AFTER_RELEASE
from apps.jobs.states import JobStatus
from apps.shop.selectors import today

# What each state offers: action, its label, and what is said when it is done.
ACTIONS = {
    "release": ("Release to the floor", "released", services.release_job, (JobStatus.DRAFT,)),
    "hold": ("Put on hold", "on hold", services.hold_job, (JobStatus.ACTIVE,)),
    "resume": ("Resume", "resumed", services.resume_job, (JobStatus.ON_HOLD,)),
    "complete": ("Complete", "completed", services.complete_job, (JobStatus.ACTIVE,)),
    "cancel": (
        "Cancel",
        "cancelled",
        services.cancel_job,
        (JobStatus.DRAFT, JobStatus.ACTIVE, JobStatus.ON_HOLD),
    ),
    "reopen": ("Reopen", "reopened", services.reopen_job, (JobStatus.COMPLETED,)),
}


# Of what the list offers besides: paper is of an app above this one.
PERMISSIONS = {"print_travellers": "paper.add_printout"}


class JobStepInline(ScalableInline):
    model = JobStep
    form = PlannedStepForm
    fields = (
        "sequence",
        "process",
        "status",
        "good_of_planned",
        "machine",
        "planned_minutes",
        "starts_after",
        "instructions",
    )
    readonly_fields = ("status", "good_of_planned")
    autocomplete_fields = ("process", "machine")

    def get_queryset(self, request: HttpRequest) -> QuerySet[JobStep]:
        return super().get_queryset(request).select_related("job", "process", "machine")

    @admin.display(description="Good / planned")
    def good_of_planned(self, step: JobStep) -> str:
        return f"{step.quantity_good} / {step.quantity_planned}" if step.pk else ""

    def has_delete_permission(self, request: HttpRequest, obj: Job | None = None) -> bool:
        draft = obj is not None and obj.status == JobStatus.DRAFT
        return draft and super().has_delete_permission(request, obj)

    def has_add_permission(self, request: HttpRequest, obj: Job | None = None) -> bool:
        final = obj is not None and obj.status in {JobStatus.COMPLETED, JobStatus.CANCELLED}
        return not final and super().has_add_permission(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Job | None = None) -> bool:
        final = obj is not None and obj.status in {JobStatus.COMPLETED, JobStatus.CANCELLED}
        return not final and super().has_change_permission(request, obj)


class LateFilter(admin.SimpleListFilter):
    """Work that is past its due date."""

    title = "late"
    parameter_name = "late"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return [("yes", "Late")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() != "yes":
            return queryset
        late: QuerySet[Job] = Job.objects.overdue(today())
        return queryset & late


@admin.register(Job)
class JobAdmin(ScalableAdmin):
    list_display = (
        "number",
        "status",
        "progress",
        "due_date",
        "customer",
        "title",
        "quantity",
        "priority",
    )
    list_select_related = ("customer",)
    list_filter = (LateFilter, "status", "priority", "due_date")
    sortable_by = ("number", "due_date")
    search_fields = ("number",)
    search_help_text = "A job number, or part of a title, customer or part"
    autocomplete_fields = ("customer", "part", "routing")
    readonly_fields = (
        "number",
        "status",
        "progress",
        "files",
        "released_at",
        "completed_at",
        "created_by",
    )
    fieldsets = (
        (None, {"fields": ("number", "status", "progress", "files")}),
        ("What", {"fields": ("title", "customer", "part", "routing", "quantity")}),
        ("When", {"fields": ("priority", "due_date")}),
        ("More", {"fields": ("notes", "external_id", "created_by", "released_at", "completed_at")}),
    )
    add_fieldsets = (
        (None, {"fields": ("customer", "routing", "part", "title", "quantity")}),
        ("When", {"fields": ("priority", "due_date")}),
        ("More", {"fields": ("notes", "external_id")}),
    )
    inlines = (JobStepInline,)
    actions = (*ACTIONS, "print_travellers")

    @admin.display(description="Steps done")
    def progress(self, job: Job) -> str:
        return f"{job.steps_done} of {job.steps_total}"

    @admin.display(description="Files")
    def files(self, job: Job) -> str:
        return links(job.attachments.order_by("pk"))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Job]:
        rows: QuerySet[Job] = super().get_queryset(request)
        return Job.objects.visible_to(actor(request)) & rows

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        """Longest late first: newest first, all that is not late yet would be passed over."""
        return ("due_date",) if request.GET.get(LateFilter.parameter_name) else self.ordering

    def get_fieldsets(self, request: HttpRequest, obj: Job | None = None) -> Any:
        return self.add_fieldsets if obj is None else super().get_fieldsets(request, obj)

    def get_inlines(self, request: HttpRequest, obj: Job | None) -> Any:
        """Steps come from the routing first; then they are there to change."""
        return () if obj is None else self.inlines

    def get_readonly_fields(self, request: HttpRequest, obj: Job | None = None) -> Any:
        """Once released, only AFTER_RELEASE can be typed."""
        fixed = super().get_readonly_fields(request, obj)
        if obj is None or obj.status == JobStatus.DRAFT:
            return fixed
        typed = {"title", "customer", "part", "routing", "quantity", "external_id", *AFTER_RELEASE}
        return (*fixed, *sorted(typed - AFTER_RELEASE))

    def get_actions(self, request: HttpRequest, *place: Any) -> Any:
        """Offer each action to those who may."""
        actions = super().get_actions(request, *place)
        return {
            name: each
            for name, each in actions.items()
            if request.user.has_perm(PERMISSIONS.get(name, f"jobs.{name}_job"))
        }

    def get_action(self, action: Any, *place: Any) -> Any:
        if action not in ACTIONS:
            return super().get_action(action, *place)
        label, _, _, _ = ACTIONS[action]
        return _bulk(action), action, f"{label} the selected jobs"

    @admin.action(description="Print the travellers of the selected jobs")
    def print_travellers(
        self, request: HttpRequest, queryset: QuerySet[Job]
    ) -> HttpResponse | None:
        """Ask once more, and hand the choice to where paper is made."""
        keys = list(queryset.order_by("pk").values_list("pk", flat=True)[: ACT_ON_AT_MOST + 1])
        if len(keys) > ACT_ON_AT_MOST:
            self.message_user(
                request, f"Choose at most {ACT_ON_AT_MOST:,} at once.", messages.ERROR
            )
            return None
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": "Print travellers",
            "keys": keys,
        }
        return TemplateResponse(request, "admin/jobs/job/print.html", context)

    def store(self, request: HttpRequest, obj: Job, fields: list[str], *, change: bool) -> None:
        if not change:
            services.create_job(obj, actor=actor(request))
        elif fields:
            services.save_job(obj, actor=actor(request), fields=fields)

    def store_row(self, request: HttpRequest, row: JobStep, fields: list[str]) -> None:
        if row._state.adding:
            services.add_step(row, actor=actor(request))
        elif fields:
            services.save_step(row, actor=actor(request), fields=fields)

    def delete_row(self, request: HttpRequest, row: JobStep) -> None:
        services.delete_step(row.pk, actor=actor(request))

    def has_delete_permission(self, request: HttpRequest, obj: Job | None = None) -> bool:
        """Drafts are deleted, the rest is cancelled."""
        draft = obj is None or obj.status == JobStatus.DRAFT
        return draft and super().has_delete_permission(request, obj)

    def delete_model(self, request: HttpRequest, obj: Job) -> None:
        services.delete_job(obj.pk, actor=actor(request))

    # The buttons of one job.

    def get_urls(self) -> list[URLPattern]:
        do = self.admin_site.admin_view(require_POST(self.do_view))
        return [path("<int:job_id>/do/<str:action>/", do, name="jobs_job_do"), *super().get_urls()]

    def do_view(self, request: HttpRequest, job_id: int, action: str) -> HttpResponse:
        """Carry one action out, and say on the job's page how it went."""
        page = redirect(reverse("admin:jobs_job_change", args=[job_id]))
        if action not in ACTIONS or not self.get_queryset(request).filter(pk=job_id).exists():
            return redirect(reverse("admin:jobs_job_changelist"))
        _, done, act, _ = ACTIONS[action]
        try:
            job = act(job_id, actor=actor(request))
        except DomainError as refusal:
            self.message_user(request, refusal.message, messages.ERROR)
        except Job.DoesNotExist:
            page = redirect(reverse("admin:jobs_job_changelist"))
        else:
            self.message_user(request, f"{job} is {done}.", messages.SUCCESS)
        return page

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        job = context.get("original")
        context["job_actions"] = [
            {"name": name, "label": label}
            for name, (label, _, _, states) in ACTIONS.items()
            if job and job.status in states and request.user.has_perm(f"jobs.{name}_job")
            if name != "complete" or job.steps_done == job.steps_total
        ]
        return super().render_change_form(request, context, *args, **kwargs)


def _bulk(action: str) -> Any:
    """Return the list action that does ``action`` to each chosen job."""
    _, done, act, _ = ACTIONS[action]

    def run(model_admin: JobAdmin, request: HttpRequest, queryset: QuerySet[Job]) -> None:
        model_admin.act_on_each(request, queryset, partial(act, actor=actor(request)), done)

    return run
