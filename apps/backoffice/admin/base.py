"""The admin base class: every default is chosen for tables with millions of rows."""

from collections.abc import Callable, Iterable
from functools import cached_property
from typing import Any, ClassVar, cast

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.options import BaseModelAdmin
from django.contrib.admin.utils import unquote
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db import models, transaction
from django.db.models.constants import LOOKUP_SEP
from django.forms import ModelForm
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
    HttpResponseRedirect,
)
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst

from apps.audit.models import AuditLog
from apps.backoffice.changelist import KeysetChangeList
from apps.backoffice.forms import GuardedForm
from apps.backoffice.history import History, Parts, parts_of
from apps.backoffice.widgets import Autocomplete, AutocompleteMany
from apps.core.errors import DomainError
from apps.core.keys import key_of
from apps.core.models import Record
from apps.core.paging import COUNT_AT_MOST, count_rows
from apps.core.records import delete_record, save_record

# What Django lets an address ask of any column besides comparing it.
COMPARING = {"exact", "gt", "gte", "in", "isnull", "lt", "lte"}
UNFILTERED = frozenset(
    name
    for field in (
        models.CharField(),
        models.DateTimeField(),
        models.DecimalField(),
        models.JSONField(),
    )
    for name in field.get_lookups()
    if name not in COMPARING
)
# An action on more than this is an import or a command, not a click.
ACT_ON_AT_MOST = 1_000
# Rows of an inline in one form: about as many as DATA_UPLOAD_MAX_NUMBER_FIELDS lets through.
ROWS_AT_MOST = 500


class BoundedPaginator(Paginator):
    """Pages of autocomplete answers: the first thousand, counted no further."""

    @cached_property
    def count(self) -> int:
        """Return the number of rows, at most COUNT_AT_MOST."""
        return min(count_rows(cast("models.QuerySet[Any]", self.object_list))[0], COUNT_AT_MOST)


class AutocompleteMixin(BaseModelAdmin):
    """Foreign keys are looked up by typing, never chosen from a select of a whole table."""

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs["widget"] = Autocomplete(db_field, self.admin_site)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs["widget"] = AutocompleteMany(db_field, self.admin_site)
        return super().formfield_for_manytomany(db_field, request, **kwargs)


class ScalableAdmin(AutocompleteMixin, admin.ModelAdmin):
    """Lists by keyset, nothing counted, no select of a whole table, no stale form saved."""

    form = GuardedForm
    paginator = BoundedPaginator
    show_full_result_count = False  # It costs a second COUNT(*) on every search.
    show_facets = admin.ShowFacets.NEVER  # One aggregate per filter choice.
    list_per_page = 50
    list_max_show_all = 50
    list_select_related: ClassVar[tuple[str, ...]] = ()
    sortable_by: ClassVar[tuple[str, ...]] = ()  # Each needs its index.
    ordering: ClassVar[tuple[str, ...]] = ("-pk",)
    actions_selection_counter = True
    when_empty: str | Promise = ""  # How the first one comes to be, where none is.

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[KeysetChangeList]:
        return KeysetChangeList

    def get_search_results(
        self, request: HttpRequest, queryset: models.QuerySet[Any], search_term: str
    ) -> tuple[models.QuerySet[Any], bool]:
        """Ask the model's own ``search``, which has an index; offer only what is in use."""
        if request.path.endswith("/autocomplete/"):
            queryset = self._found(queryset)
        term = search_term.replace("\x00", "").strip()
        if not term:
            return queryset, False
        found = queryset.search(term)  # type: ignore[attr-defined]
        if not any(field.name == "search_text" for field in self.opts.concrete_fields):
            return found, False
        # Bounded before they are sorted: of a common word's many rows the list, by name say,
        # would be read row by row until fifty fit.
        return queryset.filter(pk__in=found.order_by().values("pk")[: COUNT_AT_MOST + 1]), False

    def _found(self, queryset: models.QuerySet[Any]) -> models.QuerySet[Any]:
        """What autocomplete offers: what is in use, with what its names are made of."""
        if self.list_select_related:
            queryset = queryset.select_related(*self.list_select_related)
        return queryset.active() if hasattr(queryset, "active") else queryset

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        """Let an address compare, as filters do: no pattern, no part of a day, no scan."""
        compares = not UNFILTERED.intersection(lookup.split(LOOKUP_SEP)[1:])
        return compares and super().lookup_allowed(lookup, value, request)

    # The stale-form guard.

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Any:
        """Lock what is about to be saved, so that nobody slips between check and write."""
        if "\x00" in object_id:
            return None
        if request.method != "POST":
            return super().get_object(request, object_id, from_field)
        self.lock_first(request, object_id)
        rows = self.get_queryset(request).select_for_update(of=("self",), no_key=True)
        try:
            return rows.get(pk=self.opts.pk.to_python(object_id))
        except (self.model.DoesNotExist, ValidationError):
            return None

    def lock_first(self, request: HttpRequest, object_id: str) -> None:
        """Lock what the record's services lock before the record: the order is theirs."""

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        fieldsets = super().get_fieldsets(request, obj)
        if (
            obj is None
            or not isinstance(obj, Record)
            or not self.has_change_permission(request, obj)
        ):
            return fieldsets
        *others, (title, options) = fieldsets
        guarded = {**options, "fields": [*options["fields"], "seen_version"]}
        return [*others, (title, guarded)]

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        form = super().get_form(request, obj, change=change, **kwargs)
        refusal = getattr(request, "refusal", None)
        return type(form.__name__, (form,), {"refusal": refusal}) if refusal else form

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        """Show a rule's refusal in the form, with what was typed still there."""
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except DomainError as refusal:
            request.refusal = refusal  # type: ignore[attr-defined]
            return super().changeform_view(request, object_id, form_url, extra_context)

    # Writing goes through services.

    def save_model(self, request: HttpRequest, obj: Any, form: ModelForm, change: bool) -> None:
        self.store(request, obj, stored_fields(obj, form.changed_data), change=change)

    def store(self, request: HttpRequest, obj: Any, fields: list[str], *, change: bool) -> None:
        """Save a new record, or the shown fields that changed. A model with rules overrides it."""
        if fields or not change:
            save_record(obj, actor=request.user, fields=fields)

    def save_formset(
        self, request: HttpRequest, form: ModelForm, formset: Any, change: bool
    ) -> None:
        formset.save(commit=False)
        for row in formset.deleted_objects:
            self.delete_row(request, row)
        changed = {row.pk: names for row, names in formset.changed_objects}
        for row in [*formset.new_objects, *(row for row, _ in formset.changed_objects)]:
            self.store_row(request, row, stored_fields(row, changed.get(row.pk, ())))

    def store_row(self, request: HttpRequest, row: Any, fields: list[str]) -> None:
        """Save a row of an inline. A model with rules overrides it."""
        save_record(row, actor=request.user, fields=fields)

    def delete_row(self, request: HttpRequest, row: Any) -> None:
        """Delete a row of an inline. A model with rules overrides it."""
        delete_record(row, actor=request.user)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        delete_record(obj, actor=request.user)

    def get_deleted_objects(self, objs: Iterable[Any], request: HttpRequest) -> Any:
        """Collect nothing: the database refuses a record in use, at the cost of a look-up."""
        named = [str(obj) for obj in objs]
        return named, {self.opts.verbose_name_plural: len(named)}, set(), []

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        try:
            return super().delete_view(request, object_id, extra_context)
        except DomainError as refusal:
            self.message_user(request, refusal.message, messages.ERROR)
            place = f"admin:{self.opts.app_label}_{self.opts.model_name}_change"
            return HttpResponseRedirect(reverse(place, args=[object_id]))

    # History: the trail's, and no other beside it.

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Write nothing: the trail has it."""

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Write nothing: the trail has it."""

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        """Write nothing: the trail has it."""

    def parts(self, record: Any) -> Iterable[Parts]:
        """Return which rows' changes are told with the record's own."""
        return parts_of(self, record)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Tell what became of a record, of a deleted one to those who may read the trail."""
        if request.method not in {"GET", "HEAD"}:
            return HttpResponseNotAllowed(["GET", "HEAD"])
        stored = self.get_object(request, unquote(object_id))
        record = stored or self._deleted(request, unquote(object_id))
        if record is None:
            missing: HttpResponse = self._get_obj_does_not_exist_redirect(  # type: ignore[attr-defined]  # unknown to the stubs
                request, self.opts, object_id
            )
            return missing
        if not self.has_view_or_change_permission(request, stored):
            raise PermissionDenied
        name = str(stored or f"{self.opts.verbose_name} no. {record.pk}, deleted")
        context = {
            **self.admin_site.each_context(request),
            "title": f"History of {name}",
            "subtitle": None,
            "name": name,
            "history": History(request, record, self.parts(record)),
            "module_name": capfirst(str(self.opts.verbose_name_plural)),
            "original": stored,
            "opts": self.opts,
            **(extra_context or {}),
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "admin/object_history.html", context)

    def _deleted(self, request: HttpRequest, object_id: str) -> models.Model | None:
        """Return what stands for a record that is gone, if the trail knows it."""
        key = key_of(object_id)
        if key is None:
            return None
        gone = AuditLog.objects.of_rows(self.opts.db_table, [key])
        readable = request.user.has_perm("audit.view_auditlog") and gone.exists()
        return self.model(pk=key) if readable else None

    # Actions.

    def action_checkbox(self, obj: models.Model) -> SafeString:
        """Return what Django makes of a widget and its template, once for every row."""
        return format_html(
            '<input type="checkbox" name="_selected_action" value="{}" class="action-select"'
            ' aria-label="Select this object for an action - {}">',
            obj.pk,
            obj,
        )

    def get_actions(self, request: HttpRequest, *place: Any) -> Any:
        """Leave out Django's bulk delete: it collects, and goes round the services."""
        actions = super().get_actions(request, *place)
        actions.pop("delete_selected", None)
        return actions

    def response_action(
        self, request: HttpRequest, queryset: models.QuerySet[Any], *place: Any, **named: Any
    ) -> HttpResponse | None:
        """Act on rows that can be: Django asks the database for whatever was sent."""
        if None in map(key_of, request.POST.getlist(ACTION_CHECKBOX_NAME)):
            self.message_user(request, "Choose rows of the list.", messages.ERROR)
            return HttpResponseRedirect(request.get_full_path())
        return super().response_action(request, queryset, *place, **named)

    def act_on_each(
        self,
        request: HttpRequest,
        queryset: models.QuerySet[Any],
        act: Callable[[int], object],
        done: str,
    ) -> None:
        """Call ``act(id)`` for each row on its own: one refusal spares the rest."""
        ids = list(queryset.order_by("pk").values_list("pk", flat=True)[: ACT_ON_AT_MOST + 1])
        if len(ids) > ACT_ON_AT_MOST:
            self.message_user(
                request, f"Choose at most {ACT_ON_AT_MOST:,} at once.", messages.ERROR
            )
            return
        acted = 0
        for each in ids:
            try:
                with transaction.atomic():
                    act(each)
            except DomainError as refusal:
                self.message_user(request, refusal.message, messages.WARNING)
            except ObjectDoesNotExist:
                self.message_user(request, "One of them is not there any more.", messages.WARNING)
            else:
                acted += 1
        if acted:
            self.message_user(request, f"{acted} {done}.", messages.SUCCESS)


class ScalableInline(AutocompleteMixin, admin.TabularInline):
    """Rows of a record, guarded like the record itself."""

    form = GuardedForm
    extra = 0
    max_num = ROWS_AT_MOST
    show_change_link = True

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        """Make no more forms than can be posted, whatever number of them a request claims."""
        return super().get_formset(request, obj, **{"absolute_max": self.max_num, **kwargs})

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        ((title, options),) = super().get_fieldsets(request, obj)
        if not self.has_change_permission(request, obj):
            return [(title, options)]
        shown = [name for name in options["fields"] if name != "seen_version"]
        return [(title, {**options, "fields": [*shown, "seen_version"]})]


def stored_fields(record: models.Model, changed: Iterable[str]) -> list[str]:
    """Return the changed form fields that are columns of the record."""
    columns = {field.name for field in record._meta.concrete_fields}
    return [name for name in changed if name in columns]
