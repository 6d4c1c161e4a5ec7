"""Plain HTTP to a shop on this machine."""

import json
import time
import urllib.error
import urllib.request
from typing import Any

from syncjobs.demo.checker.sold import Json

_PATIENCE = 20
"""Tries of one request while the shop says that too many came."""


def ask(method: str, url: str, headers: Json, body: bytes | None = None) -> bytes:
    """The answer's content. Raises HTTPError for a refusal, TimeoutError when the shop never has time."""
    request = urllib.request.Request(url, data=body, method=method, headers=headers)
    for _ in range(_PATIENCE):
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                content: bytes = answer.read()
                return content
        except urllib.error.HTTPError as error:
            if error.code != 429:
                raise
            time.sleep(float(error.headers.get("Retry-After") or 1))
    raise TimeoutError(f"{url}: the shop went on saying that too many requests came")


def writing(address: str, but: str = "-") -> int:
    """Requests that could write, since the simulator started; those whose name holds `but` (logging in) are none, nor
    are calls that carry nothing but questions."""
    stats: dict[str, Any] = json.loads(ask("GET", f"{address}/_control/stats", {}))
    told = stats["requests"].items()
    written = sum(n for name, n in told if name.split()[0] not in ("GET", "HEAD") and but not in name)
    return int(written - stats["reading_posts"])
