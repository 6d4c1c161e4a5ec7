"""Orders of one shop in the demo's proof: what is sold, what people do with it, and what the checker says of both
sides. The steps are called in the order of their definition."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Literal

from integrator.canonical.problems import Code
from syncjobs import queue
from syncjobs.demo.differences import DIFFERENCES
from syncjobs.demo.order_terms import SELLING
from syncjobs.demo.rounds import asked
from syncjobs.demo.trade.buyers import company
from syncjobs.demo.trade.counter import Counter
from syncjobs.demo.trade.goods import Goods, on_sale
from syncjobs.demo.trade.warehouse import Warehouse
from syncjobs.demo.trial import Report, Trial, counts
from syncjobs.models import OrderTerms, Run, ShopOrder
from syncjobs.orders.keys import order_number
from wapro.models import WaproConnection
from wapro.sample.articles import MAIN

Fate = Literal["held", "open", "sent", "cancelled"]
Status = ShopOrder.Status
LEAST = 20
"""Pieces that must be there of what is bought, so that everything can be reserved."""
_NAMED = {row.element for row in DIFFERENCES}
"""Articles that were planted to differ are not sold: what they show is another matter."""
_UNSETTLED = (Status.INTENDED, Status.CANCELLING)


@dataclass(slots=True, kw_only=True)
class Sold:
    """One order, and how it must end on both sides."""

    key: str
    fate: Fate
    tracking: Sequence[str] = ()
    tax_number: str = ""


@dataclass(slots=True)
class OrderTrial:
    """Orders are named by what is done with them."""

    trial: Trial
    sold: dict[str, Sold] = field(default_factory=dict)
    answers: dict[str, Report] = field(default_factory=dict)
    runs: list[Run] = field(default_factory=list)

    @property
    def counter(self) -> Counter:
        return Counter(self.trial.access()["address"])

    @property
    def erp(self) -> WaproConnection:
        return WaproConnection.objects.get(client=self.trial.connection.client_id)

    def goods(self) -> list[Goods]:
        found = on_sale(self.trial.connection, self.erp, MAIN, LEAST)
        return [one for one in found if one.article not in _NAMED]

    def sell(self, shared: str = "") -> None:
        """One order of each sort. `shared`: an article that another shop of the client sells as well."""
        goods, counter = self.goods(), self.counter
        chance, firm = Random(self.trial.shop.platform), company(0)

        def some(count: int, pieces: int = 1) -> dict[Goods, int]:
            return {one: pieces + place for place, one in enumerate(chance.sample(goods, count))}

        unknown = counter.put_on_sale("NIEZNANY-1", "Nie z WAPRO", "10.00", 9)
        parcels = [f"{chance.randrange(10**10):010d}" for _ in range(3)]
        self.sold = {
            "sent in two parcels": Sold(key=counter.sell(some(3), "cod"), fate="sent", tracking=parcels[:2]),
            "sent": Sold(key=counter.sell(some(2), "online"), fate="sent", tracking=parcels[2:]),
            "sent in part": Sold(key=counter.sell(some(2, 3), "online"), fate="open"),
            "paid later": Sold(key=counter.sell(some(2), "transfer"), fate="open"),
            "cancelled": Sold(key=counter.sell(some(2), "cod"), fate="cancelled"),
            "of a company": Sold(
                key=counter.sell(some(4), "transfer", paid=True, buyer=firm), fate="sent", tax_number=firm["tax_number"]
            ),
            "of an unknown article": Sold(key=counter.sell({unknown: 2}, "cod"), fate="held"),
        }
        same = [one for one in goods if one.article == shared]
        if same:
            self.sold["of what two shops sell"] = Sold(key=counter.sell({same[0]: 2}, "cod"), fate="open")

    def wait_for_us(self) -> None:
        """From now on the shop is asked when `look` says so: a fetch that is under way while something is done could
        have passed it by, and would count as the look that comes after."""
        OrderTerms.objects.filter(connection=self.trial.connection).update(interval_minutes=24 * 60)

    def look(self) -> None:
        """Ask the shop and WAPRO now, as a person who presses Retry does."""
        connection = self.trial.connection
        OrderTerms.objects.filter(connection=connection).update(next_at=None, not_before=None)
        rows = ShopOrder.objects.filter(connection=connection)
        rows.filter(status=Status.PLACED).update(checked_at=None)
        queue.nudge(connection)

    def unsettled(self) -> str:
        """What is still under way since the last look, empty when nothing is."""
        terms = OrderTerms.objects.get(connection=self.trial.connection)
        rows = ShopOrder.objects.filter(connection=self.trial.connection)
        if terms.next_at is None or terms.fetch_began_at is not None:
            return f"the shop was not asked: {terms.problem}"
        if missing := {one.key for one in self.sold.values()} - set(rows.values_list("shop_key", flat=True)):
            return f"orders {sorted(missing)} did not arrive"
        under_way = rows.filter(to_decide=True) | rows.filter(status__in=_UNSETTLED) | rows.filter(untold__isnull=False)
        under_way |= rows.filter(status=Status.PLACED, checked_at=None)
        return "; ".join(f"order {row} {row.status} {row.reasons}" for row in under_way.distinct())

    def has_arrived(self) -> None:
        """What must be so before anybody does anything: who cannot go in waits for the right reason."""
        awaited = {
            "paid later": (Status.WAITING, Code.PAYMENT_AWAITED),
            "of an unknown article": (Status.HELD, Code.ARTICLE_UNKNOWN),
        }
        self.trial.problems += self._stands(awaited)

    def _stands(self, awaited: Mapping[str, tuple[str, str]]) -> Iterable[str]:
        for name, sold in self.sold.items():
            row = ShopOrder.objects.get(connection=self.trial.connection, shop_key=sold.key)
            status, code = awaited.get(name, (Status.PLACED, Code.ORDER_BY_DEFAULT))
            reasons = [one["code"] for one in row.reasons]
            if row.status != status or reasons[:1] != [code]:
                yield f"the order {name} is {row.status} {row.reasons} instead of {status} {code}"

    def act(self) -> None:
        """The money comes, the buyer changes their mind, the warehouse sends."""
        counter, warehouse = self.counter, Warehouse(self.erp)
        counter.pay(self.sold["paid later"].key)
        counter.cancel(self.sold["cancelled"].key)
        prefix = SELLING[self.trial.shop.platform].prefix
        for name, sold in self.sold.items():
            if sold.fate == "sent":
                order = warehouse.order(order_number(prefix, sold.key))
                warehouse.realise(order)
                if sold.tracking:
                    warehouse.ship(order, *sold.tracking)
            elif name == "sent in part":
                warehouse.realise_first_line(warehouse.order(order_number(prefix, sold.key)))

    def compare(self, name: str) -> None:
        """Both sides, orders and stock, by programs that know nothing of the pipeline."""
        answer = self.answers[name] = self._ask()
        if "error" in answer:
            self.trial.problems.append(f"the checker could not read the orders: {answer['error']}")
        self.trial.problems += [f"{told} ({name} comparison)" for told in answer.get("differences", ())]
        self.trial.compare_sold(name)

    def _ask(self) -> Report:
        shop = self.trial.shop
        fates = {
            one.key: {"fate": one.fate, "tracking": list(one.tracking), "tax_number": one.tax_number}
            for one in self.sold.values()
        }
        question = {
            "sample": str(self.trial.household.sample(shop.client)),
            "platform": shop.platform,
            "shop": self.trial.access(),
            "prefix": SELLING[shop.platform].prefix,
            "states": dict(SELLING[shop.platform].states),
            "sold": fates,
        }
        return asked("syncjobs.demo.checker.orders", question, self.trial.household.root)

    def nothing_was_sent(self) -> None:
        """The second round: no request that could write, nothing that moved."""
        before, after = self.answers["first"], self.answers["second"]
        if after.get("writes") != before.get("writes"):
            sent = after.get("writes", 0) - before.get("writes", 0)
            self.trial.problems.append(f"the shop saw {sent} writing requests of a second round about its orders")
        if after.get("shop") != before.get("shop"):
            self.trial.problems.append("something about the shop's orders moved during a second round")

    def report(self) -> Report:
        return {
            "sold": [
                {"order": one.key, "what": name, "fate": one.fate, "parcels": list(one.tracking)}
                for name, one in self.sold.items()
            ],
            "stock": counts(*self.runs),
            "checker": self.answers,
        }
