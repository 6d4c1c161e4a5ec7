"""Where the panel is reached from outside: shops send webhooks there and fetch pictures from there."""

from urllib.parse import urlsplit

from django.conf import settings


def public_url(path: str) -> str | None:
    """The address of a path of the panel ("/hooks/...") as the outside world reaches it, None when it cannot: then
    nothing that needs a way in may be offered."""
    base: str = settings.INTEGRATOR_PUBLIC_URL.rstrip("/")
    return f"{base}/{path.lstrip('/')}" if base else None


def public_host() -> str:
    """The name under which the outside world reaches the panel, empty when it cannot."""
    return urlsplit(settings.INTEGRATOR_PUBLIC_URL).hostname or ""
