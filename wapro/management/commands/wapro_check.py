"""`manage.py wapro_check`: the checks of "Test settings" on the command line, writing nothing anywhere."""

import json
from argparse import ArgumentParser
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.module_loading import import_string

from integrator.canonical.preflight import Check, Verdict
from wapro.models import WaproConnection
from wapro.probe import LABELS, probe

MARKS = {Verdict.PASSED: "ok", Verdict.WARNING: "WARNING", Verdict.FAILED: "FAILED", Verdict.SKIPPED: "-"}


class Command(BaseCommand):
    help = "Checks a connection with WAPRO Mag: network, login, database, rights, data. Exit code 1 if a check failed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("connection", nargs="?", type=int, help="id of the connection")
        parser.add_argument("--all", action="store_true", help="check every connection")
        parser.add_argument("--json", action="store_true", help="print one JSON object instead of a table")

    def handle(self, *args: Any, **options: Any) -> None:
        results: list[dict[str, Any]] = []
        for connection in self._chosen(options["connection"], options["all"]):
            if not options["json"]:
                self.stdout.write(f"{connection.name} ({connection.client}), {connection.server}")
            checks = self._run(connection, show=not options["json"])
            results.append({"connection": connection.pk, "name": connection.name, "checks": checks})
        if options["json"]:
            self.stdout.write(json.dumps({"connections": results}, ensure_ascii=False, indent=2))
        failed = sum(check["verdict"] == Verdict.FAILED for result in results for check in result["checks"])
        if failed:
            raise CommandError(f"checks failed: {failed}", returncode=1)

    def _chosen(self, number: int | None, everyone: bool) -> Iterable[WaproConnection]:
        connections = WaproConnection.objects.select_related("client").order_by("pk")
        if everyone and number is None:
            return list(connections)
        if everyone or number is None:
            raise CommandError("Name the id of one connection, or --all.", returncode=2)
        try:
            return [connections.get(pk=number)]
        except WaproConnection.DoesNotExist:
            raise CommandError(f"There is no connection with the id {number}.", returncode=2) from None

    def _run(self, connection: WaproConnection, *, show: bool) -> list[dict[str, Any]]:
        """Each line is printed as soon as its check is done: the slow ones are at the end."""
        done = []
        for check in probe(connection):
            told = _as_dict(check)
            done.append(told)
            if show:
                self.stdout.write(f"  {MARKS[check.verdict]:8} {LABELS[check.name]}: {told['says'] or check.found}")
                if told["todo"] and check.verdict in (Verdict.WARNING, Verdict.FAILED):
                    self.stdout.write(f"           {told['todo']}")
        return done


def _as_dict(check: Check) -> dict[str, Any]:
    says, todo = "", ""
    if check.problem is not None:
        explained = import_string(settings.PROBLEM_SENTENCES)(check.problem, side="erp", turn=str(check.turn or ""))
        says, todo = explained.sentence, explained.todo
    return {
        "name": check.name,
        "verdict": str(check.verdict),
        "found": check.found,
        "code": check.problem.code if check.problem else "",
        "params": check.problem.as_dict() if check.problem else {},
        "turn": str(check.turn or ""),
        "says": says,
        "todo": todo,
    }
