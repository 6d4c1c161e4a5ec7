"""A brake on what may be tried or sent only so often in a while, counted in the cache."""

import hashlib

from django.core.cache import cache


def may(name: str, who: str, most: int) -> bool:
    """Whether `who` has done this less than `most` times in the window under way."""
    return int(cache.get(_key(name, who), 0)) < most


def note(name: str, who: str, window: int) -> None:
    """Count once more. The window, in seconds, begins with the first time."""
    key = _key(name, who)
    if not cache.add(key, 1, window):
        try:
            cache.incr(key)
        except ValueError:  # the window ended between the two calls
            cache.set(key, 1, window)


def forget(name: str, who: str) -> None:
    cache.delete(_key(name, who))


def _key(name: str, who: str) -> str:
    return f"brake:{name}:" + hashlib.sha256(who.encode()).hexdigest()
