"""What can be done on Shoper. Data only; limits stand where Shoper documents them or a shop was seen to hold them."""

from integrator.canonical.capabilities import Can, Capabilities, FieldSpec, Find, KindCapabilities
from integrator.canonical.kinds import Kind
from shops.connectors.base import Known, gettext_noop
from shops.connectors.shoper.rest import BATCH, PAGE

NAME_LENGTH = 255
_CHANGE = Can.READ | Can.CREATE | Can.UPDATE | Can.DELETE

CATEGORY_REMARK = gettext_noop(
    "Categories can only be fetched all again. Create or change them in the shop's panel under Products > Categories."
)
TAX_REMARK = gettext_noop(
    "VAT rates cannot be created or changed from outside. Do it in the shop's panel under Settings > Taxes."
)
IMAGE_REMARK = gettext_noop(
    "Of linked pictures only the name and the order can be updated, and the shop may keep its own order."
)
STOCK_REMARK = gettext_noop("Shoper has no mark for changed stock, so all of it is fetched each time.")

PRODUCT_FIELDS = {
    "code": FieldSpec(required=True),
    "name": FieldSpec(required=True, max_length=NAME_LENGTH, variant=False),
    "short_description": FieldSpec(html=True, variant=False),
    "description": FieldSpec(html=True, variant=False),
    "ean": FieldSpec(),
    "unit": FieldSpec(required=True, variant=False),
    "tax_rate": FieldSpec(required=True, variant=False),
    "producer": FieldSpec(variant=False),
    "category": FieldSpec(required=True, variant=False),
    "weight": FieldSpec(decimals=3),
    "active": FieldSpec(variant=False),
}


def capabilities(known: Known) -> Capabilities:
    """The setting `edit_date_trusted`: whether the shop's date of change may be relied on, which nobody documents."""
    product = _CHANGE | Can.DEACTIVATE
    if known.settings.get("edit_date_trusted"):
        product |= Can.INCREMENTAL
    figures = frozenset({Kind.PRICE, Kind.STOCK})
    return Capabilities(
        label="Shoper",
        page_size=PAGE,
        batch_size=BATCH,
        price_basis="gross",
        fractions=True,
        languages=True,
        kinds={
            Kind.UNIT: KindCapabilities(
                can=_CHANGE, fields={"symbol": FieldSpec(required=True, max_length=NAME_LENGTH)}, find=Find.LISTING
            ),
            Kind.TAX_RATE: KindCapabilities(can=Can.READ, remark=TAX_REMARK),
            Kind.PRODUCER: KindCapabilities(
                can=_CHANGE, fields={"name": FieldSpec(required=True, max_length=NAME_LENGTH)}, find=Find.NATURAL_KEY
            ),
            Kind.CATEGORY: KindCapabilities(can=Can.READ, remark=CATEGORY_REMARK),
            Kind.PRODUCT: KindCapabilities(
                can=product,
                fields=PRODUCT_FIELDS,
                delivers=figures | {Kind.GROUP},
                create_needs=(Kind.PRICE, Kind.STOCK),
                creates_variants=True,
                find=Find.NATURAL_KEY,
            ),
            Kind.GROUP: KindCapabilities(can=Can.READ),
            Kind.PRICE: KindCapabilities(
                can=Can.READ | Can.UPDATE,
                fields={"price": FieldSpec(required=True, decimals=2)},
                delivers=figures,
                remark=STOCK_REMARK,
            ),
            Kind.STOCK: KindCapabilities(
                can=Can.READ | Can.UPDATE,
                fields={"quantity": FieldSpec(required=True, decimals=3)},
                delivers=figures,
                remark=STOCK_REMARK,
            ),
            Kind.IMAGE: KindCapabilities(
                can=_CHANGE,
                fields={"name": FieldSpec(max_length=NAME_LENGTH, overlong="cut"), "position": FieldSpec(whole=True)},
                find=Find.LISTING,
                remark=IMAGE_REMARK,
            ),
        },
    )
