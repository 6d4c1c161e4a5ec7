"""The cache that all processes share, and what a process does while its server is away: it counts for itself.

What is kept here (brakes, counts of pages, signs of life) may be lost at any time; no page may fail for it.
"""

import logging
from collections.abc import Callable
from time import monotonic
from typing import Any

from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

log = logging.getLogger(__name__)
PAUSE = 5.0
"""Seconds for which a server that did not answer is not asked again: each try may take its time-out."""
_away_until = 0.0


class SharedCache(RedisCache):
    """Redis, or this process's own memory while that does not answer."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._own = LocMemCache("while the shared one is away", params)

    def _asked(self, method: str, *args: Any, **kwargs: Any) -> Any:
        global _away_until
        if monotonic() < _away_until:
            return getattr(self._own, method)(*args, **kwargs)
        try:
            answer = getattr(super(), method)(*args, **kwargs)
        except RedisError as error:
            log.warning("the shared cache does not answer: %s", type(error).__name__)
            _away_until = monotonic() + PAUSE
            return getattr(self._own, method)(*args, **kwargs)
        if _away_until:
            _away_until = 0.0
            self._own.clear()
        return answer


def _method(name: str) -> Callable[..., Any]:
    def call(self: SharedCache, *args: Any, **kwargs: Any) -> Any:
        return self._asked(name, *args, **kwargs)

    call.__name__ = name
    return call


for _name in (
    "add", "get", "set", "touch", "delete", "has_key", "incr", "get_many", "set_many", "delete_many", "clear",
):  # fmt: skip
    setattr(SharedCache, _name, _method(_name))


def is_away() -> bool:
    """Whether the server of cache and messages did not answer when it was last asked."""
    return _away_until > 0
