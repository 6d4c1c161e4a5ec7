"""Files of what a step handed over to a person."""

from django.http import HttpRequest, HttpResponse
from django.utils.text import slugify
from django.views.decorators.http import require_GET

from integrator.accounts.access import Role, get_or_404
from syncjobs.handing_over import import_document, work_document
from syncjobs.models import Step


@require_GET
def import_items(request: HttpRequest, step: int) -> HttpResponse:
    """The program's own import file, in its code page."""
    found = get_or_404(request, Step, step, Role.OPERATOR)
    content, _ = import_document(found)
    return _file(found, content, "txt", "text/plain; charset=windows-1250")


@require_GET
def work_items(request: HttpRequest, step: int) -> HttpResponse:
    """The work list as a spreadsheet opens it."""
    found = get_or_404(request, Step, step, Role.OPERATOR)
    return _file(found, work_document(found), "csv", "text/csv; charset=utf-8")


def _file(step: Step, content: bytes, extension: str, kind: str) -> HttpResponse:
    name = f"{slugify(step.connection.name) or 'shop'}-{step.run_id}-{step.kind}.{extension}"
    return HttpResponse(content, content_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})
