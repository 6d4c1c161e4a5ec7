"""The resources of the simulated Webservice: their fields, associations and methods."""

from dataclasses import dataclass
from functools import lru_cache

from shops.connectors.prestashop.simulator import catalog, office, sales
from shops.connectors.prestashop.simulator.fields import Field

READ = ("GET", "HEAD")
METHODS = ("GET", "PUT", "POST", "PATCH", "DELETE", "HEAD")


@dataclass(frozen=True)
class Association:
    """A list inside an entity: `name` is its element, `node` that of a member, `api` the resource it links to."""

    name: str
    node: str
    api: str
    fields: tuple[str, ...] = ("id",)
    writable: bool = False
    """Whether a list that is sent replaces the kept one; others are ignored."""


@dataclass(frozen=True, eq=False)
class Resource:
    name: str
    node: str
    model: str
    """The PHP class, named by messages."""
    fields: tuple[Field, ...]
    description: str
    associations: tuple[Association, ...] = ()
    forbidden: tuple[str, ...] = ()
    """Methods that no key may use: error 101."""

    def shown(self, major: int) -> dict[str, Field]:
        """The fields that this major version has, by name."""
        return _shown(self, major)

    def association(self, name: str) -> Association | None:
        return next((found for found in self.associations if found.name == name), None)

    @property
    def dated(self) -> bool:
        return any(field.name == "date_upd" for field in self.fields)


@lru_cache(maxsize=256)
def _shown(resource: Resource, major: int) -> dict[str, Field]:
    fields = {"id": Field("id", "int", "isUnsignedId")}
    return fields | {field.name: field for field in resource.fields if field.since <= major < field.until}


_PRODUCT_LISTS = (
    Association("categories", "category", "categories", writable=True),
    Association("images", "image", "images"),
    Association("combinations", "combination", "combinations", writable=True),
    Association("product_option_values", "product_option_value", "product_option_values"),
    Association("product_features", "product_feature", "product_features", ("id", "id_feature_value"), True),
    Association("tags", "tag", "tags", writable=True),
    Association("stock_availables", "stock_available", "stock_availables", ("id", "id_product_attribute")),
    Association("attachments", "attachment", "attachments", writable=True),
    Association("accessories", "product", "products", writable=True),
    Association("product_bundle", "product", "products", ("id", "id_product_attribute", "quantity"), True),
)
_ORDER_ROW = (
    "id", "product_id", "product_attribute_id", "product_quantity", "product_name", "product_reference",
    "product_ean13", "product_isbn", "product_upc", "product_price", "id_customization", "unit_price_tax_incl",
    "unit_price_tax_excl",
)  # fmt: skip

RESOURCES: dict[str, Resource] = {
    resource.name: resource
    for resource in (
        Resource("addresses", "address", "Address", sales.ADDRESS, "The Customer, Brand and Customer addresses"),
        Resource("carriers", "carrier", "Carrier", sales.CARRIER, "The Carriers"),
        Resource(
            "categories",
            "category",
            "Category",
            catalog.CATEGORY,
            "The product categories",
            (Association("categories", "category", "categories"), Association("products", "product", "products")),
        ),
        Resource(
            "combinations",
            "combination",
            "Combination",
            catalog.COMBINATION,
            "The product combinations",
            (
                Association("product_option_values", "product_option_value", "product_option_values", writable=True),
                Association("images", "image", "images", writable=True),
            ),
        ),
        Resource("configurations", "configuration", "Configuration", office.CONFIGURATION, "Shop configuration"),
        Resource("countries", "country", "Country", office.COUNTRY, "The countries"),
        Resource("currencies", "currency", "Currency", office.CURRENCY, "The currencies"),
        Resource("customers", "customer", "Customer", sales.CUSTOMER, "The e-shop's customers"),
        Resource("languages", "language", "Language", office.LANGUAGE, "Shop languages"),
        Resource(
            "manufacturers",
            "manufacturer",
            "Manufacturer",
            catalog.MANUFACTURER,
            "The product brands",
            (Association("addresses", "address", "addresses"),),
        ),
        Resource("messages", "message", "Message", sales.MESSAGE, "The Messages"),
        Resource("order_carriers", "order_carrier", "OrderCarrier", sales.ORDER_CARRIER, "The Order carriers"),
        Resource("order_cart_rules", "order_cart_rule", "OrderCartRule", sales.ORDER_CART_RULE, "The Order cart rules"),
        Resource(
            "order_details",
            "order_detail",
            "OrderDetail",
            sales.ORDER_DETAIL,
            "Details of an order",
            (Association("taxes", "tax", "taxes"),),
        ),
        Resource("order_histories", "order_history", "OrderHistory", sales.ORDER_HISTORY, "The Order histories"),
        Resource("order_payments", "order_payment", "OrderPayment", sales.ORDER_PAYMENT, "The Order payments"),
        Resource("order_states", "order_state", "OrderState", office.ORDER_STATE, "The Order statuses"),
        Resource(
            "orders",
            "order",
            "Order",
            office.ORDER,
            "The Customers orders",
            (Association("order_rows", "order_row", "", _ORDER_ROW),),
        ),
        Resource(
            "product_option_values",
            "product_option_value",
            "ProductAttribute",
            catalog.OPTION_VALUE,
            "The product options value",
        ),
        Resource(
            "product_options",
            "product_option",
            "AttributeGroup",
            catalog.OPTION,
            "The product options",
            (Association("product_option_values", "product_option_value", "product_option_values"),),
        ),
        Resource("products", "product", "Product", catalog.PRODUCT, "The products", _PRODUCT_LISTS),
        Resource("shops", "shop", "Shop", office.SHOP, "Shops from multi-shop feature"),
        Resource(
            "specific_prices",
            "specific_price",
            "SpecificPrice",
            catalog.SPECIFIC_PRICE,
            "Specific price management",
        ),
        Resource(
            "stock_availables",
            "stock_available",
            "StockAvailable",
            catalog.STOCK,
            "Available quantities",
            forbidden=("POST", "DELETE"),
        ),
        Resource("tax_rule_groups", "tax_rule_group", "TaxRulesGroup", catalog.TAX_RULE_GROUP, "Tax rule groups"),
        Resource("tax_rules", "tax_rule", "TaxRule", catalog.TAX_RULE, "Tax rules entity"),
        Resource("taxes", "tax", "Tax", catalog.TAX, "The tax rate"),
    )
}
IMAGES = "images"
NAMES = tuple(sorted([*RESOURCES, IMAGES]))
"""Every resource a key may be granted, images among them, which have no fields of their own."""
