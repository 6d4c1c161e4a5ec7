"""How an element is recognised in a list: code, EAN, price and stock. A fixed number of queries a page."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from integrator.canonical.errors import IntegrationError
from integrator.canonical.kinds import PRODUCT_STATE_KINDS, Kind
from integrator.canonical.records import Problem, fields_of
from shops.models import ShopConnection
from syncjobs import snapshots
from syncjobs.fields import shown
from syncjobs.models import SnapshotItem
from syncjobs.models.choices import Side
from syncjobs.pairing import Offer, offer_for, promised_to_buyers
from syncjobs.setup import setup_of


@dataclass(slots=True)
class Face:
    ean: str = ""
    price: str = ""
    quantity: str = ""
    detail: str = ""
    """Reference kinds: what tells this element from its namesakes (a symbol, a percent)."""


Faces = dict[tuple[str, str], Face]


def faces(connection: ShopConnection, kind: Kind, wanted: Mapping[str, set[str]]) -> Faces:
    """By (side, key). ERP prices and stock are those this shop would get; absent while its settings are not chosen."""
    erp = getattr(connection.client, "erp", None)
    found: Faces = {}
    kinds = (kind, *PRODUCT_STATE_KINDS) if kind is Kind.PRODUCT else (kind,)
    for side, owner in ((str(Side.ERP), {"erp": erp}), (str(Side.SHOP), {"shop": connection})):
        keys = wanted.get(side) or set()
        if not keys or None in owner.values():
            continue
        offers = _offers(connection, keys) if side == Side.ERP and kind is Kind.PRODUCT else {}
        for item in SnapshotItem.objects.filter(kind__in=kinds, key__in=keys, **owner):
            _add(found.setdefault((side, item.key), Face()), item, side, offers)
    return found


def _offers(connection: ShopConnection, keys: Collection[str]) -> dict[str, Offer]:
    """How the ERP's price lists and warehouse stocks become this shop's figures. Only what is promised of the page's
    own products is looked up."""
    found: dict[str, Offer] = {}
    try:
        setup = setup_of(connection)
        for kind in PRODUCT_STATE_KINDS:
            promised = promised_to_buyers(setup, keys) if kind is Kind.STOCK else {}
            found[kind] = offer_for(setup, kind, promised)
    except IntegrationError:
        return found  # not set up yet: the list shows names and codes only
    return found


def _add(face: Face, item: SnapshotItem, side: str, offers: Mapping[str, Offer]) -> None:
    if item.kind not in PRODUCT_STATE_KINDS:
        face.ean = item.ean
        face.detail = _detail(item)
        return
    name = "price" if item.kind == Kind.PRICE else "quantity"
    record = snapshots.record_of(item)
    if side == Side.ERP:
        if item.kind not in offers:
            return
        fields = offers[item.kind](item.key, record)
    else:
        fields = fields_of(record)
    if not isinstance(fields, Problem):
        setattr(face, name, shown(name, fields.get(name)))


def _detail(item: SnapshotItem) -> str:
    record = item.record
    if item.kind == Kind.TAX_RATE:
        return shown("percent", record.get("percent"))
    if item.kind == Kind.CATEGORY:
        return " / ".join(record.get("path") or [])
    return str(record.get("name") or "") if item.kind == Kind.UNIT else ""
