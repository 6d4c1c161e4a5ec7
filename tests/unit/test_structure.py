"""The shape of the house: which way imports go, how long things may get, which names are not used."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from importlinter.cli import lint_imports

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("integrator", "wapro", "shops", "syncjobs")
MODULE_LINES = 450
FUNCTION_LINES = 60
TOO_LONG_ALLOWED: frozenset[str] = frozenset()
"""`path` or `path:function` of what may be longer. Empty, and meant to stay so."""
DRAWERS = {
    "utils",
    "util",
    "helpers",
    "helper",
    "manager",
    "managers",
    "services",
    "service",
    "common",
    "misc",
    "handlers",
}
CONNECTOR_FILES = {"__init__.py", "connector.py", "mapping.py", "README.md"}
CONNECTORS = sorted(
    folder for folder in (ROOT / "shops" / "connectors").glob("*") if folder.is_dir() and folder.name != "__pycache__"
)


def modules() -> Iterator[Path]:
    for package in (*PACKAGES, "tests"):
        yield from (path for path in sorted((ROOT / package).rglob("*.py")) if "migrations" not in path.parts)


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_imports_go_one_way(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(ROOT)
    outcome = lint_imports(no_cache=True)
    assert outcome == 0, capsys.readouterr().out


def test_nothing_is_too_long() -> None:
    too_long = []
    for path in modules():
        text = path.read_text(encoding="utf-8")
        if len(text.splitlines()) > MODULE_LINES:
            too_long.append(f"{named(path)}: {len(text.splitlines())} lines")
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                if lines > FUNCTION_LINES:
                    too_long.append(f"{named(path)}:{node.name}: {lines} lines")
    assert [entry for entry in too_long if entry.rsplit(": ", 1)[0] not in TOO_LONG_ALLOWED] == []


def test_no_drawer_modules() -> None:
    drawers = [
        named(path)
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if (path.suffix == ".py" or path.is_dir()) and path.stem in DRAWERS
    ]
    assert drawers == []


def test_platform_is_never_compared_outside_its_connector() -> None:
    """What a platform can do is data (capabilities), so nobody else has to know its name."""
    found = [
        f"{named(path)}:{node.lineno}"
        for path in modules()
        if path.is_relative_to(ROOT / "tests") is False and not path.is_relative_to(ROOT / "shops" / "connectors")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Compare) and _compares_platform(node)
    ]
    assert found == []


def _compares_platform(node: ast.Compare) -> bool:
    sides = (node.left, *node.comparators)
    names = {
        side.id if isinstance(side, ast.Name) else side.attr
        for side in sides
        if hasattr(side, "attr") or isinstance(side, ast.Name)
    }
    literal = any(
        isinstance(part, ast.Constant) and isinstance(part.value, str) for side in sides for part in ast.walk(side)
    )
    return "platform" in names and literal


@pytest.mark.parametrize("folder", CONNECTORS, ids=lambda folder: folder.name)
def test_connector_knows_no_other_connector(folder: Path) -> None:
    others = tuple(f"shops.connectors.{one.name}" for one in CONNECTORS if one != folder)
    imported = {
        node.module or ""
        for path in folder.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom)
    }
    assert [name for name in imported if name.startswith(others or "-")] == []


@pytest.mark.parametrize("folder", CONNECTORS, ids=lambda folder: folder.name)
def test_connector_folder_is_complete(folder: Path) -> None:
    missing = sorted(CONNECTOR_FILES - {path.name for path in folder.iterdir()})
    if not (folder / "simulator.py").exists() and not (folder / "simulator" / "__init__.py").exists():
        missing.append("simulator")
    assert missing == []
    assert len((folder / "README.md").read_text(encoding="utf-8")) > 200, "README.md says too little"
