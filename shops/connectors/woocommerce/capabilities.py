"""What can be done on WooCommerce, by the shop's version and settings. Pure; limits are those of its tables."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal

from integrator.canonical.capabilities import Can, Capabilities, FieldSpec, Find, KindCapabilities
from integrator.canonical.kinds import Kind
from shops.connectors.base import Known, gettext_noop
from shops.connectors.woocommerce.auth import MEDIA_PASSWORD, MEDIA_USER
from shops.connectors.woocommerce.mapping import Options
from shops.connectors.woocommerce.rest import BATCH, PAGE

LABEL = "WooCommerce"
OLDEST, NEWEST = (9, 0), (10, 5)
"""Versions this connector was written for; older ones lack what it needs, newer ones are tried with a warning."""
GTIN_SINCE = (9, 2)
CODE_LENGTH = 100
"""Of a SKU, in WooCommerce's table of lookups."""
TERM_LENGTH = 200
"""Of names of categories, brands and attributes' terms, in WordPress's table."""
IMAGE_BATCH = 10
"""WordPress makes half a dozen sizes of every new picture while the caller waits."""
_CHANGE = Can.READ | Can.CREATE | Can.UPDATE | Can.DELETE

UNIT_REMARK = gettext_noop(
    "Units are terms of an attribute that products show; the setting of the connection names it."
)
UNIT_META_REMARK = gettext_noop(
    "Units are texts kept with the products and cannot be renamed: make another one and use it instead."
)
TAX_REMARK = gettext_noop(
    "VAT rates are tax classes with a rate for the shop's country. Make them in the shop's panel under "
    "WooCommerce > Settings > Tax."
)
CATEGORY_REMARK = gettext_noop(
    "Linked categories are not renamed or moved from outside. Do it in the shop's panel under Products > Categories."
)
BRAND_REMARK = gettext_noop("Producers are the shop's brands.")
ATTRIBUTE_REMARK = gettext_noop(
    "Producers are terms of an attribute that products show, because the shop has no brands or the setting says so."
)
PRODUCT_REMARK = gettext_noop(
    "Deleted products go to the shop's trash, one call each; many at once would be deleted for good."
)
PRICE_REMARK = gettext_noop(
    "The regular price is synchronised. The shop ends a running sale whose price is not below the new regular price."
)
STOCK_REMARK = gettext_noop(
    "Stock is counted in whole pieces; fractions are cut. The first quantity switches the counting of stock on."
)
IMAGE_REMARK = gettext_noop("Pictures belong to the parent of variants. A deleted picture stays in the media library.")
NO_IMAGE_REMARK = gettext_noop(
    "Pictures are only read. To send them, fill in a WordPress user with an application password in the connection's "
    "settings, or give the panel a public address."
)


def version_of(text: str) -> tuple[int, ...]:
    """`10.5.0-beta.1` -> (10, 5, 0); empty for what is no version."""
    found: list[int] = []
    for part in text.partition("-")[0].split("."):
        if not part.isdigit():
            break
        found.append(int(part))
    return tuple(found)


def options(settings: Mapping[str, Any]) -> Options:
    """The connection's settings with their defaults; an empty name means the default one."""
    default = Options()
    return Options(
        unit=str(settings.get("unit", default.unit)),
        unit_attribute=str(settings.get("unit_attribute") or default.unit_attribute),
        unit_meta=str(settings.get("unit_meta") or default.unit_meta),
        producer=str(settings.get("producer") or default.producer),
        producer_attribute=str(settings.get("producer_attribute") or default.producer_attribute),
    )


def capabilities(known: Known) -> Capabilities:
    """Before the shop was asked: what most shops can, marked as unlearnt."""
    shop = known.facts.get("shop")
    shop = shop if isinstance(shop, Mapping) else {}
    chosen = options(known.settings)
    kinds = {
        Kind.UNIT: _units(chosen),
        Kind.TAX_RATE: KindCapabilities(can=Can.READ, remark=TAX_REMARK),
        Kind.PRODUCER: _producers(chosen, shop),
        Kind.CATEGORY: KindCapabilities(
            can=Can.READ | Can.CREATE,
            fields={"path": FieldSpec(required=True, max_length=TERM_LENGTH, update=False)},
            find=Find.LISTING,
            remark=CATEGORY_REMARK,
        ),
        **_products(chosen, shop),
        Kind.IMAGE: _images(known),
    }
    return Capabilities(
        label=LABEL,
        page_size=PAGE,
        batch_size=BATCH,
        price_basis=price_basis(shop),
        fractions=False,
        unlearnt=not shop,
        kinds={kind: one for kind, one in kinds.items() if one.can},
    )


def price_basis(shop: Mapping[str, Any]) -> Literal["net", "gross"]:
    """Where no tax is reckoned at all, the price that is entered is what customers pay, whatever the other setting
    says: WooCommerce asks both."""
    return "net" if shop.get("gross") == "no" and shop.get("calc_taxes") != "no" else "gross"


def _units(chosen: Options) -> KindCapabilities:
    name = FieldSpec(required=True, max_length=TERM_LENGTH)
    if chosen.unit == "attribute":
        return KindCapabilities(can=_CHANGE, fields={"symbol": name}, find=Find.LISTING, remark=UNIT_REMARK)
    if chosen.unit == "meta":
        return KindCapabilities(
            can=Can.READ | Can.CREATE,
            fields={"symbol": replace(name, update=False)},
            find=Find.LISTING,
            remark=UNIT_META_REMARK,
        )
    return KindCapabilities(can=Can.NOTHING)


def _producers(chosen: Options, shop: Mapping[str, Any]) -> KindCapabilities:
    brands = chosen.producer == "auto" and shop.get("brands", True)
    return KindCapabilities(
        can=_CHANGE,
        fields={"name": FieldSpec(required=True, max_length=TERM_LENGTH)},
        find=Find.LISTING,
        remark=BRAND_REMARK if brands else ATTRIBUTE_REMARK,
    )


def _products(chosen: Options, shop: Mapping[str, Any]) -> dict[Kind, KindCapabilities]:
    figures = frozenset({Kind.PRICE, Kind.STOCK})
    decimals = str(shop.get("decimals", "2"))
    return {
        Kind.PRODUCT: KindCapabilities(
            can=_CHANGE | Can.DEACTIVATE | Can.INCREMENTAL,
            fields=_product_fields(chosen, shop),
            delivers=figures | {Kind.GROUP},
            create_needs=(Kind.PRICE, Kind.STOCK),
            creates_variants=True,
            find=Find.NATURAL_KEY,
            remark=PRODUCT_REMARK,
        ),
        Kind.GROUP: KindCapabilities(can=Can.READ),
        Kind.PRICE: KindCapabilities(
            can=Can.READ | Can.UPDATE,
            fields={"price": FieldSpec(required=True, decimals=int(decimals) if decimals.isdigit() else 2)},
            delivers=figures,
            answers_with_record=True,
            remark=PRICE_REMARK,
        ),
        Kind.STOCK: KindCapabilities(
            can=Can.READ | Can.UPDATE,
            fields={"quantity": FieldSpec(required=True, whole=True)},
            delivers=figures,
            answers_with_record=True,
            remark=STOCK_REMARK,
        ),
    }


def _product_fields(chosen: Options, shop: Mapping[str, Any]) -> dict[str, FieldSpec]:
    fields = {
        "code": FieldSpec(required=True, max_length=CODE_LENGTH),
        "name": FieldSpec(required=True, variant=False),
        "short_description": FieldSpec(html=True, variant=False),
        "description": FieldSpec(html=True, variant=False),
        "ean": FieldSpec(),
        "unit": FieldSpec(variant=False),
        "tax_rate": FieldSpec(required=True, variant=False),
        "producer": FieldSpec(variant=False),
        "category": FieldSpec(required=True, variant=False),
        "weight": FieldSpec(decimals=3),
        "active": FieldSpec(),
    }
    if not chosen.unit:
        del fields["unit"]
    if shop and version_of(str(shop.get("version", ""))) < GTIN_SINCE:
        del fields["ean"]
    return fields


def _images(known: Known) -> KindCapabilities:
    if not known.public and not {MEDIA_USER, MEDIA_PASSWORD} <= known.given:
        return KindCapabilities(can=Can.READ, remark=NO_IMAGE_REMARK)
    return KindCapabilities(
        can=_CHANGE,
        fields={"name": FieldSpec(), "position": FieldSpec(whole=True)},
        find=Find.LISTING,
        batch=IMAGE_BATCH,
        remark=IMAGE_REMARK,
    )
