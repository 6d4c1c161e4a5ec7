# ruff: noqa: E402 (settings are named before anything of the project is imported)
"""The worker of a measurement of orders, a process of its own.

`prepare` makes a client whose shop sells, `work` drives both actors until the orders are where they should be,
`realise` is the warehouse, `report` tells when each order was where. Each prints one JSON object.
"""

import argparse
import cProfile
import json
import os
import resource
import sqlite3
import sys
import time
import urllib.request
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "integrator.settings")

import django

django.setup()

from django.core.management import call_command
from django.db.models import Q
from django.utils import timezone

from integrator.accounts.models import Client, Firm
from integrator.canonical.kinds import Kind
from shops.models import ShopConnection
from syncjobs import erp_actor, runner
from syncjobs.demo.order_terms import ensure_terms, let_orders_in
from syncjobs.models import Link, OrderEvent, OrderTerms, ShopOrder
from syncjobs.models.choices import LinkState
from syncjobs.options import ensure_options
from tests.benchmarks.shops import SHOPS
from wapro.database import open_database
from wapro.models import WaproConnection
from wapro.sample import company as sample_company
from wapro.sample.articles import GOODS, INTERNET, MAIN, Article
from wapro.sample.procedures.accountant import Accountant
from wapro.sample.sqlite import build

ARTICLES = 60
PLENTY = 1_000_000
"""Pieces of each, on both sides."""
Status = ShopOrder.Status


def prepare(platform: str, shop: str, company: Path) -> dict[str, Any]:
    """Tables, a client, both connections; articles on sale and linked; terms as a person would have chosen them."""
    call_command("migrate", verbosity=0)
    build(company)
    client = Client.objects.create(firm=Firm.objects.create(name="Benchmark"), name="Benchmark")
    erp = WaproConnection.objects.create(
        client=client, engine="sample", server=str(company), leading_warehouse=str(MAIN)
    )
    let_orders_in(erp)
    connection = ShopConnection.objects.create(
        client=client,
        name="Shop",
        platform=platform,
        address=shop,
        credentials=dict(SHOPS[platform].credentials),
        settings=dict(SHOPS[platform].settings),
        is_leading=True,
        writes_enabled=True,
        price_type=str(INTERNET),
        warehouses=[str(MAIN)],
    )
    ensure_options(connection)
    keys = [_put_on_sale(connection, article) for article in _sold()]
    with closing(sqlite3.connect(company)) as database, database:
        database.execute(f"UPDATE ARTYKUL SET STAN = {PLENTY}")
    ensure_terms(connection)
    usual = OrderTerms._meta.get_field("interval_minutes").default
    OrderTerms.objects.update(interval_minutes=usual)
    _until(connection.pk, erp.pk, lambda: OrderTerms.objects.filter(since__isnull=False).exists(), seconds=120)
    return {"keys": keys, "interval_minutes": usual}


def _sold() -> list[Article]:
    def plain(one: Article) -> bool:
        usual = one.kind == GOODS and one.vat == "23" and MAIN in one.stocks and not one.elsewhere and not one.units
        return usual and not (one.blocked or one.unfinished or one.editor or one.fields or one.card_id)

    return [one for one in sample_company().articles.values() if plain(one)][:ARTICLES]


def _put_on_sale(connection: ShopConnection, article: Article) -> str:
    given = {"code": article.index, "name": article.name, "price": "24.60", "quantity": PLENTY}
    asked = urllib.request.Request(f"{connection.address}/_control/product", json.dumps(given).encode(), method="POST")
    with urllib.request.urlopen(asked, timeout=60) as answer:
        key: str = json.load(answer)["key"]
    Link.objects.create(
        connection=connection, kind=Kind.PRODUCT, erp_key=article.index, shop_key=key, state=LinkState.LINKED
    )
    return key


def work(goal: str, orders: int, seconds: float, *, at_once: bool) -> dict[str, Any]:
    """Until so many orders are in WAPRO (`in`), or the shop was told that they are sent (`back`); at most so long.
    `at_once`: as if the time of the next looks at both systems had come."""
    connection, erp = ShopConnection.objects.get(), WaproConnection.objects.get()
    if at_once:
        ShopOrder.objects.update(checked_at=None)
        OrderTerms.objects.update(next_at=timezone.now())
    goals: dict[str, Callable[[], bool]] = {"in": lambda: _is_in(orders), "back": lambda: _is_back(orders)}
    started, cpu = time.time(), time.process_time()
    idle = _until(connection.pk, erp.pk, goals[goal], seconds)
    return {
        "began_at": started,
        "seconds": time.time() - started,
        "cpu": time.process_time() - cpu,
        "idle": idle,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "problem": OrderTerms.objects.get().problem,
    }


def _is_in(orders: int) -> bool:
    rows = ShopOrder.objects.filter(erp_key__gt="", untold__isnull=True, checked_at__isnull=False)
    return rows.count() >= orders


def _is_back(orders: int) -> bool:
    told = OrderEvent.objects.filter(verb="told", data__parcels__0__isnull=False)
    return told.count() >= orders


def _until(shop: int, erp: int, reached: Callable[[], bool], seconds: float) -> float:
    """Both actors in turn, as messages would wake them; seconds spent waiting."""
    idle, ends = 0.0, time.monotonic() + seconds
    while not reached() and time.monotonic() < ends:
        waits = [one for one in (erp_actor.advance_erp(erp), runner.advance_shop(shop)) if one is not None]
        pause = min([*waits, 1.0])
        if pause > 0:
            time.sleep(pause)
            idle += pause
    return idle


def realise() -> dict[str, Any]:
    """Goods issued and invoiced, parcels sent: everything of the orders that are in WAPRO."""
    erp = WaproConnection.objects.get()
    keys = list(ShopOrder.objects.filter(status=Status.PLACED).values_list("erp_key", "shop_key"))
    with open_database(erp, True) as alias:
        person = Accountant(alias)
        for erp_key, shop_key in keys:
            person.realise(int(erp_key))
            person.ship(int(erp_key), f"PACZKA{shop_key}")
    return {"realised": len(keys)}


def report() -> dict[str, Any]:
    """Moments in seconds since the epoch, and what WAPRO holds."""
    rows = ShopOrder.objects.values_list("shop_key", "status", "seen_at", "placed_in_erp_at", "reasons")
    told = OrderEvent.objects.filter(verb="told", data__parcels__0__isnull=False)
    with closing(sqlite3.connect(WaproConnection.objects.get().server)) as database:
        prefix = OrderTerms.objects.get().prefix
        where = "FROM ZAMOWIENIE WHERE NR_ZAMOWIENIA_KLIENTA LIKE ?"
        found = database.execute(f"SELECT COUNT(*), COUNT(DISTINCT NR_ZAMOWIENIA_KLIENTA) {where}", [f"{prefix}-%"])
        in_wapro, numbers = found.fetchone()
    return {
        "orders": {
            key: {"seen": seen.timestamp(), "placed": placed.timestamp() if placed else None}
            for key, _, seen, placed, _ in rows
        },
        "told": {key: at.timestamp() for key, at in told.values_list("order__shop_key", "at")},
        "in_wapro": in_wapro,
        "numbers": numbers,
        "held": [reasons for _, status, _, _, reasons in rows if status in (Status.HELD, Status.WAITING)][:3],
        "alerts": ShopOrder.objects.filter(Q(alert=True)).count(),
    }


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("verb", choices=["prepare", "work", "realise", "report"])
    parser.add_argument("--platform", choices=list(SHOPS))
    parser.add_argument("--shop")
    parser.add_argument("--company", type=Path)
    parser.add_argument("--goal", choices=["in", "back"])
    parser.add_argument("--orders", type=int)
    parser.add_argument("--seconds", type=float, default=3600)
    parser.add_argument("--at-once", action="store_true")
    parser.add_argument("--profile", type=Path, help="write cProfile's figures there")
    given = parser.parse_args()
    verbs: dict[str, Callable[[], dict[str, Any]]] = {
        "prepare": lambda: prepare(given.platform, given.shop, given.company),
        "work": lambda: work(given.goal, given.orders, given.seconds, at_once=given.at_once),
        "realise": realise,
        "report": report,
    }
    profile = cProfile.Profile(time.process_time) if given.profile else None
    found = profile.runcall(verbs[given.verb]) if profile else verbs[given.verb]()
    if profile:
        profile.dump_stats(given.profile)
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
