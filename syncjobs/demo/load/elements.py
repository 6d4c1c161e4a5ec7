"""Elements of one connection: what both sides show, who is linked, what has no partner, what both changed."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from shops.models import ShopConnection
from syncjobs.demo.load.goods import code_of, ean_of, mixed, name_of, price_of
from syncjobs.demo.load.writer import fill, next_id
from syncjobs.models import Conflict, ElementMark, KindState, Link, SnapshotItem, Unlinked
from wapro.models import WaproConnection

Row = tuple[Any, ...]
REFERENCES = (("unit", 8), ("tax_rate", 5), ("producer", 200), ("category", 300))
ITEM = (
    "erp_id",
    "shop_id",
    "kind",
    "key",
    "fingerprint",
    "record",
    "code",
    "label",
    "ean",
    "search",
    "owner",
    "missed",
)
LINK = (
    "id",
    "connection_id",
    "kind",
    "erp_key",
    "shop_key",
    "image_owner",
    "state",
    "origin",
    "evidence",
    "ground",
    "linked_at",
)
STATE = ("link_id", "connection_id", "kind", "erp_seen", "shop_seen", "erp_fp", "shop_fp", "open")
ALONE = ("connection_id", "kind", "side", "key", "state", "candidates", "code", "label", "ean", "search", "since")
HELD = (
    "connection_id",
    "link_id",
    "kind",
    "field",
    "base_erp",
    "base_shop",
    "erp",
    "shop",
    "status",
    "owner",
    "lost",
    "decided_at",
    "opened_at",
)
MARK = ("connection_id", "side", "kind", "key", "mark", "reason", "at")
GROUND, NAMED = "code", "name"
"""What `EVIDENCE` amounts to of products, and of the kinds that have no code."""
EVIDENCE = json.dumps({"criterion": "code_and_name"})


@dataclass(frozen=True, slots=True)
class Lot:
    """What one connection gets: so many links, `first` of its goods' numbers, ids from `link_id` on."""

    shop: ShopConnection
    erp: WaproConnection
    links: int
    first: int
    link_id: int
    now: datetime

    @property
    def references(self) -> list[tuple[str, int]]:
        few = max(1, self.links // 200)
        return [(kind, min(count, few)) for kind, count in REFERENCES]

    @property
    def products(self) -> int:
        return (self.links - sum(count for _kind, count in self.references)) * 3 // 4

    @property
    def images(self) -> int:
        return self.links - self.products - sum(count for _kind, count in self.references)

    @property
    def alone(self) -> int:
        """Products without a partner, on each side."""
        return self.products // 40


def write(lot: Lot) -> None:
    """Everything of the lot but its history."""
    fill(SnapshotItem, ITEM, _items(lot))
    fill(Link, LINK, _links(lot))
    fill(KindState, STATE, _states(lot))
    fill(Unlinked, ALONE, _alone(lot))
    fill(Conflict, HELD, _conflicts(lot))
    ignored = (
        (lot.shop.pk, "erp", "product", code_of(_number(lot, "erp", n)), "ignored", "", lot.now)
        for n in range(0, lot.alone, 25)
    )
    fill(ElementMark, MARK, ignored)


def _items(lot: Lot) -> Iterator[Row]:
    erp, shop = lot.erp.pk, lot.shop.pk
    for n in range(lot.products):
        number = lot.first + n
        yield from _product(erp, None, code_of(number), number, n, lot)
        yield from _product(None, shop, str(number), number, n, lot)
    for n in range(lot.alone):
        number = _number(lot, "erp", n)
        yield from _product(erp, None, code_of(number), number, n, lot)
    for n in range(lot.alone):
        number = _number(lot, "shop", n)
        yield from _product(None, shop, str(number), number, n, lot)
    for n in range(lot.images):
        number = lot.first + n % max(1, lot.products)
        digest = f"{mixed(n):08x}" * 4
        for owner, key, parent in (((erp, None), f"e{n}", code_of(number)), ((None, shop), f"s{n}", str(number))):
            record = json.dumps({"name": f"{number}.jpg", "position": 1, "product": parent, "digest": digest})
            yield (
                *owner,
                "image",
                f"{lot.first}-{key}",
                digest,
                record,
                digest,
                f"{number}.jpg",
                "",
                digest,
                parent,
                0,
            )
    for kind, count in lot.references:
        for n in range(count):
            for owner, key in (((erp, None), f"{lot.shop.pk}:{n}"), ((None, shop), str(n))):
                told, name = _reference(kind, n)
                yield (*owner, kind, key, f"{n:032x}", json.dumps(told), name, name, "", name.lower(), "", 0)


def _number(lot: Lot, side: str, n: int) -> int:
    """Goods without a partner: of every other pair of numbers both sides speak of one article that was not linked."""
    base = lot.first + lot.products
    return base + n if side == "erp" or n % 2 == 0 else base + lot.alone + n


def _reference(kind: str, n: int) -> tuple[dict[str, Any], str]:
    name = f"{kind} {n}"
    shapes: dict[str, dict[str, Any]] = {
        "unit": {"symbol": f"u{n}", "name": name},
        "tax_rate": {"code": str(n), "percent": str(n)},
        "producer": {"name": name},
        "category": {"path": [f"Dział {n % 20}", name]},
    }
    return shapes[kind], name


def _product(erp: int | None, shop: int | None, key: str, number: int, n: int, lot: Lot) -> Iterator[Row]:
    """A product of one side with its price and stock."""
    name, folded = name_of(number)
    code, ean, grosze, print_ = code_of(number), ean_of(number), price_of(number), f"{mixed(number):032x}"
    units = dict(lot.references)
    prefix = f"{lot.shop.pk}:" if erp else ""
    record = {
        "code": code, "name": name, "ean": ean, "unit": f"{prefix}{n % units['unit']}",
        "tax_rate": f"{prefix}{n % units['tax_rate']}", "category": f"{prefix}{n % units['category']}",
        "producer": f"{prefix}{n % units['producer']}",
    }  # fmt: skip
    search = f"{code.lower()} {folded} {ean}"
    yield erp, shop, "product", key, print_, json.dumps(record), code, name, ean, search, "", 0
    gross, stock = f"{grosze / 100:.2f}", str(mixed(number + 3) % 400)
    if erp:
        entry = {"price_type": "A", "net": f"{grosze / 123:.2f}", "gross": gross}
        price: dict[str, Any] = {"entries": [entry], "tax_percent": "23"}
        held: dict[str, Any] = {"rows": [{"warehouse": "1", "on_hand": stock}]}
    else:
        price, held = {"price": gross}, {"quantity": stock}
    yield erp, shop, "price", key, print_, json.dumps(price), "", "", "", "", "", 0
    yield erp, shop, "stock", key, print_, json.dumps(held), "", "", "", "", "", 0


def _links(lot: Lot) -> Iterator[Row]:
    shop, pk = lot.shop.pk, lot.link_id
    for n in range(lot.products):
        number = lot.first + n
        state = "linked" if n % 500 else ("erp_gone", "shop_gone", "both_gone")[n // 500 % 3]
        origin = ("rule", "rule", "rule", "suggestion", "person", "created")[mixed(n) % 6]
        at = lot.now - timedelta(minutes=mixed(n) % 500_000)
        yield pk, shop, "product", code_of(number), str(number), str(number), state, origin, EVIDENCE, GROUND, at
        pk += 1
    for n in range(lot.images):
        yield pk, shop, "image", f"{lot.first}-e{n}", f"{lot.first}-s{n}", "", "linked", "rule", "{}", "", lot.now
        pk += 1
    for kind, count in lot.references:
        for n in range(count):
            yield pk, shop, kind, f"{shop}:{n}", str(n), "", "linked", "rule", EVIDENCE, NAMED, lot.now
            pk += 1


def _states(lot: Lot) -> Iterator[Row]:
    shop, pk = lot.shop.pk, lot.link_id
    for n in range(lot.products):
        number = lot.first + n
        print_ = f"{mixed(number):032x}"
        name = json.dumps({"name": name_of(number)[0]})
        price, stock = f'{{"price": "{price_of(number) / 100:.2f}"}}', f'{{"quantity": "{mixed(number + 3) % 400}"}}'
        for kind, seen in (("product", name), ("price", price), ("stock", stock)):
            yield pk, shop, kind, seen, seen, print_, print_, n % 200 == 0
        pk += 1
    rest = [("image", lot.images), *lot.references]
    for kind, count in rest:
        for _n in range(count):
            yield pk, shop, kind, "{}", "{}", "", "", False
            pk += 1


def _alone(lot: Lot) -> Iterator[Row]:
    for side in ("erp", "shop"):
        for n in range(lot.alone):
            number = _number(lot, side, n)
            key = code_of(number) if side == "erp" else str(number)
            name, folded = name_of(number)
            state = "ignored" if n % 25 == 0 else "ambiguous" if n % 50 == 1 else "unlinked"
            other = "shop" if side == "erp" else "erp"
            near = [_number(lot, other, place) for place in (n, max(0, n - 1))]
            keys = [str(one) if side == "erp" else code_of(one) for one in near] if state == "ambiguous" else []
            search = f"{code_of(number).lower()} {folded} {ean_of(number)}"
            since = lot.now - timedelta(minutes=mixed(n) % 90_000)
            told = (json.dumps(keys), code_of(number), name, ean_of(number), search, since)
            yield lot.shop.pk, "product", side, key, state, *told


def _conflicts(lot: Lot) -> Iterator[Row]:
    """Some two thousand open ones at most, and ten times as many decided."""
    for n in range(min(lot.products // 8, 22_000)):
        kind, field = (("product", "name"), ("product", "description"), ("price", "price"))[n % 3]
        before = json.dumps(f"{n}.00" if field == "price" else f"Opis {n} sprzed zmiany")
        left = json.dumps(f"{n + 2}.00" if field == "price" else f"Opis {n} nowy z WAPRO")
        right = json.dumps(f"{n + 1}.00" if field == "price" else f"Opis {n} poprawiony w sklepie")
        opened = lot.now - timedelta(minutes=n * 7 + 5)
        open_ = n % 11 == 0
        decided = (None, None) if open_ else (right, opened + timedelta(minutes=30))
        ended = ("open", "") if open_ else ("closed", ("erp", "shop")[n % 2])
        told = (before, before, left, right, *ended, *decided, opened)
        yield lot.shop.pk, lot.link_id + (n * 8) % lot.products, kind, field, *told


def first_link() -> int:
    return next_id(Link)
