"""Handing out a file, never as a page of ours."""

import logging

from django.http import FileResponse, Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag

from apps.jobs.models import Attachment

logger = logging.getLogger(__name__)

# Should a browser show the file all the same, then as a stranger that may load and run nothing.
HEADERS = {
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "private, no-cache",  # Kept by one browser, and asked for each time.
}


def hand_out(request: HttpRequest, attachment: Attachment) -> HttpResponseBase:
    """Answer with the file, or 304 to who has it. Whether one may see it was asked before.

    Raises: Http404 when the file is gone.
    """
    etag = quote_etag(attachment.sha256)
    response: HttpResponseBase = get_conditional_response(request, etag=etag) or _file(attachment)
    response.headers["ETag"] = etag
    for name, value in HEADERS.items():
        response.headers[name] = value
    return response


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
