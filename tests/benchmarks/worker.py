# ruff: noqa: E402 (settings are named before anything of the project is imported)
"""The worker of a measurement, a process of its own: `prepare` makes a client, `sync` runs one synchronisation.

It drives the two actors as Celery's tasks do, in a loop and without a broker. Prints one JSON object.
"""

import argparse
import cProfile
import json
import os
import re
import sys
import time
from pathlib import Path
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "integrator.settings")

import django

django.setup()

from django.core.management import call_command
from django.db.models import Sum

from integrator.accounts.models import Client, Firm
from integrator.canonical.kinds import Kind
from shops.models import ShopConnection
from syncjobs import erp_actor, runner, runs
from syncjobs.engine.policy import Linked, Owner
from syncjobs.models import Change, Fetch, Step
from syncjobs.options import ensure_options
from tests.benchmarks.shops import SHOPS
from wapro.models import WaproConnection
from wapro.sample.articles import INTERNET, MAIN

OWNED = {
    Kind.PRODUCT: ("name", "description", "ean", "unit", "tax_rate", "producer", "weight", "active"),
    Kind.PRICE: ("price",),
    Kind.STOCK: ("quantity",),
    Kind.IMAGE: ("name", "position"),
}
"""Fields that the ERP rules, where the shop has them: every one is compared for every element."""
UNLIMITED = {"share_changed": "100", "share_zeroed": "100"}
"""A bench that changes every product of a shop means it."""


def prepare(platform: str, shop: str, company: Path) -> None:
    """Tables, a client, both connections, options; the first approval of each kind is given beforehand."""
    call_command("migrate", verbosity=0)
    client = Client.objects.create(firm=Firm.objects.create(name="Benchmark"), name="Benchmark")
    WaproConnection.objects.create(
        client=client,
        engine="sample",
        server=str(company),
        leading_warehouse=str(MAIN),
        group_rule="POLE1",
        option_fields=[{"field": "POLE3", "name": "Rozmiar"}],
    )
    connection = ShopConnection.objects.create(
        client=client,
        name="Shop",
        platform=platform,
        address=shop,
        credentials=dict(SHOPS[platform].credentials),
        settings=dict(SHOPS[platform].settings),
        limits=UNLIMITED,
        is_leading=True,
        writes_enabled=True,
        price_type=str(INTERNET),
        warehouses=[str(MAIN)],
    )
    for option in ensure_options(connection):
        owned = [name for name in OWNED.get(Kind(option.kind), ()) if name in option.owners]
        option.owners |= dict.fromkeys(owned, str(Owner.ERP))
        option.linked = str(Linked.SHOP if owned else Linked.LEAVE)
        option.approved_at = client.created_at
        option.save()


def sync(kinds: list[Kind] | None = None) -> dict[str, Any]:
    """One run of these kinds (None: all)."""
    connection = ShopConnection.objects.get()
    started, cpu = time.perf_counter(), time.process_time()
    run = runs.start_run(connection, kinds=kinds)
    idle = _work(connection.pk, WaproConnection.objects.get().pk)
    run.refresh_from_db()
    fetches = Fetch.objects.filter(erp__isnull=False, created_at__gte=run.created_at)
    return {
        "seconds": time.perf_counter() - started,
        "cpu": time.process_time() - cpu,
        "idle": idle,
        "peak_mb": _peak_mb(),
        "status": run.status,
        "queries_to_erp": fetches.aggregate(sent=Sum("requests"))["sent"] or 0,
        "changes": Change.objects.filter(step__run=run).count(),
        "steps": {step.kind: _told(step) for step in Step.objects.filter(run=run)},
    }


def _work(shop: int, erp: int) -> float:
    """Both actors until neither has anything left; seconds spent waiting."""
    idle = 0.0
    while True:
        waits = [seconds for seconds in (erp_actor.advance_erp(erp), runner.advance_shop(shop)) if seconds is not None]
        if not waits:
            return idle
        # A step that waits for the ERP is woken by it: look again before waiting.
        if min(waits) > 0 and not Fetch.objects.filter(erp=erp, status__in=["queued", "running"]).exists():
            time.sleep(min(*waits, 1.0))
            idle += min(*waits, 1.0)


def _told(step: Step) -> dict[str, Any]:
    seconds = (step.finished_at - step.started_at).total_seconds() if step.finished_at and step.started_at else None
    return {"status": step.status, "seconds": seconds, **step.counts, "problems": step.problems[:3]}


def _peak_mb() -> float:
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text(encoding="ascii"))
    return int(found[1]) / 1024 if found else 0.0


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("verb", choices=["prepare", "sync"])
    parser.add_argument("--platform", choices=list(SHOPS))
    parser.add_argument("--shop")
    parser.add_argument("--company", type=Path)
    parser.add_argument("--kinds", nargs="+", type=Kind, help="of the run; else all")
    parser.add_argument("--profile", type=Path, help="write cProfile's figures there")
    given = parser.parse_args()
    if given.verb == "prepare":
        prepare(given.platform, given.shop, given.company)
        return
    profile = cProfile.Profile(time.process_time) if given.profile else None
    found = profile.runcall(sync, given.kinds) if profile else sync(given.kinds)
    if profile:
        profile.dump_stats(given.profile)
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
