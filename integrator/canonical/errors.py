"""Errors named by what to do next. Each carries a `Problem` (for people) and never a secret.

IntegrationError
  Transient         retry later
    RateLimited     retry after `retry_after` seconds
    OutcomeUnknown  sent, no answer: look before trying again
    Locked          somebody edits the element: later, minutes rather than seconds
  AuthFailed        stop, mark the connection, tell people
  Rejected          this element waits for a person
    Gone            the element no longer exists there
  MappingError      our reading of one element failed; the excerpt is kept
  PlanRefused       the guard said no
  Unreachable       the address, port, certificate or name is wrong: a person mends the connection
"""

import reprlib
from collections.abc import Callable
from typing import Any

from integrator.canonical.problems import Code, Turn
from integrator.canonical.records import Problem, problem


class IntegrationError(Exception):
    """Base of all errors that the pipeline knows how to answer."""

    turn: Turn = Turn.US

    def __init__(self, code: Code | str = Code.INTERNAL, *, turn: Turn | None = None, **params: Any) -> None:
        self.problem: Problem = problem(code, **params)
        if turn is not None:
            self.turn = turn
        super().__init__(self._text())

    def _text(self) -> str:
        return f"{self.problem.code}: " + ", ".join(f"{name}={value}" for name, value in self.problem.params)

    def black_out(self, redact: Callable[[str], str]) -> None:
        """Take secrets out of everything that the error says."""
        params = tuple((name, redact(value)) for name, value in self.problem.params)
        self.problem = Problem(code=self.problem.code, params=params)
        self.args = (self._text(),)


class Transient(IntegrationError):
    turn = Turn.SHOP_OUTAGE


class RateLimited(Transient):
    def __init__(self, retry_after: float, **params: Any) -> None:
        super().__init__(Code.RATE_LIMITED, seconds=round(retry_after, 1), **params)
        self.retry_after = retry_after


class OutcomeUnknown(Transient):
    def __init__(self, code: Code | str = Code.OUTCOME_UNKNOWN, **params: Any) -> None:
        super().__init__(code, **params)


class Locked(Transient):
    turn = Turn.PERSON

    def __init__(self, code: Code | str = Code.LOCKED, **params: Any) -> None:
        super().__init__(code, **params)


class Unreachable(IntegrationError):
    turn = Turn.CONNECTION


class AuthFailed(IntegrationError):
    turn = Turn.CONNECTION


class Rejected(IntegrationError):
    """The other system refused this element; `field` is its name where the answer tells one, else empty."""

    turn = Turn.PERSON

    def __init__(
        self, code: Code | str = Code.REJECTED, *, turn: Turn | None = None, field: str = "", **params: Any
    ) -> None:
        super().__init__(code, turn=turn, field=field, **params)
        self.field = field


class Gone(Rejected):
    def __init__(self, **params: Any) -> None:
        super().__init__(Code.GONE, **params)


def _shown(value: object) -> str:
    """As Python writes it, in at most 80 characters and without what no database keeps; of a large value only as much
    is looked at as is shown."""
    try:
        shown = _BRIEF.repr(value)
    except (ValueError, RecursionError):  # a number of thousands of digits
        shown = f"<{type(value).__name__}>"
    shown = shown.encode("utf-8", "backslashreplace").decode()
    return shown if len(shown) <= 80 else shown[:77] + "..."


_BRIEF = reprlib.Repr()
_BRIEF.maxstring = _BRIEF.maxother = _BRIEF.maxlong = 100
_BRIEF.maxdict = _BRIEF.maxlist = _BRIEF.maxtuple = 8


class MappingError(IntegrationError):
    """A value of one element could not be read. `value` is shortened; the rest of the page goes on."""

    turn = Turn.SHOP_DATA

    def __init__(self, field: str, value: object, *, code: Code | str = Code.FIELD_UNREADABLE) -> None:
        super().__init__(code, field=field, value=_shown(value))


class PlanRefused(IntegrationError):
    turn = Turn.PERSON
