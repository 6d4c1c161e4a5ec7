"""For machines that watch the installation: alive, ready, in numbers. No sign-in, and nothing of a tenant's data."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from syncjobs.operations import metrics, readiness


@require_safe
@never_cache
@login_not_required
def healthz(request: HttpRequest) -> HttpResponse:
    """This process answers. Asks nothing else, so a database that is away gets no process restarted."""
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
@never_cache
@login_not_required
def readyz(request: HttpRequest) -> HttpResponse:
    """200 when people can be served, else 503; why not stands in the log, since strangers may ask here."""
    found = readiness.checks()
    ready = all(found.values())
    return JsonResponse({"ready": ready, "checks": found}, status=200 if ready else 503)


@require_safe
@never_cache
@login_not_required
def metrics_page(request: HttpRequest) -> HttpResponse:
    """For whoever has METRICS_TOKEN; to all others this address does not exist."""
    token = settings.METRICS_TOKEN
    if not token or not constant_time_compare(request.headers.get("Authorization", ""), f"Bearer {token}"):
        raise Http404
    return HttpResponse(metrics.page(), content_type=metrics.CONTENT_TYPE)
