"""Checks of a connection ("test settings"): named, with a result, a reason and what to do."""

from dataclasses import dataclass
from enum import StrEnum

from integrator.canonical.problems import Turn
from integrator.canonical.records import Problem


class Verdict(StrEnum):
    PASSED = "passed"
    WARNING = "warning"
    FAILED = "failed"
    SKIPPED = "skipped"
    """Could not be looked at because an earlier check failed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """`name` is a stable id ("port", "login"); `found` what was seen, in plain data ("SQL Server 2022 (16.0)")."""

    name: str
    verdict: Verdict
    found: str = ""
    problem: Problem | None = None
    turn: Turn | None = None


def passed(name: str, found: str = "") -> Check:
    return Check(name=name, verdict=Verdict.PASSED, found=found)


def failed(name: str, problem: Problem, turn: Turn, found: str = "") -> Check:
    return Check(name=name, verdict=Verdict.FAILED, problem=problem, turn=turn, found=found)


def warned(name: str, problem: Problem, turn: Turn, found: str = "") -> Check:
    return Check(name=name, verdict=Verdict.WARNING, problem=problem, turn=turn, found=found)


def skipped(name: str) -> Check:
    return Check(name=name, verdict=Verdict.SKIPPED)
