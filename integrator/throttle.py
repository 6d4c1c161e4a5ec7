"""A leaky bucket that is told by the shop's own answers how full it is. Pure: the time is an argument.

Times are seconds since the epoch, because the level is kept between slices that run in different processes.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from integrator.canonical.errors import RateLimited


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """A bucket that holds `burst` calls and loses `per_second` of them every second."""

    burst: float
    per_second: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """What the headers of one answer say: the bucket and the calls in it."""

    rate: Rate
    level: float


class Throttle:
    """How full the bucket is. `None` as rate means no limit is known and only a refusal holds calls back."""

    def __init__(
        self,
        rate: Rate | None = None,
        *,
        level: float = 0.0,
        at: float = 0.0,
        closed_until: float = 0.0,
        refusals: int = 0,
    ) -> None:
        self.rate = rate
        self.refusals = refusals
        """Calls that the other system ever refused as too many."""
        self._level = level
        self._at = at
        self._closed_until = closed_until

    @classmethod
    def restore(cls, state: Mapping[str, str], rate: Rate | None) -> "Throttle":
        """From `state()` of an earlier slice; anything unreadable starts with an empty bucket."""
        try:
            if "burst" in state:
                rate = Rate(burst=float(state["burst"]), per_second=float(state["per_second"]))
            return cls(
                rate,
                level=float(state.get("level", 0)),
                at=float(state.get("at", 0)),
                closed_until=float(state.get("closed_until", 0)),
                refusals=int(state.get("refusals", 0)),
            )
        except (TypeError, ValueError, KeyError):
            return cls(rate)

    def state(self) -> dict[str, str]:
        """Plain text, as JSON columns hold it."""
        out = {"level": f"{self._level:.3f}", "at": f"{self._at:.3f}", "closed_until": f"{self._closed_until:.3f}"}
        out["refusals"] = str(self.refusals)
        if self.rate is not None:
            out |= {"burst": f"{self.rate.burst:g}", "per_second": f"{self.rate.per_second:g}"}
        return out

    def level(self, now: float) -> float:
        """Calls in the bucket at this moment."""
        if self.rate is None:
            return 0.0
        return max(0.0, self._level - max(0.0, now - self._at) * self.rate.per_second)

    def wait(self, now: float) -> float:
        """Seconds until the next call has room; 0 when it may go at once.

        Raises RateLimited when that is longer than the bucket needs to lose one call: then the worker has better
        things to do than to sleep.
        """
        if now < self._closed_until:
            raise RateLimited(self._closed_until - now)
        if self.rate is None:
            return 0.0
        over = self.level(now) + 1 - self.rate.burst
        if over <= 0:
            return 0.0
        seconds = over / self.rate.per_second
        if over > 1.001:
            raise RateLimited(seconds)
        return seconds

    def count(self, now: float) -> None:
        """A call goes out."""
        self._level, self._at = self.level(now) + 1, now

    def learn(self, reported: Reported, now: float) -> None:
        """Believe the shop: other programs may fill the same bucket."""
        self.rate, self._level, self._at = reported.rate, reported.level, now

    def close(self, seconds: float, now: float) -> None:
        """The shop refused a call and said for how long."""
        self.refusals += 1
        self._closed_until = max(self._closed_until, now + seconds)
