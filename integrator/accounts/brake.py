"""A brake on what may be tried or sent only so often in a while, counted in the cache."""

import hashlib

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest


def may(name: str, who: str, most: int) -> bool:
    """Whether `who` has done this less than `most` times in the window under way."""
    return int(cache.get(_key(name, who), 0)) < most


def take(name: str, who: str, most: int, window: int) -> bool:
    """Count a try and say whether it may be made. Counted before it is made, so that of a hundred tries sent at the
    same moment no more than `most` get through."""
    return note(name, who, window) <= most


def note(name: str, who: str, window: int) -> int:
    """Count once more; how many it is now. The window, in seconds, begins with the first time."""
    key = _key(name, who)
    if cache.add(key, 1, window):
        return 1
    try:
        return int(cache.incr(key))
    except ValueError:  # the window ended between the two calls
        cache.set(key, 1, window)
        return 1


def forget(name: str, who: str) -> None:
    cache.delete(_key(name, who))


def address_of(request: HttpRequest) -> str:
    """The address a request comes from. Behind the proxies of `PROXIES` it is what the outermost of them saw; what
    stands further left in the header was written by the caller, and is not believed."""
    seen = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if part.strip()]
    if settings.PROXIES and len(seen) >= settings.PROXIES:
        return seen[-settings.PROXIES][:45]
    return str(request.META.get("REMOTE_ADDR", ""))[:45]


def _key(name: str, who: str) -> str:
    return f"brake:{name}:" + hashlib.sha256(who.encode()).hexdigest()
