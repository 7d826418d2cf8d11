"""Steps to change, and the big lists as a tutorial makes them: the same columns as ours."""

from typing import Any

from django.db.models import Count, Model, QuerySet
from django.utils import timezone
from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.generics import ListAPIView
from rest_framework.pagination import PageNumberPagination
from rest_framework.permissions import DjangoModelPermissions, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import CharField, ChoiceField, DateTimeField, ModelSerializer
from rest_framework.views import APIView
from rest_framework.viewsets import ModelViewSet

from apps.accounts import tokens
from apps.accounts.models import User
from apps.catalog.models import Part
from apps.customers.api.rows import CustomerRow
from apps.customers.models import Customer
from apps.jobs.api.rows import JobRow, JobStepRow
from apps.jobs.models import Job, JobStep, Routing
from apps.jobs.states import JOB_CAN_BE_LATE, StepStatus
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


class HelloView(APIView):
    """Says hello to who is signed in."""

    authentication_classes = (SessionAuthentication,)
    permission_classes = (IsAuthenticated,)

    def get(self, request: Request) -> Response:
        """Say hello."""
        return Response({"hello": request.user.get_username()})


class BoardView(APIView):
    """The board's numbers, counted."""

    authentication_classes = (JwtAuthentication, SessionAuthentication)
    permission_classes = (IsAuthenticated,)

    def get(self, request: Request) -> Response:
        """Count what there is."""
        late = Job.objects.filter(status__in=JOB_CAN_BE_LATE, due_date__lt=timezone.localdate())
        mine = JobStep.objects.filter(assigned_to=request.user.pk)
        return Response(
            {
                "jobs": _by_status(Job.objects.all()),
                "late": late.count(),
                "steps": _by_status(JobStep.objects.all()),
                "machines": _by_status(Machine.objects.filter(is_active=True)),
                "users": User.objects.filter(is_active=True).count(),
                "my_tasks": _by_status(mine),
            }
        )


def _by_status(rows: QuerySet[Any]) -> dict[str, int]:
    return dict(rows.order_by().values_list("status").annotate(Count("pk")))


class TasksView(ListAPIView):
    """What one may do next."""

    authentication_classes = (JwtAuthentication, SessionAuthentication)
    permission_classes = (IsAuthenticated,)
    serializer_class = StepListSerializer

    def get_queryset(self) -> QuerySet[JobStep]:
        """Return what is one's own and open, fifty at most."""
        steps = JobStep.objects.filter(
            assigned_to=self.request.user.pk,
            status__in=(StepStatus.IN_PROGRESS, StepStatus.PAUSED, StepStatus.READY),
        )
        labels = ("job__customer", "job__part", "process", "machine", "assigned_to")
        return steps.select_related(*labels).order_by("priority", "due_date", "pk")[:50]


VIEWS: dict[str, Any] = {
    "steps": StepViewSet,
    "jobs": JobListViewSet,
    "job-steps": StepListViewSet,
    "customers": CustomerViewSet,
}
