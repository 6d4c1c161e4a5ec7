"""What the shop offers: one entry per resource with its key, the methods it takes and the keys it filters by."""

from dataclasses import dataclass

READ = frozenset({"GET", "HEAD"})
ALL = READ | {"POST", "PUT", "DELETE"}


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


TEXT_FIELDS = _words(
    "name code ean pkwiu add_date edit_date date web locale description short_description seo_title value class type "
    "color engine unic_name extension tags rate_date status_date send_date email notes_priv shipping_code"
)
"""Last parts of filter keys that compare as text; everything else compares as a number."""

_STOCK = _words(
    "stock_id extended price price_type price_buying stock package warn_level sold weight weight_type active default "
    "product_id availability_id delivery_id gfx_id code ean price_wholesale price_special"
)


@dataclass(frozen=True)
class Resource:
    name: str
    key: str
    methods: frozenset[str]
    filters: frozenset[str]
    """Keys that lists filter and sort by. Shoper answers 404 for any other."""
    brackets: bool = True
    """Whether `filters[field]=value` works; on product-images Shoper answers 500."""


def _resource(
    name: str, key: str, filters: str, methods: frozenset[str] = ALL, texts: str = "", brackets: bool = True
) -> Resource:
    keys = {key, *filters.split()} | {f"translations.{text}" for text in texts.split()}
    return Resource(name, key, methods, frozenset(keys), brackets)


_PRODUCT = (
    "producer_id group_id tax_id unit_id add_date edit_date other_price pkwiu type currency_id in_loyalty bestseller "
    "newproduct category_tree_id tags tag_id collections "
) + " ".join(f"stock.{name}" for name in _STOCK)
_ORDER = (
    "user_id date status_date status_id sum paid email payment_id shipping_id currency_id origin confirm notes_priv"
)

RESOURCES: dict[str, Resource] = {
    resource.name: resource
    for resource in (
        _resource("units", "unit_id", "floating_point", texts="name"),
        _resource("categories", "category_id", "order root in_loyalty", texts="name active"),
        _resource("producers", "producer_id", "name web isdefault in_loyalty", texts="description"),
        Resource("taxes", "tax_id", READ, frozenset()),
        _resource("products", "product_id", _PRODUCT, texts="name short_description description active seo_title"),
        _resource("product-stocks", "stock_id", " ".join(_STOCK)),
        _resource(
            "product-images", "gfx_id", "product_id order hidden main name unic_name", texts="name", brackets=False
        ),
        _resource("option-groups", "group_id", "filters", texts="name"),
        _resource("options", "option_id", "group_id order type required stock", texts="name"),
        _resource("option-values", "ovalue_id", "option_id order color", texts="value"),
        _resource("currencies", "currency_id", "name active default order", READ),
        _resource("languages", "lang_id", "locale currency_id active order", READ | {"POST"}),
        _resource("statuses", "status_id", "type active default order", READ, texts="name"),
        _resource("payments", "payment_id", "name visible install order", READ, texts="title"),
        _resource("shippings", "shipping_id", "name engine visible active order", READ, texts="name"),
        _resource("orders", "order_id", _ORDER, READ | {"PUT", "DELETE"}),
        _resource("order-products", "id", "order_id product_id stock_id code ean quantity", READ),
        _resource("parcels", "parcel_id", "order_id shipping_id shipping_code sent send_date", READ | {"POST", "PUT"}),
        Resource("webhooks", "webhook_id", ALL, frozenset()),
    )
}


def canonical_path(resource: Resource, path: str) -> str | None:
    """The filter key in its shortest spelling, or None when Shoper does not filter by it.

    `translation.pl_PL.name`, `translations.pl_PL.name` and `translations.name` mean the same field; the locale is kept.
    """
    parts = path.split(".")
    if parts[0] in ("translation", "translations") and len(parts) in (2, 3):
        if f"translations.{parts[-1]}" not in resource.filters:
            return None
        return ".".join(["translations", *parts[1:]])
    return path if path in resource.filters else None
