"""What a developer needs to see of an installation that misbehaves, and nothing of anybody: no credential, no name, no
address of a shop or person, no article. Shops and clients are numbers; keys of the ERP and of the shop stay out."""

import json
import platform as machine
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from importlib.metadata import distributions
from io import StringIO
from typing import IO, Any

import django
from django.conf import settings
from django.core.checks import run_checks
from django.core.management import call_command
from django.db import connection
from django.db.models import Count

from integrator.log_setup import redact_text
from shops.models import ShopConnection
from syncjobs.models import Change, OrderTerms, Run, ShopOrder, Step, SyncOptions
from syncjobs.operations import metrics, readiness

RUNS = 50
"""Of each shop so many of the newest runs are told of."""
_SETTINGS = (
    "DEBUG", "HTTPS", "USE_TZ", "TIME_ZONE", "LANGUAGE_CODE", "TICK_SECONDS", "SILENT_SECONDS", "ALERT_SECONDS",
    "KEEP_DAYS", "EMAIL_READY", "INTEGRATOR_ALLOW_LOOPBACK",
)  # fmt: skip
"""Settings that hold no secret and no address. What is not listed is not told."""

Part = Callable[[], Any]


def write(out: IO[bytes]) -> list[str]:
    """A zip file with one JSON or text file for each part; their names. A part that fails says so in its place, because
    an installation that misbehaves is what this is for."""
    parts: Mapping[str, Part] = {
        "versions.json": _versions,
        "settings.json": _settings,
        "checks.json": _checks,
        "ready.json": readiness.checks,
        "migrations.txt": _migrations,
        "metrics.txt": lambda: metrics.page().decode(),
        "shops.json": lambda: [_shop(shop) for shop in ShopConnection.objects.order_by("pk")],
        "tables.json": _tables,
    }
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as bundle:
        for name, part in parts.items():
            bundle.writestr(name, redact_text(_text(part)))
    return list(parts)


def _text(part: Part) -> str:
    try:
        told = part()
    except Exception as error:  # noqa: BLE001 - whatever is broken, the rest of the bundle is still wanted
        told = {"failed": type(error).__name__}
    return told if isinstance(told, str) else json.dumps(told, indent=1, default=str)


def _versions() -> dict[str, Any]:
    packages = {one.metadata["Name"]: one.version for one in distributions()}
    return {
        "python": machine.python_version(),
        "system": machine.platform(),
        "django": django.get_version(),
        "database": connection.vendor,
        "packages": dict(sorted(packages.items(), key=lambda one: one[0].lower())),
    }


def _settings() -> dict[str, Any]:
    return {name: getattr(settings, name) for name in _SETTINGS}


def _checks() -> list[str]:
    return [str(one.id) for one in run_checks(include_deployment_checks=True)]


def _migrations() -> str:
    out = StringIO()
    call_command("showmigrations", "--plan", stdout=out, no_color=True)
    return "\n".join(line for line in out.getvalue().splitlines() if line.startswith("[ ]")) or "all are applied"


def _tables() -> dict[str, int]:
    return {model.__name__: model._default_manager.count() for model in (Run, Step, Change, ShopOrder)}


def _shop(shop: ShopConnection) -> dict[str, Any]:
    steps = Step.objects.filter(connection=shop)
    return {
        "shop": shop.pk,
        "client": shop.client_id,
        "platform": shop.platform,
        "paused": shop.paused,
        "writes_enabled": shop.writes_enabled,
        "healthy": shop.healthy,
        "problem": (shop.problem or {}).get("code"),
        "back_off_until": shop.back_off_until,
        "lease_until": shop.lease_until,
        "nudged_at": shop.nudged_at,
        "throttle": shop.throttle,
        "flows": list(
            SyncOptions.objects.filter(connection=shop).values("kind", "enabled", "interval_minutes", "next_at")
        ),
        "orders": OrderTerms.objects.filter(connection=shop)
        .values("enabled", "back_enabled", "since", "next_at")
        .first(),
        "orders_by_status": dict(ShopOrder.objects.filter(connection=shop).values_list("status").annotate(Count("pk"))),
        "runs": list(
            Run.objects.filter(connection=shop)
            .order_by("-pk")
            .values("pk", "mode", "trigger", "status", "created_at", "started_at", "finished_at", "heartbeat_at")[:RUNS]
        ),
        "steps": [_step(step) for step in steps.order_by("-pk")[:RUNS]],
    }


def _step(step: Step) -> dict[str, Any]:
    return {
        "run": step.run_id,
        "kind": step.kind,
        "status": step.status,
        "phase": step.phase,
        "attempts": step.attempts,
        "worked_at": step.worked_at,
        "counts": step.counts,
        "problems": dict(Counter(_codes(step.problems))),
        "changes": [
            {"action": action, "status": status, "number": number}
            for action, status, number in step.changes.values_list("action", "status").annotate(Count("pk")).order_by()
        ],
        "why": dict(Counter(_codes(step.changes.exclude(problem=None).values_list("problem", flat=True)[:1000]))),
    }


def _codes(problems: Iterable[Any]) -> Iterable[str]:
    """Problems by code: their parameters quote data."""
    return (str(one.get("code")) for one in problems)
