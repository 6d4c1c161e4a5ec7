"""System check of what passkeys are bound to: a mistake there is noticed only when nobody can sign in with one."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from django.apps.config import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register


@register(Tags.security)
def check_passkeys(app_configs: Sequence[AppConfig] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """Addresses as browsers write them, and one domain above them all."""
    hint = "PASSKEY_ORIGINS=https://panel.example.pl (several with commas, all under the domain PASSKEY_SITE)"
    found: list[CheckMessage] = []
    for origin in settings.PASSKEY_ORIGINS:
        wrong = _wrong_origin(origin)
        if wrong:
            found.append(Error(f"PASSKEY_ORIGINS: {origin} {wrong}.", hint=hint, id="integrator.E016"))
    return found


def _wrong_origin(origin: str) -> str:
    parts = urlsplit(origin)
    host = parts.hostname or ""
    if f"{parts.scheme}://{parts.netloc}" != origin or parts.username or not host or host.replace(".", "").isdigit():
        return "is no address of a browser: scheme, name and, if it is unusual, port"
    if parts.scheme != "https" and host != "localhost":
        return "is not HTTPS, and browsers make passkeys for HTTPS and localhost only"
    site = settings.PASSKEY_SITE or urlsplit(settings.PASSKEY_ORIGINS[0]).hostname or ""
    return "" if host == site or host.endswith(f".{site}") else f"is not under {site}"
