"""The whole way with one small company, for tests that spoil something: what is spoilt, and what people are told."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import translation

from integrator.canonical.kinds import SYNC_KINDS, Kind
from shops.connectors.shoper.simulator import ShoperSimulator
from syncjobs.engine.policy import Owner
from syncjobs.explain import explain
from syncjobs.models import Change, Run, Step
from syncjobs.models.choices import ChangeStatus, Status
from tests.pipeline.lab import Lab
from tests.pipeline.shoper import shoper_lab
from wapro.sample import generated
from wapro.sample.sqlite import build

ARTICLES = 24
PLAIN = "GEN0000012"
"""A card of the company that becomes a simple product."""
POLISH = Path(settings.LOCALE_PATHS[0]) / "pl" / "LC_MESSAGES" / "django.mo"
WITHOUT_IMAGES = [kind for kind in SYNC_KINDS if kind is not Kind.IMAGE]


class World:
    """The whole way: the sample company's file, the pipeline, the shop over HTTP."""

    def __init__(self, lab: Lab, simulator: ShoperSimulator, company: Path) -> None:
        self.lab, self.shop, self.company = lab, simulator, company

    def wapro(self, sql: str, *values: Any) -> None:
        """Somebody changes the company's data."""
        with closing(sqlite3.connect(self.company)) as database, database:
            assert database.execute(sql, values).rowcount > 0

    def held(self, sql: str, *values: Any) -> list[Any]:
        """First column of what the company's data hold."""
        with closing(sqlite3.connect(self.company)) as database:
            return [row[0] for row in database.execute(sql, values)]

    def run(self, *kinds: Kind) -> Run:
        return self.lab.run(*(kinds or WITHOUT_IMAGES))

    def ended(self, run: Run) -> dict[str, str]:
        return {step.kind: step.status for step in run.steps.all()}

    def told(self, step: Step) -> list[str]:
        """What the page of the run says about a step, English first, each with what to do."""
        return [said(problem, connection=self.lab.shop_connection) for problem in step.problems]

    def change(self, run: Run, code: str) -> Change:
        return Change.objects.get(step__run=run, code=code, kind=Kind.PRODUCT)

    def codes(self) -> set[str]:
        """Codes of what the shop sells."""
        state = self.shop.state
        sold = [one for product in state.products for one in (state.stock_ids(product)[1:] or state.stock_ids(product))]
        return {state.stocks.get(one)["code"] for one in sold}

    def writes(self) -> int:
        """Calls that may have changed the shop, logins left out."""
        requests = self.shop.stats.requests
        return sum(n for name, n in requests.items() if not name.startswith(("GET", "HEAD")) and name != "POST auth")


@contextmanager
def opened(folder: Path) -> Iterator[World]:
    """A small company in a folder and an empty shop that may get all of it."""
    build(folder / "wapro.sqlite3", generated(ARTICLES))
    with shoper_lab(folder) as (lab, simulator):
        lab.shop_connection.default_category = str(simulator.state.add_category("Wszystko"))
        lab.shop_connection.save()
        for kind in (Kind.UNIT, Kind.PRODUCER, Kind.PRODUCT, Kind.IMAGE):
            lab.options(kind, export_unlinked=True)
        lab.own(Kind.PRICE, Owner.ERP, "price")
        lab.own(Kind.STOCK, Owner.ERP, "quantity")
        yield World(lab, simulator, folder / "wapro.sqlite3")


def said(problem: Any, **about: Any) -> str:
    """Sentence and what to do, in English; in Polish as much is said where the catalogue is there."""
    with translation.override("en"):
        english = explain(problem, **about)
    assert english.sentence
    assert english.todo
    assert "The other system" not in english.sentence
    if POLISH.exists():
        with translation.override("pl"):
            polish = explain(problem, **about)
        assert polish.sentence != english.sentence
        assert polish.todo != english.todo
    return f"{english.sentence} {english.todo}"


def assert_all_well(world: World, run: Run) -> None:
    """Everything of WAPRO is in the shop once, and there is nothing left to do."""
    assert {kind: status for kind, status in world.ended(run).items() if status != Status.SUCCEEDED} == {}
    left = Change.objects.filter(status__in=[ChangeStatus.SENT, ChangeStatus.UNKNOWN, ChangeStatus.PLANNED])
    assert not left.exclude(step__status=Status.WAITING).exists(), "only a plan that waits for a person may be left"
    sold = [world.shop.state.stocks.get(one)["code"] for one in world.shop.state.stocks]
    assert world.codes() == {str(key) for key in world.lab.links()}
    assert max(sold.count(code) for code in world.codes()) == 1
    before = world.writes()
    world.run()
    assert world.writes() == before
