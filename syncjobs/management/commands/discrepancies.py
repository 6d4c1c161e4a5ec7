"""`manage.py discrepancies`: the report of one shop connection, computed afresh from what was fetched last."""

import json
import sys
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import get_language, override

from integrator.canonical.errors import IntegrationError
from shops.models import ShopConnection
from syncjobs.discrepancies import exporting, reading
from syncjobs.discrepancies.finding import Finder
from syncjobs.discrepancies.wording import title
from syncjobs.explain import explain
from syncjobs.models import Discrepancy
from syncjobs.models.discrepancies import Section
from syncjobs.setup import setup_of

FORMATS = ("table", "csv", "xlsx", "json")
SOME, TROUBLE = 1, 2


class Command(BaseCommand):
    help = (
        "Compare WAPRO with a shop as both were fetched last, and write the differences out. Neither side is asked nor "
        "written. Exit code: 0 when nothing differs, 1 when something does, 2 when it could not be compared "
        "(no such connection, nothing fetched yet, a setting is missing, the file cannot be written)."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("connection", help="id or name of the shop connection")
        parser.add_argument(
            "--format", choices=FORMATS, default="table", help="table (default), csv, xlsx or json lines"
        )
        parser.add_argument("--output", type=Path, help="file to write; without it the standard output")
        parser.add_argument(
            "--section",
            action="append",
            choices=Section.values,
            help="only this section; may be given more than once (all by default)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        connection = _connection(options["connection"])
        if options["format"] == "xlsx" and options["output"] is None and self._out().isatty():
            raise CommandError("name a file with --output: a workbook is not for a terminal", returncode=TROUBLE)
        sections = [Section(name) for name in options["section"] or Section.values]
        with override(get_language() or "en"):
            finders = _finders(connection, sections)
            counted = _Counted(chain.from_iterable(finder.rows() for finder in finders))
            try:
                self._write(options["format"], options["output"], counted, connection)
            except OSError as error:
                raise CommandError(str(error), returncode=TROUBLE) from error
            for section, count in counted.numbers.items():
                self.stderr.write(f"{title(section)}: {count}")
            gaps = {section: gap for finder in finders for section, gap in finder.gaps.items()}
            if gaps:
                said = "; ".join(f"{title(section)}: {explain(gap).sentence}" for section, gap in gaps.items())
                raise CommandError(said, returncode=TROUBLE)
        if counted.numbers:
            raise SystemExit(SOME)

    def _out(self) -> Any:
        return getattr(self.stdout, "_out", sys.stdout)

    def _write(self, form: str, output: Path | None, rows: "_Counted", connection: ShopConnection) -> None:
        pieces = exporting.chunked(rows)
        if form in ("csv", "xlsx"):
            make = exporting.csv_lines if form == "csv" else _workbook
            with output.open("wb") if output else _Unclosed(self._binary()) as file:
                for block in make(pieces, connection):
                    file.write(block)
            return
        lines = json_lines(pieces, connection) if form == "json" else table_lines(pieces, connection)
        if output is not None:
            with output.open("w", encoding="utf-8") as text:
                text.writelines(f"{line}\n" for line in lines)
            return
        for line in lines:
            self.stdout.write(line)

    def _binary(self) -> BinaryIO:
        out = self._out()
        return getattr(out, "buffer", out)


class _Unclosed:
    """The standard output as a file that stays open."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def __enter__(self) -> BinaryIO:
        return self._file

    def __exit__(self, *exc: object) -> None:
        self._file.flush()


class _Counted:
    """Rows as they pass, counted by section."""

    def __init__(self, rows: Iterable[Discrepancy]) -> None:
        self._rows = rows
        self.numbers: dict[str, int] = {}

    def __iter__(self) -> Iterator[Discrepancy]:
        for row in self._rows:
            self.numbers[row.section] = self.numbers.get(row.section, 0) + 1
            yield row


def _connection(wanted: str) -> ShopConnection:
    """By id, else by name. A name that two clients use must be told apart by the id."""
    connections = ShopConnection.objects.select_related("client")
    found = list(connections.filter(pk=int(wanted))) if wanted.isascii() and wanted.isdigit() else []
    found = found or list(connections.filter(name=wanted))
    if not found:
        raise CommandError(f"there is no shop connection {wanted}", returncode=TROUBLE)
    if len(found) > 1:
        said = ", ".join(f"{one.pk} ({one.client.name})" for one in found)
        raise CommandError(f"several connections have this name, give the id: {said}", returncode=TROUBLE)
    return found[0]


def _finders(connection: ShopConnection, sections: list[Section]) -> list[Finder]:
    """One for each section, so that the sections come one after the other."""
    try:
        setup = setup_of(connection)
        finders = [Finder(setup, [section]) for section in sections]
    except IntegrationError as error:
        raise CommandError(explain(error.problem, connection=connection).sentence, returncode=TROUBLE) from error
    unseen = reading.age_of(connection, setup.erp_connection).unseen
    if unseen:
        raise CommandError(f"nothing was fetched yet from: {', '.join(unseen)}", returncode=TROUBLE)
    return finders


def _workbook(pieces: Iterable[list[Discrepancy]], connection: ShopConnection) -> Iterator[bytes]:
    return exporting.xlsx_blocks(pieces, connection, timezone.now())


def table_lines(pieces: Iterable[list[Discrepancy]], connection: ShopConnection) -> Iterator[str]:
    """One line per row, the columns that matter on a terminal."""
    for part in pieces:
        for row in exporting.cells(part, connection):
            section, group, code, name, _ean, erp, shop, field, expected, shown, difference, _percent, remark = map(
                str, row
            )
            values = f"{expected or '–'} / {shown or '–'}" if field and (expected or shown) else ""
            facts = "  ".join(part for part in (field or group, values, difference, remark) if part)
            yield f"{section[:22]:22}  {(code or erp or shop)[:20]:20}  {name[:40]:40}  {facts}".rstrip()


def json_lines(pieces: Iterable[list[Discrepancy]], connection: ShopConnection) -> Iterator[str]:
    """One JSON object per line: a hundred thousand rows need no closing bracket to be read."""
    for part in pieces:
        for row in part:
            facts = {"section": row.section, "group": row.facet, "code": row.code, "name": row.label, "ean": row.ean}
            facts |= {"erp_key": row.erp_key, "shop_key": row.shop_key, "field": row.field}
            yield json.dumps(facts | {"expected": row.expected, "shown": row.shown} | row.detail, ensure_ascii=False)
