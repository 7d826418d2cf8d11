"""Steps to change, and the big lists as a tutorial makes them: the same columns as ours."""

from typing import Any

from django.db.models import Model, QuerySet
from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.pagination import PageNumberPagination
from rest_framework.permissions import DjangoModelPermissions
from rest_framework.request import Request
from rest_framework.serializers import CharField, ChoiceField, DateTimeField, ModelSerializer
from rest_framework.viewsets import ModelViewSet

from apps.accounts import tokens
from apps.accounts.models import User
from apps.catalog.models import Part
from apps.customers.api.rows import CustomerRow
from apps.customers.models import Customer
from apps.jobs.api.rows import JobRow, JobStepRow
from apps.jobs.models import Job, JobStep, Routing
from apps.jobs.states import StepStatus
from apps.machines.models import Machine
from apps.processes.models import Process


class StepSerializer(ModelSerializer):
    status = ChoiceField(choices=StepStatus.choices)
    started_at = DateTimeField(allow_null=True)

    class Meta:
        model = JobStep
        fields = "__all__"


class JwtAuthentication(BaseAuthentication):
    """A token's signature and its user's row, as simplejwt reads them: nothing can be revoked."""

    def authenticate(self, request: Request) -> tuple[User, None] | None:
        """Return the user of the token; None without one."""
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme != "Bearer":
            return None
        return User.objects.get(pk=tokens.read("access", token).user_id), None


def related(about: type[Model], *names: str) -> type[ModelSerializer]:
    """Return a nested serializer of a related record's key and the names given."""

    class Related(ModelSerializer):
        class Meta:
            model = about
            fields = ("id", *names)

    return Related


class Person(ModelSerializer):
    name = CharField(source="full_name")

    class Meta:
        model = User
        fields = ("id", "name")


class JobListSerializer(ModelSerializer):
    priority = CharField(source="get_priority_display")
    customer = related(Customer, "name")()
    part = related(Part, "number")()
    routing = related(Routing, "name")()
    created_by = Person()

    class Meta:
        model = Job
        fields = JobRow.Meta.fields


class StepListSerializer(ModelSerializer):
    priority = CharField(source="get_priority_display")
    job = related(Job, "number")()
    customer = related(Customer, "name")(source="job.customer")
    part = related(Part, "number")(source="job.part")
    process = related(Process, "name", "code")()
    machine = related(Machine, "name", "code")()
    assigned_to = Person()

    class Meta:
        model = JobStep
        fields = JobStepRow.Meta.fields


class CustomerSerializer(ModelSerializer):
    class Meta:
        model = Customer
        fields = CustomerRow.Meta.fields


class Pages(PageNumberPagination):
    page_size = 50


class ViewSet(ModelViewSet):
    authentication_classes = (JwtAuthentication, SessionAuthentication)
    permission_classes = (DjangoModelPermissions,)
    pagination_class = Pages


class StepViewSet(ViewSet):
    queryset: QuerySet[JobStep] = JobStep.objects.order_by("-pk")
    serializer_class = StepSerializer


class JobListViewSet(ViewSet):
    queryset: QuerySet[Job] = Job.objects.select_related(
        "customer", "part", "routing", "created_by"
    ).order_by("-pk")
    serializer_class = JobListSerializer


class StepListViewSet(ViewSet):
    queryset: QuerySet[JobStep] = JobStep.objects.select_related(
        "job__customer", "job__part", "process", "machine", "assigned_to"
    ).order_by("-pk")
    serializer_class = StepListSerializer


class CustomerViewSet(ViewSet):
    queryset: QuerySet[Customer] = Customer.objects.order_by("-pk")
    serializer_class = CustomerSerializer


VIEWS: dict[str, Any] = {
    "steps": StepViewSet,
    "jobs": JobListViewSet,
    "job-steps": StepListViewSet,
    "customers": CustomerViewSet,
}
