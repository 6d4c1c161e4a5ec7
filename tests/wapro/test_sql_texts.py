"""Every SQL text in the code of the ERP's side is T-SQL to two parsers, each of which refuses what the other lets pass.

Texts are found, not listed: constants of modules as they are after import, and texts inside functions. Whoever adds a
batch has it parsed without doing anything. Names and procedures are proved only on a server.
"""

import ast
import importlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlfluff
import sqlglot
from sqlfluff.api.simple import APIParsingError
from sqlglot.errors import ParseError

import wapro

ROOT = Path(wapro.__file__).parent
OF_SQLITE = ("sample", "migrations")
"""Folders whose Python files speak to SQLite, or generate scripts that have tests of their own."""
BEGINNING = re.compile(r"\s*(SET|SELECT|INSERT|UPDATE|DELETE|DECLARE|EXEC|BEGIN|WITH|MERGE|IF)\s+[\w@(*'{\[]")
PLACEHOLDER = re.compile(r"%s|\{\w*\}")
WHAT_STANDS_THERE = {"VALUES ": "(x)", "LOCK_TIMEOUT ": "1", "ISOLATION LEVEL ": "READ COMMITTED"}
"""By what stands before a placeholder; elsewhere it stands for a name or a value, and `x` is both."""


def sources() -> Iterator[Path]:
    for path in sorted(ROOT.rglob("*.py")):
        if not set(path.relative_to(ROOT).parts).intersection(OF_SQLITE):
            yield path


def sql_texts() -> dict[str, str]:
    """By place: `wapro.writer:LOCK_BATCH`, `wapro.database:216`."""
    found: dict[str, str] = {}
    for path in sources():
        name = ".".join(path.relative_to(ROOT.parent).with_suffix("").parts).removesuffix(".__init__")
        module = importlib.import_module(name)
        for constant, value in vars(module).items():
            if isinstance(value, str) and constant != "__doc__" and BEGINNING.match(value):
                found.setdefault(f"{name}:{constant}", value)
        for line, text in texts_in_functions(ast.parse(path.read_text(encoding="utf-8"))):
            found[f"{name}:{line}"] = text
    return found


def texts_in_functions(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef):
            continue
        for statement in function.body:
            if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
                continue
            pieces = {
                id(part) for node in ast.walk(statement) if isinstance(node, ast.JoinedStr) for part in node.values
            }
            whole = [node for node in ast.walk(statement) if id(node) not in pieces]
            for node in whole:
                text = text_of(node)
                if text and BEGINNING.match(text):
                    yield getattr(node, "lineno", 0), text


def text_of(node: ast.AST) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
    return ""


def filled(text: str) -> str:
    def stand_in(match: re.Match[str]) -> str:
        before = text[: match.start()]
        return next((value for end, value in WHAT_STANDS_THERE.items() if before.endswith(end)), "x")

    return PLACEHOLDER.sub(stand_in, text)


def parse(text: str) -> None:
    """Raises ParseError or APIParsingError for what is not T-SQL."""
    sql = filled(text)
    assert sqlglot.parse(sql, read="tsql")
    sqlfluff.parse(sql, dialect="tsql")


TEXTS = sql_texts()


@pytest.mark.parametrize("place", TEXTS)
def test_the_text_is_tsql(place: str) -> None:
    parse(TEXTS[place])


def test_batches_queries_and_texts_in_functions_are_all_found() -> None:
    for place in ("wapro.writer:LOCK_BATCH", "wapro.procedures:PROCEDURES_SQL", "wapro.checks.server:RIGHTS_SQL"):
        assert place in TEXTS
    assert any("EXEC" in text for text in TEXTS.values())
    assert any(place.startswith("wapro.database:") for place in TEXTS)
    assert len(TEXTS) >= 10


@pytest.mark.parametrize(
    "wrong",
    [
        "SELECT NAZWA FROM ARTYKUL LIMIT 3",
        "SELECT NAZWA || NAZWA2 FROM ARTYKUL",
        "SELECT NAZWA FROM ARTYKUL FOR UPDATE",
        "DECLARE @id numeric(18,0; EXEC RM_DodajZamowienie @id OUTPUT",
    ],
)
def test_what_is_not_tsql_is_refused(wrong: str) -> None:
    with pytest.raises((ParseError, APIParsingError)):
        parse(wrong)
