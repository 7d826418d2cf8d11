"""Making printouts in the background, and keeping them in order."""

from celery import shared_task

from apps.paper import services


@shared_task(name="paper.make_printout")
def make_printout(printout_id: int) -> None:
    """Draw an ordered printout."""
    services.make_printout(printout_id)


@shared_task(name="paper.resume_printouts")
def resume_printouts() -> None:
    """Order again what was lost on the way."""
    services.resume_printouts()


@shared_task(name="paper.clear_printouts")
def clear_printouts() -> None:
    """Delete the files of yesterday."""
    services.clear_printouts()
