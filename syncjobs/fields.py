"""Fields of elements as people see them: their names, and their values in the reader's way of writing."""

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrator.canonical.kinds import REFERENCE_FIELDS, Kind
from integrator.canonical.records import FieldValue
from syncjobs.models import SnapshotItem
from syncjobs.models.choices import KindName, Side

FIELD_LABELS = {
    "code": gettext_lazy("code"),
    "name": gettext_lazy("name"),
    "short_description": gettext_lazy("short description"),
    "description": gettext_lazy("description"),
    "ean": gettext_lazy("EAN"),
    "unit": gettext_lazy("unit of measure"),
    "tax_rate": gettext_lazy("VAT rate"),
    "producer": gettext_lazy("producer"),
    "category": gettext_lazy("category"),
    "weight": gettext_lazy("weight"),
    "active": gettext_lazy("visible"),
    "symbol": gettext_lazy("abbreviation"),
    "percent": gettext_lazy("percent"),
    "path": gettext_lazy("path"),
    "position": gettext_lazy("position"),
    "price": gettext_lazy("price"),
    "quantity": gettext_lazy("quantity"),
    "currency": gettext_lazy("currency"),
    "content": gettext_lazy("file of the picture"),
}
RESOURCES = {
    "categories": gettext_lazy("categories"),
    "categories-tree": gettext_lazy("tree of categories"),
    "options": gettext_lazy("options of variants"),
    "option-groups": gettext_lazy("groups of options"),
    "option-values": gettext_lazy("values of options"),
    "order-products": gettext_lazy("lines of orders"),
    "orders": gettext_lazy("orders"),
    "parcels": gettext_lazy("parcels"),
    "payments": gettext_lazy("ways of payment"),
    "producers": gettext_lazy("producers"),
    "product-images": gettext_lazy("images of products"),
    "product-stocks": gettext_lazy("stock and variants"),
    "products": gettext_lazy("products"),
    "products/attributes": gettext_lazy("attributes"),
    "products/categories": gettext_lazy("categories"),
    "shippings": gettext_lazy("ways of delivery"),
    "statuses": gettext_lazy("statuses of orders"),
    "taxes": gettext_lazy("tax rates"),
    "units": gettext_lazy("units"),
}
"""What a shop's user may read or write, as shops' interfaces name it."""
MONO = frozenset({"code", "ean"})
NUMBERS = frozenset({"price", "quantity", "weight", "percent", "position"})
_WITH_POINT = re.compile(r"-?[0-9]+\.[0-9]+")
_SUFFIX = {"price": " zł", "weight": " kg", "percent": " %"}

References = Mapping[tuple[str, str, str], str]
"""(side, kind, key) -> label of the element a reference field points to."""


def field_label(name: str) -> str:
    """The field's name on screen; an unknown one (a connector's own) is shown as it is."""
    return str(FIELD_LABELS.get(name, name.replace("_", " ")))


def kind_label(kind: str) -> str:
    return str(KindName(kind).label) if kind in KindName.values else kind


def resource_label(name: str) -> str:
    """A resource of a shop on screen; an unknown one (tables, say) is shown as it is."""
    return str(RESOURCES.get(name, name))


def shown(name: str, value: FieldValue, side: str = "", references: References | None = None) -> str:
    """A stored value in the reader's words: `1234.5` of a price becomes `1 234,50 zł`, a category's key its name."""
    if value is None or value == "" or value == []:
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return " / ".join(value)
    if name in NUMBERS:
        return _number(name, str(value))
    if name in REFERENCE_FIELDS and references is not None:
        return references.get((side, str(REFERENCE_FIELDS[name]), str(value))) or f"#{value}"
    return str(value)


def money(value: object) -> str:
    """An amount as people read it: 1 234,50."""
    try:
        return number_format(Decimal(str(value)), decimal_pos=2, use_l10n=True, force_grouping=True)
    except InvalidOperation:
        return str(value)


def written(value: object) -> str:
    """A number as code writes it (`1234.5`) in the reader's way of writing; any other text as it is."""
    text = str(value)
    if not _WITH_POINT.fullmatch(text):
        return text
    places = len(text.rpartition(".")[2])
    return number_format(Decimal(text), decimal_pos=places, use_l10n=True, force_grouping=True)


def _number(name: str, value: str) -> str:
    try:
        number = Decimal(value)
    except InvalidOperation:
        return value
    places = 2 if name == "price" else None
    text = number_format(number, decimal_pos=places, use_l10n=True, force_grouping=True)
    return text + _SUFFIX.get(name, "")


def references_of(
    erp_id: int | None, shop_id: int, wanted: Iterable[tuple[str, str, FieldValue]]
) -> dict[tuple[str, str, str], str]:
    """Labels of everything that reference fields of a page point to, in at most two queries.

    `wanted` holds (side, field name, value); other fields than references are passed over.
    """
    keys: dict[str, set[str]] = {str(Side.ERP): set(), str(Side.SHOP): set()}
    for side, name, value in wanted:
        if name in REFERENCE_FIELDS and isinstance(value, str) and value and side in keys:
            keys[side].add(value)
    found: dict[tuple[str, str, str], str] = {}
    kinds = [str(kind) for kind in REFERENCE_FIELDS.values()]
    for side, owner in ((Side.ERP, {"erp_id": erp_id}), (Side.SHOP, {"shop_id": shop_id})):
        if not keys[side] or None in owner.values():
            continue
        items = SnapshotItem.objects.filter(kind__in=kinds, key__in=keys[side], **owner)
        for kind, key, label, code in items.values_list("kind", "key", "label", "code"):
            found[str(side), kind, key] = label or code or key
    return found


def product_kind(kind: str) -> str:
    """The kind whose element carries the link: prices and stock hang on the product's."""
    return str(Kind.PRODUCT) if kind in (Kind.PRICE, Kind.STOCK) else kind
