"""Files, handed out as downloads and never as pages of ours."""

import logging
from typing import cast

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from django.views.decorators.http import require_safe

from apps.accounts.actors import actor
from apps.jobs.models import Attachment

logger = logging.getLogger(__name__)

# Should a browser show the file all the same, then as a stranger that may load and run nothing.
HEADERS = {
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "private, no-cache",  # Kept by one browser, and asked for each time.
}


@login_required
@require_safe
def download(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Hand out a file that the user may see."""
    attachment = get_object_or_404(Attachment.objects.visible_to(actor(request)), pk=pk)
    etag = quote_etag(attachment.sha256)
    known = get_conditional_response(request, etag=etag)
    response = known or _file(attachment)
    response.headers["ETag"] = etag
    for name, value in HEADERS.items():
        response.headers[name] = value
    return cast("HttpResponse", response)


def _file(attachment: Attachment) -> FileResponse:
    try:
        content = attachment.file.open("rb")
    except FileNotFoundError as error:
        logger.exception("The file of attachment %s is gone.", attachment.pk)
        raise Http404("The file is gone.") from error
    return FileResponse(
        content,
        as_attachment=True,
        filename=attachment.file_name,
        content_type=attachment.content_type,
    )
