"""Steps through a viewset."""

from django.db.models import QuerySet
from rest_framework.authentication import SessionAuthentication
from rest_framework.permissions import DjangoModelPermissions
from rest_framework.serializers import ChoiceField, DateTimeField, ModelSerializer
from rest_framework.viewsets import ModelViewSet

from apps.jobs.models import JobStep
from apps.jobs.states import StepStatus


class StepSerializer(ModelSerializer):
    status = ChoiceField(choices=StepStatus.choices)
    started_at = DateTimeField(allow_null=True)

    class Meta:
        model = JobStep
        fields = "__all__"


class StepViewSet(ModelViewSet):
    queryset: QuerySet[JobStep] = JobStep.objects.all()
    serializer_class = StepSerializer
    authentication_classes = (SessionAuthentication,)
    permission_classes = (DjangoModelPermissions,)
