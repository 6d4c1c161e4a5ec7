"""Rows of a report out of the snapshots, in pieces that any worker can go on from."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import groupby
from operator import attrgetter

from django.db.models import Count, QuerySet
from django.db.models.functions import Lower

from integrator.canonical.errors import PlanRefused
from integrator.canonical.kinds import REFERENCE_KINDS, Kind
from integrator.canonical.records import Key, Problem, Product
from syncjobs import pairing, snapshots
from syncjobs.discrepancies.comparing import (
    PRICE_BARS,
    STOCK_BARS,
    Difference,
    above,
    bar_of,
    differences,
    percent_above,
)
from syncjobs.engine.plan import Rules
from syncjobs.engine.policy import Owner
from syncjobs.fetching import problem_data
from syncjobs.models import Discrepancy, Link, SnapshotItem, Unlinked
from syncjobs.models.choices import LinkState, Side
from syncjobs.models.discrepancies import Section
from syncjobs.setup import Setup

PAIR_SECTIONS = {Section.STOCK: Kind.STOCK, Section.PRICE: Kind.PRICE, Section.FIELD: Kind.PRODUCT}
"""Sections that compare linked products, and the kind of data that they compare."""
STAGES: Mapping[str, tuple[Section, ...]] = {
    "pairs": tuple(PAIR_SECTIONS),
    "others": (Section.FIELD,),
    "alone": (Section.MISSING,),
    "gone": (Section.MISSING,),
    "duplicates": (Section.DUPLICATE,),
}
"""Parts of a report in the order they are made, and the sections that each brings."""
OTHERS = (*REFERENCE_KINDS, Kind.IMAGE)
"""Kinds beside products that have links of their own."""
REPEATS: Mapping[Kind, tuple[str, ...]] = {
    Kind.PRODUCT: ("code", "ean"),
    Kind.UNIT: ("code",),
    Kind.TAX_RATE: ("code",),
    Kind.PRODUCER: ("label",),
    Kind.CATEGORY: ("label",),
}
"""By what elements of a kind are the same to people, so that two of them are one too many."""
LARGEST = Decimal(10) ** 12
_GONE = {LinkState.ERP_GONE: "gone_erp", LinkState.SHOP_GONE: "gone_shop"}


@dataclass(slots=True)
class Found:
    """One piece of a report. `cursor`: where the next begins, None after the last of its stage."""

    rows: list[Discrepancy]
    cursor: int | None
    looked: int = 0
    compared: dict[Section, int] = field(default_factory=dict)


class Finder:
    """Everything that comparing one connection depends on, read once. Sections that lack a setting are in `gaps`."""

    def __init__(self, setup: Setup, sections: Iterable[Section] = tuple(Section)) -> None:
        self.setup = setup
        self.sections = tuple(sections)
        self.gaps: dict[Section, Problem] = {}
        self._promised: Mapping[Key, Decimal] = {}
        self._compared: dict[Section, tuple[Kind, Rules, pairing.Offer]] = {}
        # Pictures that nobody carries over differ as everybody knows they do.
        carried = setup.policy(Kind.IMAGE)
        pictures = carried.updates or carried.export_unlinked or carried.import_unlinked
        self.others = [kind for kind in OTHERS if kind in setup.kinds and (pictures or kind is not Kind.IMAGE)]
        for section, kind in PAIR_SECTIONS.items():
            if section in self.sections:
                self._prepare(section, kind)

    def _prepare(self, section: Section, kind: Kind) -> None:
        try:
            if kind is Kind.STOCK:
                self._promised = pairing.promised_to_buyers(self.setup)
            offer = pairing.offer_for(self.setup, kind, self._promised)
        except PlanRefused as refused:
            self.gaps[section] = refused.problem
            return
        self._compared[section] = (kind, self.setup.rules(kind), offer)

    @property
    def stages(self) -> list[str]:
        return [stage for stage, sections in STAGES.items() if set(sections) & set(self.sections)]

    def total(self) -> int:
        """Elements that the stages by cursor look at."""
        return self._links().count() + self._other_links().count() + self._alone().count()

    def piece(self, stage: str, cursor: int) -> Found:
        """The next piece of a stage after `cursor`."""
        make: dict[str, Callable[[int], Found]] = {
            "pairs": self._pairs,
            "others": self._other_pairs,
            "alone": self._without_partner,
            "gone": self._broken,
            "duplicates": lambda _: Found(list(self._duplicates()), None),
        }
        return make[stage](cursor)

    def rows(self) -> Iterator[Discrepancy]:
        """All rows, a piece in memory at a time."""
        for stage in self.stages:
            if stage == "duplicates":
                yield from self._duplicates()
                continue
            cursor: int | None = 0
            while cursor is not None:
                found = self.piece(stage, cursor)
                yield from found.rows
                cursor = found.cursor

    def _links(self) -> QuerySet[Link]:
        return Link.objects.filter(
            connection=self.setup.connection, kind=Kind.PRODUCT, state=LinkState.LINKED, primary=True
        )

    def _alone(self) -> QuerySet[Unlinked]:
        rows = Unlinked.objects.filter(connection=self.setup.connection, kind__in=[Kind.PRODUCT, *self.others])
        return rows.exclude(state=Unlinked.State.IGNORED)

    def _other_links(self) -> QuerySet[Link]:
        return Link.objects.filter(
            connection=self.setup.connection, kind__in=self.others, state=LinkState.LINKED, primary=True
        )

    def _pairs(self, cursor: int) -> Found:
        links = list(self._links().filter(pk__gt=cursor).order_by("pk")[: snapshots.CHUNK])
        cards = snapshots.load(self.setup.erp_connection, Kind.PRODUCT, {link.erp_key for link in links})
        found = Found([], links[-1].pk if len(links) == snapshots.CHUNK else None, looked=len(links))
        for section, (kind, rules, offer) in self._compared.items():
            loaded = pairing.load(self.setup, kind, links, offer)
            found.compared[section] = len(loaded)
            for item in loaded:
                found.rows += self._of_pair(section, rules, item, cards.get(item.link.erp_key, item.erp_item))
        return found

    def _other_pairs(self, cursor: int) -> Found:
        """Linked elements of the other kinds. Only fields that somebody rules: where nobody does, a mapping is what
        joins two names."""
        links = list(self._other_links().filter(pk__gt=cursor).order_by("pk")[: snapshots.CHUNK])
        found = Found([], links[-1].pk if len(links) == snapshots.CHUNK else None, looked=len(links))
        for kind in self.others:
            mine = [link for link in links if link.kind == kind]
            rules, offer = self.setup.rules(kind), pairing.offer_for(self.setup, kind)
            loaded = pairing.load(self.setup, kind, mine, offer) if mine else []
            found.compared[Section.FIELD] = found.compared.get(Section.FIELD, 0) + len(loaded)
            for item in loaded:
                rows = self._of_pair(Section.FIELD, rules, item, item.erp_item)
                found.rows += [of_kind(row, kind) for row in rows if row.detail["owner"] != Owner.IGNORE]
        return found

    def _of_pair(
        self, section: Section, rules: Rules, item: pairing.Loaded, card: SnapshotItem
    ) -> Iterator[Discrepancy]:
        if item.pair is not None:
            for one in differences(item.pair, rules):
                yield self._pair_row(section, item, card, one)
        elif item.problems:
            # WAPRO has no price to compare with, which is worth knowing before the shop sells at its own.
            name = "price" if section is Section.PRICE else "quantity"
            shown = str(getattr(snapshots.record_of(item.shop_item), name, ""))
            problem, owner = item.problems[-1], rules.policy.owner(name)
            one = Difference(name=name, expected=None, shown=shown, owner=owner, problem=problem)
            yield self._pair_row(section, item, card, one)

    def _pair_row(self, section: Section, item: pairing.Loaded, card: SnapshotItem, one: Difference) -> Discrepancy:
        row = _row(section, card, one.name, erp_key=item.link.erp_key, shop_key=item.link.shop_key)
        row.field, row.expected, row.shown = one.name, one.expected, one.shown
        row.detail = {"owner": str(one.owner)}
        if one.problem is not None:
            row.detail["problem"] = problem_data(one.problem)
        promised = self._promised.get(item.link.erp_key)
        if section is Section.STOCK and promised:
            row.detail["promised"] = str(promised)
        if section is not Section.FIELD:
            _measure(row, one)
        return row

    def _without_partner(self, cursor: int) -> Found:
        rows = list(self._alone().filter(pk__gt=cursor).order_by("pk")[: snapshots.CHUNK])
        found = [_alone_row(one) for one in rows]
        return Found(found, rows[-1].pk if len(rows) == snapshots.CHUNK else None, looked=len(rows))

    def _broken(self, cursor: int) -> Found:
        kinds = [Kind.PRODUCT, *self.others]
        links = Link.objects.filter(connection=self.setup.connection, kind__in=kinds, state__in=list(_GONE))
        part = list(links.filter(pk__gt=cursor).order_by("pk")[: snapshots.CHUNK])
        rows: list[Discrepancy] = []
        for kind in kinds:
            rows += self._broken_of(kind, [link for link in part if link.kind == kind])
        return Found(rows, part[-1].pk if len(part) == snapshots.CHUNK else None)

    def _broken_of(self, kind: Kind, links: list[Link]) -> Iterator[Discrepancy]:
        here = {link.erp_key for link in links if link.state == LinkState.SHOP_GONE}
        there = {link.shop_key for link in links if link.state == LinkState.ERP_GONE}
        cards = snapshots.load(self.setup.erp_connection, kind, here) if here else {}
        sold = snapshots.load(self.setup.connection, kind, there) if there else {}
        for link in links:
            item = cards.get(link.erp_key) or sold.get(link.shop_key)
            facet = _GONE[LinkState(link.state)]
            yield of_kind(_row(Section.MISSING, item, facet, erp_key=link.erp_key, shop_key=link.shop_key), kind)

    def _duplicates(self) -> Iterator[Discrepancy]:
        for kind in [kind for kind in REPEATS if kind is Kind.PRODUCT or kind in self.others]:
            for side in (Side.ERP, Side.SHOP):
                for column in REPEATS[kind]:
                    yield from self._repeating(side, kind, column)

    def _repeating(self, side: Side, kind: Kind, column: str) -> Iterator[Discrepancy]:
        for _value, items in groupby(self._repeated(side, kind, column), attrgetter("alike")):
            alike = [item for item in items if self._takes_part(side, item)]
            if len(alike) > 1:
                yield from (of_kind(_duplicate_row(side, column, item, len(alike)), kind) for item in alike)

    def _repeated(self, side: Side, kind: Kind, column: str) -> Iterator[SnapshotItem]:
        """Elements of one side that share their code, EAN or name with another, one value after the other."""
        source = self.setup.erp_connection if side is Side.ERP else self.setup.connection
        items = snapshots.present(source, kind).exclude(**{column: ""}).annotate(alike=Lower(column))
        repeated = items.values("alike").annotate(n=Count("pk")).filter(n__gt=1).order_by().values("alike")
        return items.filter(alike__in=repeated).order_by("alike", "pk").iterator(chunk_size=snapshots.CHUNK)

    def _takes_part(self, side: Side, item: SnapshotItem) -> bool:
        """Cards that the item filter keeps out share a code with nobody who matters."""
        if side is Side.SHOP or item.kind != Kind.PRODUCT:
            return True
        product = snapshots.record_of(item)
        return isinstance(product, Product) and self.setup.item_filter().lets_in(product)


def of_kind(row: Discrepancy, kind: Kind) -> Discrepancy:
    """The row as one of this kind: of products it is not said, since most of them are."""
    if kind is not Kind.PRODUCT:
        row.detail = row.detail | {"kind": str(kind)}
        row.facet = f"{kind}:{row.facet}"
    if kind is Kind.IMAGE:
        row.code = ""  # a digest, which says nothing to people
    return row


def _row(
    section: Section, item: SnapshotItem | None, facet: str, *, erp_key: Key = "", shop_key: Key = ""
) -> Discrepancy:
    row = Discrepancy(section=section, facet=facet, erp_key=erp_key, shop_key=shop_key)
    if item is not None:
        row.code, row.label, row.ean, row.search = item.code, item.label, item.ean, item.search
    return row


def _measure(row: Discrepancy, one: Difference) -> None:
    difference = above(one.expected, one.shown)
    percent = percent_above(one.expected, difference)
    priced = row.section == Section.PRICE
    row.facet = bar_of(percent, PRICE_BARS) if priced else bar_of(difference, STOCK_BARS)
    size = percent if priced else difference
    row.weight = min(abs(size), LARGEST) if size is not None else Decimal(0)
    if difference is not None:
        row.detail["difference"] = str(difference)
    if percent is not None:
        row.detail["percent"] = str(percent)


def _alone_row(one: Unlinked) -> Discrepancy:
    if one.state == Unlinked.State.AMBIGUOUS:
        facet = "ambiguous"
    else:
        facet = "shop" if one.side == Side.ERP else "erp"
    key = {"erp_key": one.key} if one.side == Side.ERP else {"shop_key": one.key}
    row = Discrepancy(section=Section.MISSING, facet=facet, **key)
    row.code, row.label, row.ean, row.search = one.code, one.label, one.ean, one.search
    row.detail = {"unlinked": one.pk}
    return of_kind(row, Kind(one.kind))


def _duplicate_row(side: Side, column: str, item: SnapshotItem, alike: int) -> Discrepancy:
    key = {"erp_key": item.key} if side is Side.ERP else {"shop_key": item.key}
    row = _row(Section.DUPLICATE, item, f"{side}_{column}", **key)
    row.field, row.weight = "name" if column == "label" else column, Decimal(min(alike, int(LARGEST)))
    row.detail = {"value": getattr(item, column), "alike": alike}
    return row
