"""What was asked of a simulated shop since the last reset."""

import time
from collections import Counter
from typing import Any


class Stats:
    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        self.requests: Counter[str] = Counter()
        """By "METHOD resource"."""
        self.statuses: Counter[str] = Counter()
        self.bulk_items = 0
        """Single operations inside calls that carry many."""
        self.reading_posts = 0
        """Calls that write by their method and only read by what they carry."""
        self.bytes_sent = 0
        self.cpu_in_requests = 0.0
        self._cpu_start = time.process_time()

    def as_json(self) -> dict[str, Any]:
        """Requests by "METHOD resource", answers by status, bytes, and CPU seconds of the process and in requests."""
        writes = sum(n for name, n in self.requests.items() if name.split()[0] not in ("GET", "HEAD"))
        return {
            "requests": dict(self.requests),
            "total": sum(self.requests.values()),
            "writes": writes - self.reading_posts,
            "statuses": dict(self.statuses),
            "bulk_items": self.bulk_items,
            "reading_posts": self.reading_posts,
            "bytes_sent": self.bytes_sent,
            "cpu_seconds": time.process_time() - self._cpu_start,
            "cpu_seconds_in_requests": self.cpu_in_requests,
        }
