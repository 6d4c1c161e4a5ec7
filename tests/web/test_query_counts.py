"""Every page asks a bounded number of queries, and no more of them when there are more rows."""

from itertools import count
from typing import Any

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from integrator.accounts.models import AuditEntry, Client, Role
from syncjobs.models import Change, Conflict, Link, Run, ShopOrder, SnapshotItem, Step, SyncOptions, Unlinked
from syncjobs.navigation import SWITCHER
from tests.web.tenants import Tenants, erp_of, person, samples, shop_of, tenants
from tests.web.test_access import NEEDS, OWN, SIMULATED, TENANT_NAMES, address, signed_in

pytestmark = pytest.mark.django_db

MOST = 50
"""Queries of the page that asks most, session and sidebar included."""
FEW, MANY = 3, 60
"""Rows of everything; a page of a list shows fifty."""
READ = sorted(
    [
        *(name for name in TENANT_NAMES if name not in SIMULATED and (name not in NEEDS or NEEDS[name][0] is not None)),
        *(OWN - {"logout"}),
    ]
)


class Rows:
    """A panel whose every list can be made longer."""

    def __init__(self) -> None:
        self.made: Tenants = tenants()
        self.known = samples(self.made)
        SyncOptions.objects.filter(connection=self.made.shop).update(enabled=True)
        for n in range(SWITCHER):  # from so many on the sidebar counts them
            Client.objects.create(firm=self.made.firm, name=f"Quiet {n}")
        self.numbers = count(1)
        self.there = 0

    def grow(self, to: int) -> None:
        for _more in range(to - self.there):
            self._add(next(self.numbers))
        self.there = to

    def _add(self, n: int) -> None:
        made, shop = self.made, self.made.shop
        for kind in ("product", "category"):
            for side, owner in (("erp", {"erp": made.erp}), ("shop", {"shop": shop})):
                for key in (f"{side}{n}", f"{side}-alone{n}"):
                    record: dict[str, Any] = {"code": f"C{n}", "name": f"Rake {n}"}
                    record = record if kind == "product" else {"path": [f"Tools {n}"]}
                    text = {"code": f"C{n}", "label": f"Rake {n}", "search": f"c{n} rake {n}"}
                    SnapshotItem.objects.create(kind=kind, key=key, fingerprint="f", record=record, **text, **owner)
                values = {"code": f"C{n}", "label": f"Rake {n}", "search": f"c{n} rake {n}", "kind": kind}
                Unlinked.objects.create(connection=shop, side=side, key=f"{side}-alone{n}", **values)
            linked = {"erp_key": f"erp{n}", "shop_key": f"shop{n}", "origin": "rule"}
            link = Link.objects.create(connection=shop, kind=kind, **linked)
        name = {"base_erp": "Rake", "base_shop": "Rake", "erp": f"Rake {n}", "shop": f"Old rake {n}"}
        Conflict.objects.create(connection=shop, link=link, kind="category", field="name", **name)
        self._work(link, n)
        self._people(n)

    def _work(self, link: Link, n: int) -> None:
        shop, now = self.made.shop, timezone.now()
        run = Run.objects.create(
            connection=shop, status="succeeded", finished_at=now, requested_by=self.made.administrator
        )
        Step.objects.create(run=run, connection=shop, kind="product", position=0, status="succeeded", finished_at=now)
        of_step = {"step_id": self.known["step"], "connection": shop, "kind": "product", "action": "update_shop"}
        keys = {"erp_key": "K1", "shop_key": "1", "code": f"C{n}", "link": link}
        Change.objects.create(**of_step, **keys, status="failed", fields=[{"name": "name", "old": "a", "new": "b"}])
        order = {"shop_key": f"2{n:03}", "placed_at": now, "read_at": now, "status": "held", "buyer": f"Buyer {n}"}
        ShopOrder.objects.create(connection=shop, **order)

    def _people(self, n: int) -> None:
        made = self.made
        one = person(f"p{n}@garden.example", made.firm, made.client, Role.VIEWER)
        entry = {"verb": "run.start", "subject": f"Run {n}", "client": made.client, "user": one}
        AuditEntry.objects.create(firm=made.firm, **entry)
        client = Client.objects.create(firm=made.firm, name=f"Client {n}")
        erp_of(client)
        shop_of(client)


@pytest.fixture
def rows() -> Rows:
    return Rows()


def queries(browser: Browser, where: str) -> list[str]:
    browser.get(where)  # what is kept in the cache is there now
    with CaptureQueriesContext(connection) as asked:
        answer = browser.get(where)
        if answer.streaming:
            b"".join(answer)
    assert answer.status_code in (200, 302, 405), answer.status_code
    return [one["sql"] for one in asked.captured_queries]


def counted(browser: Browser, rows: Rows) -> dict[str, list[str]]:
    return {name: queries(browser, reverse(name) if name in OWN else address(name, rows.known)) for name in READ}


def test_no_page_asks_more_when_there_are_more_rows(rows: Rows) -> None:
    browser = signed_in(rows.made.administrator)
    rows.grow(FEW)
    few = counted(browser, rows)
    rows.grow(MANY)
    many = counted(browser, rows)
    grown = {name: (len(few[name]), len(many[name])) for name in READ if len(many[name]) > len(few[name])}
    assert grown == {}, "\n".join(sorted({one[:200] for name in grown for one in many[name] if one not in few[name]}))
    assert {name: len(asked) for name, asked in many.items() if len(asked) > MOST} == {}
