"""What can be done on PrestaShop, by what the shop said of itself. Data only."""

from collections.abc import Mapping

from integrator.canonical.capabilities import Can, Capabilities, FieldSpec, Find, KindCapabilities
from integrator.canonical.kinds import Kind
from shops.connectors.base import Known, gettext_noop
from shops.connectors.prestashop.mapping import kilograms_of, metric
from shops.connectors.prestashop.pricing import PLACES

NAME_LENGTH = 128
NAME_REFUSES, NAME_REFUSES_TO_8 = "<>{}", "<>;=#{}"
"""Version 9 takes more characters in names than the ones before; codes have a rule of their own."""
CODE_REFUSES = "<>;={}"
CODE_LENGTH = 64
PRODUCER_LENGTH = 64
PAGE = 100
BATCH = 25
"""Products of one write: PHP is given 30 seconds, and firewalls of cheap hosts limit bodies."""
STOCK_BATCH = 200
_CHANGE = Can.READ | Can.CREATE | Can.UPDATE | Can.DELETE

TAX_REMARK = gettext_noop(
    "VAT rates are the shop's groups of tax rules, with the rate of its own country. Make them in the shop's panel "
    "under International > Taxes > Tax Rules."
)
CATEGORY_REMARK = gettext_noop(
    "Categories can be fetched and created, those of the top level under the shop's home category. Rename, move or "
    "delete them in the shop's panel under Catalog > Categories."
)
PRODUCT_REMARK = gettext_noop(
    "A single combination cannot be hidden, only its whole product. Texts are written in the shop's default language, "
    "the other languages keep theirs."
)
PRICE_REMARK = gettext_noop(
    "The regular price is read and written. Promotions and price lists for groups of customers (specific prices) and "
    "the purchase price stay as they are. PrestaShop has no mark for changed prices of combinations, so all are "
    "fetched each time."
)
STOCK_REMARK = gettext_noop(
    "Stock is a whole number. PrestaShop has no mark for changed stock, so all of it is fetched each time."
)
IMAGE_REMARK = gettext_noop(
    "Pictures have no name here. Of linked pictures only the main one can be chosen; the order of the others is the "
    "shop's own."
)
SEVERAL_REMARK = gettext_noop(
    "This PrestaShop holds several shops, which Integrator does not write to yet: it only shows what is there."
)


def product_fields(weight_places: int = PLACES, refused: str = NAME_REFUSES) -> dict[str, FieldSpec]:
    return {
        "code": FieldSpec(required=True, max_length=CODE_LENGTH, refused=CODE_REFUSES),
        "name": FieldSpec(required=True, max_length=NAME_LENGTH, variant=False, refused=refused),
        "short_description": FieldSpec(html=True, variant=False),
        "description": FieldSpec(html=True, variant=False),
        "ean": FieldSpec(),
        "tax_rate": FieldSpec(required=True, variant=False),
        "producer": FieldSpec(variant=False),
        "category": FieldSpec(required=True, variant=False),
        "weight": FieldSpec(decimals=weight_places),
        "active": FieldSpec(variant=False),
    }


def capabilities(known: Known) -> Capabilities:
    """Settings `prices` (gross or net) and `edit_date_trusted`. A PrestaShop of several shops is only read."""
    shop: Mapping[str, object] = known.facts.get("shop") or {}
    gross = known.settings.get("prices") != "net"
    weights = PLACES if metric(kilograms_of(str(shop.get("weight", "kg")))) else 3
    refused = NAME_REFUSES if str(shop.get("version", "")).startswith("9") else NAME_REFUSES_TO_8
    dated = bool(known.settings.get("edit_date_trusted"))
    kinds = _kinds(gross=gross, dated=dated, weight_places=weights, refused=refused)
    shops = shop.get("shops") or []
    if isinstance(shops, list) and len(shops) > 1:
        kinds = {kind: _only_read(one) for kind, one in kinds.items()}
    return Capabilities(
        label="PrestaShop",
        page_size=PAGE,
        batch_size=BATCH,
        price_basis="gross" if gross else "net",
        fractions=False,
        languages=True,
        unlearnt=not shop,
        kinds=kinds,
    )


def _kinds(*, gross: bool, dated: bool, weight_places: int, refused: str) -> dict[Kind, KindCapabilities]:
    product = _CHANGE | Can.DEACTIVATE | (Can.INCREMENTAL if dated else Can.NOTHING)
    return {
        Kind.TAX_RATE: KindCapabilities(can=Can.READ, remark=TAX_REMARK),
        Kind.PRODUCER: KindCapabilities(
            can=_CHANGE,
            fields={"name": FieldSpec(required=True, max_length=PRODUCER_LENGTH, refused=refused)},
            find=Find.NATURAL_KEY,
        ),
        Kind.CATEGORY: KindCapabilities(
            can=Can.READ | Can.CREATE,
            fields={"path": FieldSpec(required=True, update=False)},
            find=Find.NATURAL_KEY,
            remark=CATEGORY_REMARK,
        ),
        Kind.PRODUCT: KindCapabilities(
            can=product,
            fields=product_fields(weight_places, refused),
            delivers=frozenset({Kind.GROUP, Kind.PRICE, Kind.STOCK}),
            create_needs=(Kind.PRICE, Kind.STOCK),
            creates_variants=True,
            find=Find.NATURAL_KEY,
            remark=PRODUCT_REMARK,
        ),
        Kind.GROUP: KindCapabilities(can=Can.READ),
        Kind.PRICE: KindCapabilities(
            can=Can.READ | Can.UPDATE,
            fields={"price": FieldSpec(required=True, decimals=2 if gross else PLACES)},
            remark=PRICE_REMARK,
        ),
        Kind.STOCK: KindCapabilities(
            can=Can.READ | Can.UPDATE,
            fields={"quantity": FieldSpec(required=True, whole=True)},
            batch=STOCK_BATCH,
            remark=STOCK_REMARK,
        ),
        Kind.IMAGE: KindCapabilities(
            can=_CHANGE,
            fields={"position": FieldSpec(whole=True)},
            find=Find.LISTING,
            remark=IMAGE_REMARK,
        ),
    }


def _only_read(one: KindCapabilities) -> KindCapabilities:
    return KindCapabilities(
        can=one.can & (Can.READ | Can.INCREMENTAL), fields={}, delivers=one.delivers, remark=SEVERAL_REMARK
    )
