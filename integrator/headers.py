"""Headers that every answer carries, whatever view made it."""

from collections.abc import Callable, Mapping

from django.conf import settings
from django.http import HttpRequest, HttpResponse

_NOTHING = (
    *("accelerometer", "autoplay", "browsing-topics", "camera", "display-capture", "encrypted-media"),
    *(
        "fullscreen",
        "gamepad",
        "geolocation",
        "gyroscope",
        "hid",
        "idle-detection",
        "magnetometer",
        "microphone",
        "midi",
    ),
    *("payment", "picture-in-picture", "screen-wake-lock", "serial", "usb", "xr-spatial-tracking"),
)
_OURS = ("publickey-credentials-create", "publickey-credentials-get")
"""Passkeys, for pages of our own."""
HEADERS: Mapping[str, str] = {
    "Permissions-Policy": ", ".join([*(f"{name}=()" for name in _NOTHING), *(f"{name}=(self)" for name in _OURS)]),
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Permitted-Cross-Domain-Policies": "none",
    # Pages belong to the person who asked; a page from the cache would show what a colleague has decided since.
    "Cache-Control": "private, no-cache",
}


def standing_headers(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: what a view did not say itself. Where the panel is served over HTTPS no cookie travels without it."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        for cookie in response.cookies.values():
            cookie["secure"] = cookie["secure"] or settings.HTTPS
        return response

    return middleware
