"""Files, handed out as downloads and never as pages of ours."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from apps.accounts.actors import actor
from apps.jobs.downloads import hand_out
from apps.jobs.models import Attachment


@login_required
@require_safe
def download(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Hand out a file that the user may see."""
    visible = Attachment.objects.visible_to(actor(request))
    return hand_out(request, get_object_or_404(visible, pk=pk))
