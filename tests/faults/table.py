"""The table of failure modes: which test shows that each is survived, and how it ended. A plugin of pytest.

    make failure-modes    runs every marked test and writes docs/failure-modes.md

A test counts under the function that holds it, however many platforms and parameters run it. Which tests are marked can
also be read from their text without running anything (`marked`), so that the committed table is held current.
"""

import ast
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.faults.modes import MODES

ROOT = Path(__file__).resolve().parents[2]
MARKER = "failure_mode"
Ends = dict[tuple[str, str], Counter[str]]
"""By mode and test (`file::function`): how many cases ended in each way."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--failure-table", type=Path, help="write the table of failure modes to this file")


def pytest_configure(config: pytest.Config) -> None:
    target = config.getoption("--failure-table")
    if target is not None and not hasattr(config, "workerinput"):
        config.pluginmanager.register(Collector(target))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        for marker in item.iter_markers(MARKER):
            item.user_properties.append((MARKER, [*marker.args, name_of(item)]))


def name_of(item: Any) -> str:
    """Where the function stands that is the test: a suite that several platforms share counts once."""
    file = item.function.__module__.replace(".", "/")
    return f"{file}.py::{item.function.__qualname__.replace('.', '::')}"


class Collector:
    def __init__(self, target: Path) -> None:
        self.target = target
        self.ends: Ends = defaultdict(Counter)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call" or (report.when == "setup" and not report.passed):
            for name, value in report.user_properties:
                if name == MARKER:
                    mode, test = value  # type: ignore[misc]
                    self.ends[mode, test][report.outcome] += 1

    def pytest_sessionfinish(self) -> None:
        self.target.write_text(table(self.ends), encoding="utf-8")


def table(ends: Ends) -> str:
    """The whole page."""
    lines = [
        "# What goes wrong, and what shows that it is survived",
        "",
        "Made by `make failure-modes` from a run of the tests named here; do not edit. A test of a suite that several "
        "platforms share counts once, with the cases of all of them.",
        "",
        "| mode | what happens | what has to hold | test | result |",
        "| --- | --- | --- | --- | --- |",
    ]
    for mode, (happens, holds) in MODES.items():
        rows = sorted((test, result) for (name, test), result in ends.items() if name == mode)
        for number, (test, result) in enumerate(rows or [("none yet", Counter[str]())]):
            about = (mode, happens, holds) if number == 0 else ("", "", "")
            lines.append(f"| {' | '.join(about)} | {_link(test)} | {_told(result)} |")
    return "\n".join([*lines, ""])


def _link(test: str) -> str:
    file, _, name = test.partition("::")
    words = name.rpartition("::")[2].removeprefix("test_").replace("_", " ")
    return f"[{words}](../{file})" if name else test


def _told(result: Counter[str]) -> str:
    return ", ".join(f"{count} {outcome}" for outcome, count in sorted(result.items())) or "–"


def marked() -> set[tuple[str, str]]:
    """Mode and test of every marker in the text of the tests."""
    found = set()
    for path in sorted((ROOT / "tests").rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        if f"mark.{MARKER}(" in text:
            file = path.relative_to(ROOT).as_posix()
            found |= {(mode, f"{file}::{name}") for mode, name in _marks(ast.parse(text), "")}
    return found


def _marks(node: ast.AST, within: str) -> Iterator[tuple[str, str]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.ClassDef):
            yield from _marks(child, f"{within}{child.name}::")
        elif isinstance(child, ast.FunctionDef):
            for decorator in child.decorator_list:
                for call in ast.walk(decorator):
                    if isinstance(call, ast.Call) and ast.unparse(call.func) == f"pytest.mark.{MARKER}":
                        yield ast.literal_eval(call.args[0]), f"{within}{child.name}"
